"""What steps hand on: a checkpoint brings it back, also one that the release before wrote."""

from __future__ import annotations

import json

import pytest

from orchestrator.domain.handovers import (
    Approved,
    Asked,
    BatchDone,
    Begun,
    Carrying,
    ClosedPage,
    Declined,
    Heard,
    Offer,
    OpenedPage,
    Place,
    RunEnding,
    RunResult,
)
from orchestrator.domain.results import Outcome, VersionResult
from orchestrator.domain.runs import Action, Approver, Ending
from tests.builders import EXECUTION, FUNCTION, REGION, a_run

RESULT = VersionResult(function_name=FUNCTION, number=1, outcome=Outcome.DELETED, monthly_usd=3.9, checked_at=7)
OPENED = OpenedPage(
    page=2,
    offer_hash="abc",
    revision="2r7s1",
    opened_at=7,
    expires_at=9,
    timeout_seconds=62,
    pages=3,
    first=50,
    rows=20,
)
CLOSED = ClosedPage(page=1, action=Action.APPROVE, approver="U1", counts="4 deleted", seconds=41)

VALUES = {
    "run": Begun(a_run()),
    "refused": Begun(
        Declined(
            kind=Ending.REFUSED,
            words="no",
            problems=("no",),
            execution=EXECUTION,
            started_at=7,
            requested_by=None,
        )
    ),
    "already running": Begun(
        Declined(
            kind=Ending.ALREADY_RUNNING,
            words="held",
            execution=EXECUTION,
            started_at=7,
            requested_by="U1",
            region=REGION,
            held_by="another",
            request_id="r1",
        )
    ),
    "asked": Asked(execution=EXECUTION, started_at=7, requested_by="U1", problems=("no", "never")),
    "offer": Offer(candidates=7, offered=False, asks_again_on="2026-12-18"),
    "opened page": OPENED,
    "heard": Heard(
        action=Action.APPROVE,
        approver=Approver("U1", "approver"),
        decided_at=7,
        boxes_missing=1,
        approved=(Approved(function_name=FUNCTION, number=1, monthly_usd=3.9),),
        keep_days=30,
    ),
    "batch": BatchDone(results=(RESULT,), so_far=Carrying(page=1, done=1), stopped="denied"),
    "closed page": CLOSED,
    "ending": RunEnding(kind=Ending.APPROVED, words="4 deleted", pages=(CLOSED,)),
    "result": RunResult(
        ending=Ending.EXPIRED, words="nothing deleted", region=REGION, execution=EXECUTION, record="s3"
    ),
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_as_a_checkpoint_carried_it(value):
    assert type(value).from_dict(json.loads(json.dumps(value.to_dict()))) == value


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_field_that_another_release_added_is_ignored(value):
    assert type(value).from_dict(value.to_dict() | {"added_later": {"by": "another release"}}) == value


def test_a_request_that_cannot_be_used_is_declined_in_all_its_words():
    declined = Asked(execution=EXECUTION, started_at=7, requested_by="U1", problems=("no", "never")).declined

    assert (declined.kind, declined.words, declined.problems) == (Ending.REFUSED, "no; never", ("no", "never"))
    assert (declined.execution, declined.started_at, declined.requested_by) == (EXECUTION, 7, "U1")


# As the release before wrote them down


BEFORE = {
    "a run": (Begun, {"run": a_run().to_dict()}, Begun(a_run())),
    "refused": (
        Begun,
        {
            "declined": {
                "kind": "refused",
                "problems": ["`region` 'mars': must be one of us-west-2"],
                "requested_by": "U1",
                "words": "`region` 'mars': must be one of us-west-2",
                "execution": EXECUTION,
                "started_at": 7,
            }
        },
        Begun(
            Declined(
                kind=Ending.REFUSED,
                problems=("`region` 'mars': must be one of us-west-2",),
                words="`region` 'mars': must be one of us-west-2",
                requested_by="U1",
                execution=EXECUTION,
                started_at=7,
            )
        ),
    ),
    "a report": (
        Offer,
        {
            "candidates": 7,
            "new_and_paying": 7,
            "not_judged": 0,
            "monthly_usd": 27.3,
            "snapstart": 10,
            "held": 3,
            "pages": 1,
            "offered": True,
        },
        Offer(candidates=7, offered=True),
    ),
    "an opened page": (
        OpenedPage,
        {
            "page": 1,
            "offer_hash": "abc",
            "revision": "1r7",
            "opened_at": 7,
            "expires_at": 9,
            "timeout_seconds": 62,
        },
        OpenedPage(page=1, offer_hash="abc", revision="1r7", opened_at=7, expires_at=9, timeout_seconds=62),
    ),
    "a decision": (
        Heard,
        {
            "action": "stop",
            "approver": {"id": "U1", "name": "approver"},
            "decided_at": 7,
            "boxes_missing": 0,
            "approved": [{"function_name": FUNCTION, "number": 1, "monthly_usd": 3.9}],
        },
        Heard(
            action=Action.STOP,
            approver=Approver("U1", "approver"),
            decided_at=7,
            boxes_missing=0,
            approved=(Approved(function_name=FUNCTION, number=1, monthly_usd=3.9),),
        ),
    ),
    "a batch": (
        BatchDone,
        {
            "results": [RESULT.to_dict()],
            "so_far": {"page": 1, "done": 1, "errors_in_a_row": 0},
            "stopped": None,
        },
        BatchDone(results=(RESULT,), so_far=Carrying(page=1, done=1)),
    ),
    "a closed page": (
        ClosedPage,
        {
            "page": 1,
            "action": "approve",
            "approver": "U1",
            "counts": "4 deleted",
            "seconds": 41,
            "broke_off": None,
            "stops": False,
        },
        CLOSED,
    ),
    "an ending": (
        RunEnding,
        {"kind": "broke_off", "words": "stopped", "failed": True, "pages": []},
        RunEnding(kind=Ending.BROKE_OFF, words="stopped"),
    ),
    "a result": (
        RunResult,
        {"ending": "already_running", "words": "held"},
        RunResult(ending=Ending.ALREADY_RUNNING, words="held"),
    ),
}


@pytest.mark.parametrize(("of", "written", "read"), BEFORE.values(), ids=BEFORE)
def test_a_checkpoint_of_the_release_before_is_read(of, written, read):
    assert of.from_dict(written) == read


# Small rules


def test_a_run_that_could_not_finish_fails_its_execution():
    failing = {kind for kind in Ending if RunEnding(kind=kind, words="").failed}

    assert failing == {Ending.BROKE_OFF, Ending.FAILED, Ending.UNHEARD}


def test_a_result_leaves_out_what_there_is_nothing_to_say_of():
    assert RunResult(ending=Ending.REFUSED, words="no").to_dict() == {"ending": "refused", "words": "no"}


def test_the_next_page_begins_where_the_last_one_ended():
    assert Place(page=2, first=50, at_most=20, smaller=1).after(OPENED) == Place(page=3, first=70, at_most=20)


def test_a_page_that_slack_did_not_take_is_halved():
    assert Place(page=2, first=50).half_of(OPENED) == Place(page=2, first=50, at_most=10, smaller=1)


def test_an_approved_version_is_known_by_its_key():
    assert Approved(function_name=FUNCTION, number=3, monthly_usd=0).key == (FUNCTION, 3)
