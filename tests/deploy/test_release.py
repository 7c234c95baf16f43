"""A changed parameter must reach `live`: SAM publishes a version only when what it hashes has changed."""

import copy
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deployment.release import release_id
from deployment.template import COMPUTED, Template, complete, read_template
from samtranslator.public.translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

ROOT = Path(__file__).resolve().parents[2]

REQUIRED = {"SlackChannelId": "C0123456789", "TargetRegions": "us-west-2"}

#: A possible value other than the default, where it can not be derived from the parameter itself.
OTHER = {
    "SlackChannelId": "C9876543210",
    "Approvers": "U0123456789",
    "SlackSecretArn": "arn:aws:secretsmanager:us-west-2:111122223333:secret:slack-AbCdEf",
    "SlackApiUrl": "https://slack-gov.com/api/",
    "DeletablePrefix": "orders-",
    "TargetRegions": "us-west-2,eu-central-1",
    "FunctionNamePrefix": "orders-",
    "ScheduleExpression": "rate(7 days)",
    "ScheduleTimezone": "Europe/Berlin",
    "AlarmTopicArn": "arn:aws:sns:us-west-2:111122223333:alarms",
    "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/boundary",
    "CodeSigningConfigArn": "arn:aws:lambda:us-west-2:111122223333:code-signing-config:csc-0123456789abcdef0",
}


class NoManagedPolicies(ManagedPolicyLoader):
    """The template names no managed policy, so none is asked of AWS."""

    def __init__(self) -> None:
        super().__init__(iam_client=None)

    def load(self) -> dict[str, str]:
        return {}


def another_value(template: Template, name: str) -> str:
    parameter = template.parameters[name]
    if name in OTHER:
        return OTHER[name]
    if "AllowedValues" in parameter:
        return next(str(it) for it in parameter["AllowedValues"] if str(it) != str(parameter["Default"]))
    return str(int(parameter["Default"]) + 1)


def version_ids(raw_template: dict[str, Any], values: Mapping[str, str]) -> set[str]:
    """Logical ids of the Lambda versions CloudFormation would be asked for."""
    template = copy.deepcopy(raw_template)
    for function in ("Bot", "Orchestrator"):
        # What `sam deploy` writes there after the upload; the bundle's own hash already stands in the release id.
        template["Resources"][function]["Properties"]["CodeUri"] = "s3://uploads/bundle"
    transformed = transform(template, dict(values), NoManagedPolicies())
    return {name for name, it in transformed["Resources"].items() if it["Type"] == "AWS::Lambda::Version"}


def deployed(raw_template: dict[str, Any], values: Mapping[str, str], bundles: list[Path]) -> set[str]:
    return version_ids(raw_template, {**values, COMPUTED: release_id(bundles, values)})


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")


@pytest.fixture
def built(tmp_path: Path) -> list[Path]:
    for name in ("Bot", "Orchestrator"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(f"# {name}\n")
    return [tmp_path / "Bot", tmp_path / "Orchestrator"]


@pytest.mark.parametrize("name", sorted(read_template(ROOT / "template.yaml").parameters.keys() - {COMPUTED}))
def test_changing_any_parameter_publishes_new_versions_of_both_functions(
    name: str, raw_template: dict[str, Any], template: Template, built: list[Path]
) -> None:
    scope = {"DeletablePrefix": "payments-"} if name == "DeleteDryRun" else {}
    before = complete(template, REQUIRED | scope)
    after = complete(template, REQUIRED | scope | {name: another_value(template, name)})

    assert len(deployed(raw_template, before, built)) == 2
    assert deployed(raw_template, before, built).isdisjoint(deployed(raw_template, after, built))


def test_changed_code_publishes_new_versions(
    raw_template: dict[str, Any], template: Template, built: list[Path]
) -> None:
    values = complete(template, REQUIRED)
    before = deployed(raw_template, values, built)

    (built[0] / "app.py").write_text("# changed\n")

    assert before.isdisjoint(deployed(raw_template, values, built))


def test_deploying_the_same_again_publishes_nothing(
    raw_template: dict[str, Any], template: Template, built: list[Path]
) -> None:
    values = complete(template, REQUIRED)

    assert deployed(raw_template, values, built) == deployed(raw_template, values, built)


def test_without_the_release_id_a_changed_parameter_would_change_nothing(
    raw_template: dict[str, Any], template: Template
) -> None:
    """The trap that the release id is there for; when SAM closes it, this test says so."""
    before = complete(template, REQUIRED) | {COMPUTED: "0" * 16}
    after = before | {"Approvers": "U0123456789"}

    assert version_ids(raw_template, before) == version_ids(raw_template, after)


def test_a_release_id_is_what_the_template_accepts(template: Template, built: list[Path]) -> None:
    assert re.fullmatch(template.parameters[COMPUTED]["AllowedPattern"], release_id(built, {}))


def test_bytecode_is_no_part_of_a_release(built: list[Path]) -> None:
    before = release_id(built, {})
    (built[0] / "__pycache__").mkdir()
    (built[0] / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"compiled")

    assert release_id(built, {}) == before


def test_moving_a_file_is_a_new_release(built: list[Path]) -> None:
    before = release_id(built, {})
    (built[0] / "app.py").rename(built[0] / "moved.py")

    assert release_id(built, {}) != before
