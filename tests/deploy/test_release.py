"""A changed parameter must reach `live`: SAM publishes a version only when what it hashes has changed."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deployment.release import release_id
from deployment.template import COMPUTED, Template, complete, read_template

from tests.deploy.cloudformation import translated

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
    "LateScheduleDays": "3",
    "KmsKeyArn": "arn:aws:kms:us-west-2:111122223333:key/01234567-89ab-cdef-0123-456789abcdef",
    "SubnetIds": "subnet-0123456789abcdef0",
    "SecurityGroupIds": "sg-0123456789abcdef0",
    "SlackCommand": "/snapstart-staging",
    "OwnerTag": "team",
    "Owners": "payments=S0123456789",
    "TargetAccounts": "111122223333=payments",
    "MemberRolePrefix": "cleaner",
    "ExternalId": "cleaner-of-ours",
    "OrganizationId": "o-a1b2c3d4e5",
    "CodeSigningConfigArn": "arn:aws:lambda:us-west-2:111122223333:code-signing-config:csc-0123456789abcdef0",
}


#: What a parameter's other value can not do without.
WITH = {
    "DeleteDryRun": {"DeletablePrefix": "payments-"},
    "TargetAccounts": {"ExternalId": "x-of-ours"},
    "Owners": {"OwnerTag": "team"},
    "SubnetIds": {"SubnetIds": "subnet-0123456789abcdef1", "SecurityGroupIds": "sg-0123456789abcdef1"},
    "SecurityGroupIds": {"SubnetIds": "subnet-0123456789abcdef1", "SecurityGroupIds": "sg-0123456789abcdef1"},
}


def another_value(template: Template, name: str) -> str:
    parameter = template.parameters[name]
    if name in OTHER:
        return OTHER[name]
    if "AllowedValues" in parameter:
        return next(str(it) for it in parameter["AllowedValues"] if str(it) != str(parameter["Default"]))
    return str(int(parameter["Default"]) + 1)


def version_ids(raw_template: dict[str, Any], values: Mapping[str, str]) -> set[str]:
    """Logical ids of the Lambda versions CloudFormation would be asked for."""
    # The bundle's own hash, which is not in its address here, already stands in the release id.
    made = translated(raw_template, values)["Resources"]
    return {name for name, it in made.items() if it["Type"] == "AWS::Lambda::Version"}


def deployed(raw_template: dict[str, Any], values: Mapping[str, str], bundles: list[Path]) -> set[str]:
    return version_ids(raw_template, {**values, COMPUTED: release_id(bundles, values)})


@pytest.fixture
def built(tmp_path: Path) -> list[Path]:
    for name in ("Bot", "Orchestrator"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(f"# {name}\n")
    return [tmp_path / "Bot", tmp_path / "Orchestrator"]


@pytest.mark.parametrize("name", sorted(read_template(ROOT / "template.yaml").parameters.keys() - {COMPUTED}))
def test_changing_any_parameter_is_another_release(name: str, template: Template, built: list[Path]) -> None:
    scope = WITH.get(name, {})
    before = complete(template, REQUIRED | scope)
    after = complete(template, REQUIRED | scope | {name: another_value(template, name)})

    assert release_id(built, before) != release_id(built, after)


def test_another_release_publishes_new_versions_of_both_functions(
    raw_template: dict[str, Any], template: Template, built: list[Path]
) -> None:
    values = complete(template, REQUIRED)
    before = deployed(raw_template, values, built)
    other_value = deployed(raw_template, values | {"Approvers": "U0123456789"}, built)
    (built[0] / "app.py").write_text("# changed\n")
    other_code = deployed(raw_template, values, built)

    assert [len(versions) for versions in (before, other_value, other_code)] == [2, 2, 2]
    assert len(before | other_value | other_code) == 6


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


def test_bytecode_that_comes_late_is_a_new_release_and_what_it_says_is_not(built: list[Path]) -> None:
    without = release_id(built, {})
    (built[0] / "__pycache__").mkdir()
    (built[0] / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"compiled")
    compiled = release_id(built, {})
    (built[0] / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"compiled by another patch release")

    assert compiled != without
    assert release_id(built, {}) == compiled


def test_moving_a_file_is_a_new_release(built: list[Path]) -> None:
    before = release_id(built, {})
    (built[0] / "app.py").rename(built[0] / "moved.py")

    assert release_id(built, {}) != before
