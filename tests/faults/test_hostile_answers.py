"""Whatever the durable callback carries: only what was offered, approved and is still safe can go."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.faults import story
from tests.faults.conftest import Count
from tests.faults.dying import mortal_story
from tests.faults.law import Breaches, after_whatever_happened

OFFERED_AND_SAFE = story.SAFE | {"orders-api:2"}
FUNCTIONS = (
    "orders-api",
    "mailer",
    "cleaner-orchestrator",
    "*",
    "",
    "orders-api:1",
    "arn:aws:lambda:::function:mailer",
)
VERSIONS = (
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "8",
    1,
    4,
    7,
    0,
    -1,
    "$LATEST",
    "live",
    "",
    "01",
    "1 ",
    "¹",
    None,
    10**30,
    1.0,
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
a_version = (
    st.fixed_dictionaries({"function_name": st.sampled_from(FUNCTIONS), "version": st.sampled_from(VERSIONS)})
    | anything
)
nearly_an_answer = st.fixed_dictionaries(
    {"approved": st.sampled_from([True, True, True, False, "true", 1, None])},
    optional={
        "approved_versions": st.lists(a_version, max_size=6) | anything,
        "approver": st.just({"id": "U0APPROVER", "name": "approver"}) | anything,
        "decided_at": anything,
        "offer_hash": anything,
        "boxes_missing": anything,
        "stop": anything,
    },
)
everything_there_is = {
    "approved": True,
    "approved_versions": [
        {"function_name": name, "version": str(number)} for name in ("orders-api", "mailer") for number in range(1, 10)
    ],
    "approver": {"id": "U0APPROVER", "name": "approver"},
}
answers = (
    st.text(max_size=60).map(str.encode)
    | anything.map(lambda value: json.dumps(value).encode())
    | nearly_an_answer.map(lambda value: json.dumps(value).encode())
)


def judged(answer: bytes) -> Breaches:
    with mortal_story() as play:
        arn = story.begin(play)
        play.until_asked(arn)
        play.answers(arn, answer)
        return after_whatever_happened(play, arn, OFFERED_AND_SAFE & named_in(answer))


def named_in(answer: bytes) -> set[str]:
    """The versions that an answer approves when read with all the good will there is."""
    try:
        read: Any = json.loads(answer)
        if read["approved"] is not True:
            return set()
        return {f"{version['function_name']}:{version['version']}" for version in read["approved_versions"]}
    except (ValueError, KeyError, TypeError):
        return set()


def test_whatever_the_callback_carries_nothing_but_what_was_offered_approved_and_safe_is_deleted(
    every: bool, count: Count
) -> None:
    broken: dict[bytes, Breaches] = {}

    @settings(
        max_examples=300 if every else 1,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(answer=answers)
    @example(answer=b"")
    @example(answer=json.dumps(everything_there_is).encode())
    @example(answer=json.dumps({**everything_there_is, "offer_hash": "0" * 64}).encode())
    def one(answer: bytes) -> None:
        broken[answer] = judged(answer)
        assert not broken[answer], (answer, str(broken[answer]))

    try:
        one()
    finally:
        count("a hostile answer", len(broken), sum(broken.values(), Breaches()))
