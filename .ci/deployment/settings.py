"""What samconfig.toml says, and asking for it where there is none yet."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deployment.template import Template, fault

SETTINGS = Path("samconfig.toml")
EXAMPLE = Path("docs/samconfig.example.toml")
# CloudFormation's rule, and short enough for a function's name of 64 characters that ends in -orchestrator.
STACK_NAME = "[A-Za-z][A-Za-z0-9-]{0,50}"

#: What has no sensible default, in the order it is asked.
QUESTIONS = {
    "SlackChannelId": "The review channel's id (in Slack at the end of the channel's details), such as C0123456789: ",
    "TargetRegions": "Regions that may be scanned, the first is the default, such as us-west-2,eu-central-1: ",
    "Approvers": "Who may approve: Slack user ids (U…) and user-group ids (S…) with commas, or * (empty: nobody yet): ",
}


class CanNotDeployError(Exception):
    """Something the deployer must put right first."""


def deploy_settings(path: Path, config_env: str) -> dict[str, Any]:
    """One environment's settings for `sam deploy`, as samconfig.toml has them.

    Raises `CanNotDeployError` when there are none, or no stack's name or region in them.
    """
    if not path.exists():
        raise CanNotDeployError(f"There is no {path}. Copy {EXAMPLE} to it and fill it in.")
    environments = tomllib.loads(path.read_text())
    settings = {
        **environments.get(config_env, {}).get("global", {}).get("parameters", {}),
        **environments.get(config_env, {}).get("deploy", {}).get("parameters", {}),
    }
    missing = [name for name in ("stack_name", "region") if not settings.get(name)]
    if missing:
        raise CanNotDeployError(f"{path} gives no {' and no '.join(missing)} in [{config_env}.deploy.parameters].")
    if not re.fullmatch(STACK_NAME, settings["stack_name"]):
        raise CanNotDeployError(
            f"stack_name {settings['stack_name']!r}: it must match {STACK_NAME}, since the functions are named after it"
        )
    return settings


def given_parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    """The stack's parameters among the settings, as CloudFormation takes them.

    Raises `CanNotDeployError` when they are not a table of texts, numbers, truth values and lists of texts.
    """
    given = settings.get("parameter_overrides", {})
    if not isinstance(given, Mapping):
        raise CanNotDeployError(f"parameter_overrides must be a table, as in {EXAMPLE}.")
    return {name: _as_text(value) for name, value in given.items()}


def ask_for_settings(template: Template, example: str, config_env: str, ask: Callable[[str], str]) -> str:
    """The text of a samconfig.toml: the example, with what it can not know asked for, each until it is possible.

    Raises `CanNotDeployError` when the answers end before the questions.
    """
    answers = {}
    try:
        for name, question in QUESTIONS.items():
            answers[name] = _possible(template, name, question, ask)
    except EOFError as error:
        raise CanNotDeployError("No more answers: nothing was written and nothing is deployed.") from error
    text = example.replace("[default.", f"[{config_env}.")
    text = _set(text, "SlackChannelId", answers["SlackChannelId"])
    text = _set(text, "TargetRegions", answers["TargetRegions"].split(","))
    text = _set(text, "Approvers", [it.strip() for it in answers["Approvers"].split(",") if it.strip()])
    return _set(text, "region", answers["TargetRegions"].split(",")[0])


def _possible(template: Template, name: str, question: str, ask: Callable[[str], str]) -> str:
    """The first answer that the parameter accepts."""
    while True:
        answer = re.sub(r"\s*,\s*", ",", ask(question).strip())
        wrong = fault(template, name, answer)
        if wrong is None:
            return answer
        question = f"{wrong}\n{QUESTIONS[name]}"


def _set(text: str, name: str, value: str | list[str]) -> str:
    """The example's text with one setting's value changed; what stands behind it stays."""
    changed, times = re.subn(
        rf'^{name} = (".*?"|\[.*?\])', lambda _: f"{name} = {json.dumps(value)}", text, flags=re.MULTILINE
    )
    if times != 1:
        raise CanNotDeployError(f"{EXAMPLE} sets {name} {times} times, not once.")
    return changed


def _as_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case list():
            return ",".join(str(it) for it in value)
        case _:
            return str(value)
