"""The steps people follow, in README.md and docs/deploy.md: the same order, and every command in them is there."""

import re
import shlex
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from deployment.settings import deploy_settings, given_parameters
from deployment.template import Template, complete

from bot.slash_command import Verb

DOCUMENTS = ["README.md", "docs/deploy.md"]
#: Understood by Slack itself.
SLACKS_OWN = {"/invite"}


def document(root: Path, name: str) -> str:
    return (root / name).read_text()


def code_in(text: str) -> list[str]:
    """What stands in code: blocks without their comments, a line each, and single words and lines between backticks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    return [line for line in [*lines, *inline] if line and not line.startswith("#")]


def steps(text: str) -> list[set[str]]:
    """The commands of each numbered step: what make, AWS and Slack are told."""
    numbered = re.split(r"^(?:## )?\d\. ", text, flags=re.MULTILINE)[1:]
    return [{told for line in code_in(f"{step}") for told in commands(line)} for step in numbered]


def commands(line: str) -> list[str]:
    match line.split():
        case ["make", *rest]:
            return [f"make {word}" for word in rest if re.fullmatch("[a-z][a-z-]*", word)][:1]
        case ["aws", service, operation, *_]:
            return [f"aws {service} {operation}"]
        case ["/invite", *_]:
            return ["/invite"]
        case [command, verb, *_] if command == "/snapstart":
            return [f"{command} {verb}"]
    return []


def deploy_steps(root: Path, name: str) -> list[set[str]]:
    text = document(root, name)
    if name == "README.md":
        return steps(text.split("## Deploy\n")[1].split("\n## ")[0])
    return steps(text.split("\n## Other accounts")[0])


def test_both_documents_tell_the_same_steps_in_the_same_order(root: Path) -> None:
    short, long = (deploy_steps(root, name) for name in DOCUMENTS)

    assert len(short) == len(long) == 7
    for number, (brief, full) in enumerate(zip(short, long, strict=True), start=1):
        assert brief <= full, f"step {number}"
    assert [min(it) for it in short] == [
        "make deploy",
        "make manifest",
        "aws secretsmanager put-secret-value",
        "/invite",
        "/snapstart scan",
        "make deploy",
        "make deploy",
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_command_is_there(name: str, root: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", document(root, "Makefile"), re.MULTILINE))
    named = {
        it.removeprefix("make ") for line in code_in(document(root, name)) for it in commands(line) if "make" in it
    }

    assert named
    assert named - targets == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_slash_command_is_one_the_bot_knows(name: str, root: Path) -> None:
    typed = {it for line in code_in(document(root, name)) for it in commands(line) if it.startswith("/")}

    assert typed
    assert typed - SLACKS_OWN - {f"/snapstart {verb}" for verb in Verb} == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_aws_command_and_its_options_exist(name: str, root: Path) -> None:
    """As botocore knows them; the command line adds only a `no-` before a truth value."""
    session = botocore.session.get_session()
    checked = 0
    for line in code_in(document(root, name)):
        if not line.startswith("aws ") or len(line.split()) == len(["aws", "service", "operation"]):
            continue
        _, service, operation, *arguments = shlex.split(line)
        if operation == "deploy":
            continue
        model = session.get_service_model(service)
        names = {xform_name(it, "-"): it for it in model.operation_names}
        assert operation in names, line
        members = {xform_name(it, "-") for it in model.operation_model(names[operation]).input_shape.members}
        for option in (it for it in arguments if it.startswith("--")):
            assert option.removeprefix("--").removeprefix("no-") in members | {"region"}, f"{option} in {line}"
        checked += 1

    assert checked or name == "README.md"


def test_the_parameters_in_samconfig_examples_are_the_stacks(root: Path, template: Template) -> None:
    text = document(root, "docs/samconfig.example.toml")
    named = set(re.findall(r"^(?:# )?([A-Z][A-Za-z]+) = ", text, re.MULTILINE))

    assert {"SlackChannelId", "TargetAccounts"} < named
    assert named - template.parameters.keys() == set()


def test_everything_in_the_example_can_be_switched_on(root: Path, template: Template, tmp_path: Path) -> None:
    text = re.sub(r"^# ([A-Z][A-Za-z]+ = )", r"\1", document(root, "docs/samconfig.example.toml"), flags=re.MULTILINE)
    (tmp_path / "samconfig.toml").write_text(text)
    values = complete(template, given_parameters(deploy_settings(tmp_path / "samconfig.toml", "default")))

    assert values["TargetAccounts"] == "111122223333=payments,444455556666=search"
    assert values["Owners"] == "payments=S0123456789"


def test_every_alarm_is_explained(root: Path, raw_template: dict[str, Any]) -> None:
    text = document(root, "docs/deploy.md").split("## Alarms")[1].split("\n## ")[0]
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    alarms = {name for name, it in raw_template["Resources"].items() if it["Type"] in kinds}

    assert alarms - set(re.findall(r"`(\w+)`", text)) == set()


def test_the_outputs_people_are_sent_to_exist(root: Path, raw_template: dict[str, Any]) -> None:
    text = document(root, "docs/deploy.md")
    named = set(re.findall(r"(?:output |<)([A-Z][A-Za-z]+(?:Arn|Url|Name))\b", text))

    assert named >= {"BotUrl", "SlackSecretArn", "OrchestratorRoleArn", "OrchestratorRoleName"}
    assert named - raw_template["Outputs"].keys() == set()


def test_forty_accounts_take_ten_lines(root: Path) -> None:
    section = document(root, "docs/deploy.md").split("## Other accounts")[1].split("\n## ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)

    assert len(block.splitlines()) <= 10
