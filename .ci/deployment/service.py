"""Whether what was deployed is what is in service."""

from collections.abc import Mapping
from typing import Any

#: The alias that Slack's requests, the schedule and the bot all go through.
ALIAS = "live"


def differences(lambda_client: Any, function_name: str, expected: Mapping[str, str | None]) -> list[str]:
    """What differs between the environment of a function's live alias and the expected one, a line for each variable.

    A variable expected as None may have any value but an empty one. Values are settings, not secrets, and are told.
    """
    configuration = lambda_client.get_function_configuration(FunctionName=function_name, Qualifier=ALIAS)
    actual: dict[str, str] = configuration.get("Environment", {}).get("Variables", {})
    lines = []
    for name, value in expected.items():
        if name not in actual:
            lines.append(f"{function_name}: {name} is not set")
        elif value is None and not actual[name]:
            lines.append(f"{function_name}: {name} is empty")
        elif value is not None and actual[name] != value:
            lines.append(f"{function_name}: {name} is {actual[name]!r}, not {value!r}")
    lines.extend(
        f"{function_name}: {name} is set, and the template knows nothing of it"
        for name in actual.keys() - expected.keys()
    )
    return lines
