"""What template.yaml asks of a deployer, and what it makes of the answers."""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import yaml
from samtranslator.yaml_helper import intrinsics_multi_constructor

from orchestrator.domain.environment import SettingsError
from orchestrator.domain.settings import BotSettings, OrchestratorSettings

#: Computed by the deployment itself, never given.
COMPUTED = "ReleaseId"

#: What only a deployed stack knows, for measuring and testing without one.
MADE_UP = {
    "SLACK_SECRET_ID": "arn:aws:secretsmanager:us-west-2:111122223333:secret:slack",
    "REPORT_BUCKET": "records",
    "ORCHESTRATOR_ARN": "arn:aws:lambda:us-west-2:111122223333:function:cleaner-orchestrator:live",
    "OWN_FUNCTIONS": "cleaner-orchestrator,cleaner-bot",
    "SCHEDULE_NAME": "cleaner/cleaner-scan",
}

#: How each function reads its environment when it starts.
READERS = {"Bot": BotSettings.from_environ, "Orchestrator": OrchestratorSettings.from_environ}

#: Lambda's limit on all variables of a function together, in bytes.
LARGEST_ENVIRONMENT = 4096

_NUMBER = re.compile(r"\d+(\.\d+)?")


class UnusableParametersError(Exception):
    """The parameters can not be deployed; the message names everything that is wrong with them."""


class Template(NamedTuple):
    """A SAM template as plain mappings, short intrinsics written out."""

    parameters: dict[str, dict[str, Any]]
    mappings: dict[str, Any]
    globals: dict[str, Any]
    resources: dict[str, dict[str, Any]]

    @property
    def functions(self) -> list[str]:
        """Logical ids of the Lambda functions."""
        return [name for name, it in self.resources.items() if it["Type"] == "AWS::Serverless::Function"]


class _Loader(yaml.CSafeLoader):
    """Writes short intrinsics out as SAM does, in a tenth of the time that SAM's own reader takes."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def read_yaml(path: Path) -> dict[str, Any]:
    """A template as written, short intrinsics written out."""
    return cast("dict[str, Any]", yaml.load(path.read_text(), _Loader))  # noqa: S506 - safe: of the safe loader


def read_template(path: Path) -> Template:
    """Read a SAM template from a YAML file."""
    raw = read_yaml(path)
    return Template(raw["Parameters"], raw["Mappings"], raw.get("Globals", {}), raw["Resources"])


def complete(template: Template, given: Mapping[str, str]) -> dict[str, str]:
    """Every parameter's value, given or by default, except the computed one.

    Raises `UnusableParametersError` naming every parameter that is unknown, missing or impossible, and all
    that the functions would refuse at their start, so that nothing is built or called before all of it is right.
    """
    faults = [f"{name}: no such parameter" for name in given if name not in template.parameters or name == COMPUTED]
    values: dict[str, str] = {}
    for name, parameter in template.parameters.items():
        if name == COMPUTED:
            continue
        if name not in given and "Default" not in parameter:
            faults.append(f"{name}: must be given. {parameter['Description']}")
            continue
        values[name] = given.get(name, str(parameter.get("Default")))
        faults += filter(None, [fault(template, name, values[name])])
    if not faults:
        faults = [*_refused_by_aws(template, values), *_refused_at_start(template, values)]
    if faults:
        raise UnusableParametersError("These parameters can not be deployed:\n" + "\n".join(f"- {it}" for it in faults))
    return values


def fault(template: Template, name: str, value: str) -> str | None:
    """What is wrong with one parameter's value in itself; None where nothing is."""
    parameter = template.parameters[name]
    return None if _allows(parameter, value) else f"{name}: {value!r} is not possible. {_expectation(parameter)}"


def environment(template: Template, function: str, values: Mapping[str, str]) -> dict[str, str | None]:
    """The environment a function gets from these parameter values; None stands for what only the stack knows."""
    return {name: _resolve(template, value, values) for name, value in _variables(template, function).items()}


def made_up_environment(template: Template, function: str, given: Mapping[str, str]) -> dict[str, str]:
    """The environment a function of some deployed stack would run with."""
    return _made_up(template, function, complete(template, given))


def _made_up(template: Template, function: str, values: Mapping[str, str]) -> dict[str, str]:
    expected = environment(template, function, {**values, COMPUTED: "0123456789abcdef"})
    return {name: MADE_UP[name] if value is None else value for name, value in expected.items()}


def _allows(parameter: Mapping[str, Any], value: str) -> bool:
    parts = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
    if "AllowedPattern" in parameter and not all(re.fullmatch(parameter["AllowedPattern"], part) for part in parts):
        return False
    if "AllowedValues" in parameter and value not in [str(it) for it in parameter["AllowedValues"]]:
        return False
    if parameter["Type"] == "Number":
        return bool(_NUMBER.fullmatch(value)) and (
            parameter.get("MinValue", -math.inf) <= float(value) <= parameter.get("MaxValue", math.inf)
        )
    return True


def _expectation(parameter: Mapping[str, Any]) -> str:
    if "AllowedValues" in parameter:
        return "One of: " + ", ".join(str(it) for it in parameter["AllowedValues"])
    if "ConstraintDescription" in parameter:
        return f"It must be {parameter['ConstraintDescription']}"
    return f"It must be a number from {parameter['MinValue']} to {parameter['MaxValue']}"


def _refused_by_aws(template: Template, values: Mapping[str, str]) -> list[str]:
    """What only AWS would refuse, and late: the functions would have nothing against it."""
    faults = []
    if bool(values["SubnetIds"]) != bool(values["SecurityGroupIds"]):
        faults.append("SubnetIds and SecurityGroupIds: either both are given or neither")
    for function in template.functions:
        size = sum(len(f"{name}{value}".encode()) for name, value in _made_up(template, function, values).items())
        if size > LARGEST_ENVIRONMENT:
            faults.append(
                f"{function}: its settings come to about {size} bytes, and Lambda takes {LARGEST_ENVIRONMENT}; shorten "
                "TargetAccounts (names are optional), Owners or Approvers (a user group is one entry)"
            )
    return faults


def _refused_at_start(template: Template, values: Mapping[str, str]) -> list[str]:
    """What the functions refuse of the environment that these parameters make, said of the parameters, each once."""
    faults: dict[str, None] = {}
    for function, read in READERS.items():
        try:
            read(_made_up(template, function, values))
        except SettingsError as error:
            faults |= dict.fromkeys(_of_parameters(template, function, problem) for problem in error.problems)
    return list(faults)


def _of_parameters(template: Template, function: str, problem: str) -> str:
    """A problem with variables as one with the parameters that set them."""
    for name, value in _variables(template, function).items():
        match value:
            case {"Ref": str(parameter)} | {"Fn::Join": [_, {"Ref": str(parameter)}]}:
                problem = re.sub(rf"\b{name}\b", parameter, problem)
    return problem


def _variables(template: Template, function: str) -> dict[str, Any]:
    """A function's variables as the template sets them."""
    own = template.resources[function]["Properties"].get("Environment", {}).get("Variables", {})
    return {**template.globals.get("Function", {}).get("Environment", {}).get("Variables", {}), **own}


def _resolve(template: Template, value: Any, values: Mapping[str, str]) -> str | None:
    match value:
        case {"Ref": str(name)}:
            return values.get(name)
        case {"Fn::Join": [str(separator), {"Ref": str(name)}]} if name in values:
            return separator.join(values[name].split(","))
        case {"Fn::FindInMap": [str(mapping), {"Ref": str(name)}, str(key)]}:
            return str(template.mappings[mapping][values[name]][key])
        case str() | int():
            return str(value)
        case _:
            return None
