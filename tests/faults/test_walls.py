"""Where a whole function could be deleted from, and the wall in front of each place.

Without a qualifier DeleteFunction removes the function with all its versions. What stands before that: the type of a
deletion, its only caller, the number in the ARN and in the qualifier, the most a run may delete, three errors in a row.
The role's own limits are tested with the template.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.aws import Cloud
from fakes.slack import team
from orchestrator.aws.deletion import VersionDeleter
from orchestrator.domain.plan import Deletion
from orchestrator.slack.message.pages import ROWS_A_PAGE
from tests.faults.dying import Point, When, mortal_harness
from tests.faults.law import whole_functions
from tests.harness import a_clock
from tests.workflow.fleets import a_function

ROOT = Path(__file__).parents[2]
PRODUCT = [path for package in ("bot", "orchestrator") for path in sorted((ROOT / package).rglob("*.py"))]


def named(path: Path, name: str) -> Iterator[ast.AST]:
    """Every place of a module that names something, as an attribute, a name or a text that a call could be made of."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            (isinstance(node, ast.Attribute) and node.attr == name)
            or (isinstance(node, ast.Name) and node.id == name)
            or (isinstance(node, ast.Constant) and node.value == name)
        ):
            yield node


def test_delete_function_is_named_in_exactly_one_place_of_the_product() -> None:
    places = [path.relative_to(ROOT).as_posix() for path in PRODUCT for _ in named(path, "delete_function")]

    assert places == ["orchestrator/aws/deletion.py"]


def test_its_one_call_names_the_version_in_the_arn_and_in_the_qualifier_and_takes_nothing_else() -> None:
    tree = ast.parse((ROOT / "orchestrator/aws/deletion.py").read_text())
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "delete_function"
    ]

    assert len(calls) == 1
    assert calls[0].args == []
    assert {word.arg: ast.unparse(word.value) for word in calls[0].keywords} == {
        "FunctionName": "version.arn",
        "Qualifier": "str(version.number)",
    }


def test_no_client_is_asked_for_an_operation_by_a_name_made_at_run_time() -> None:
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr == "_make_api_call")
            or (isinstance(node.func, ast.Name) and node.func.id in {"eval", "exec"})
        )
    ]

    assert made == []


anything = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["$LATEST", "live", ""])
)


@settings(deadline=None, derandomize=True, database=None)
@given(function_name=st.text(), number=anything, arn=st.text())
def test_a_deletion_names_a_version_or_is_none(function_name: str, number: Any, arn: str) -> None:
    for named_arn in (arn, f"arn:aws:lambda:us-west-2:111122223333:function:{function_name}:{number}"):
        try:
            made = Deletion(function_name, number, named_arn)
        except ValueError:
            continue
        assert type(made.number) is int
        assert str(made.number).isdigit()
        assert made.arn.endswith(f":{made.function_name}:{made.number}")


@settings(deadline=None, derandomize=True, database=None)
@given(number=anything)
def test_a_deletion_that_was_tampered_with_is_never_sent(number: Any) -> None:
    cloud = Cloud()
    a_function(cloud, "orders-api", idle=2)
    tampered = Deletion("orders-api", 1, cloud.function_arn("orders-api") + ":1")
    object.__setattr__(tampered, "number", number)

    if type(number) is int and number == 1:
        return
    with pytest.raises(ValueError, match=r"names? (a|version)"):
        VersionDeleter(
            cloud.client("lambda"), account_id=cloud.account_id, identity=lambda: cloud.account_id, sleep=lambda _: None
        ).delete(tampered)
    assert cloud.calls["DeleteFunction"] == 0


def test_without_these_walls_the_local_account_would_lose_the_whole_function_as_aws_does() -> None:
    cloud = Cloud()
    a_function(cloud, "orders-api", idle=2)

    cloud.client("lambda").delete_function(FunctionName="orders-api")

    assert "orders-api" not in cloud.functions
    assert ("orders-api", "(the whole function)") in cloud.deletions


def everything(cloud: Cloud) -> bytes:
    """An answer that approves whatever there is."""
    versions = [
        {"function_name": function.name, "version": str(number)}
        for function in cloud.functions.values()
        for number in function.numbers
    ]
    return json.dumps({"approved": True, "approved_versions": versions, "approver": {"id": team.APPROVER}}).encode()


def test_a_run_deletes_no_more_than_it_may_whatever_is_approved_and_whenever_it_is_interrupted() -> None:
    clock = a_clock()
    cloud = Cloud(clock=clock)
    a_function(cloud, "orders-api", idle=20)
    with mortal_harness(cloud, clock, MAX_DELETIONS="5") as play:
        arn = play.scan()
        play.dies_at = Point("checkpoint", "SUCCEED delete-versions", 1, When.BEFORE)
        play.answers(arn, everything(cloud))
        play.result(arn)

        assert play.deaths == 1
        assert len(play.deleted) == 5
        assert whole_functions(play) == 0


def test_a_page_is_never_larger_than_a_person_can_be_shown() -> None:
    clock = a_clock()
    cloud = Cloud(clock=clock)
    a_function(cloud, "orders-api", idle=ROWS_A_PAGE + 10)
    with mortal_harness(cloud, clock) as play:
        arn = play.scan()
        play.answers(arn, everything(cloud))
        play.until_asked(arn, page=2)

        assert len(play.deleted) == ROWS_A_PAGE


@pytest.mark.parametrize("dies", [False, True], ids=["without an interruption", "interrupted amid the deletes"])
def test_three_errors_in_a_row_stop_the_run_also_when_it_was_interrupted(dies: bool) -> None:
    clock = a_clock()
    cloud = Cloud(clock=clock)
    a_function(cloud, "orders-api", idle=8)
    with mortal_harness(cloud, clock) as play:
        arn = play.scan()
        cloud.faults.refuse("DeleteFunction", "ServiceException", status=500)
        if dies:
            play.dies_at = Point("checkpoint", "SUCCEED delete-versions", 1, When.BEFORE)
        play.answers(arn, everything(cloud))
        result = play.result(arn)

        assert play.deaths == dies
        assert result.status.value == "FAILED"
        assert play.deleted == []
        assert {call["Qualifier"] for call in cloud.calls.of("DeleteFunction")} == {"1", "2", "3"}
