"""What comes back from outside is not trusted: neither the answer, nor the record of what was offered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from fakes.slack import team
from tests.harness import BUCKET, Harness
from tests.workflow.seen import ended, headline, results, told

APPROVER = {"id": team.APPROVER, "name": "approver"}


def an_answer(*versions: str, **given: Any) -> bytes:
    """An approval of these versions, as the contract writes it."""
    named = [dict(zip(("function_name", "version"), label.split(":"), strict=True)) for label in versions]
    answer = {"approved": True, "approved_versions": named, "approver": APPROVER, "decided_at": "2026-11-20T12:00:00Z"}
    return json.dumps(answer | given).encode()


def test_an_answer_that_no_person_gave_deletes_nothing_and_ends_the_run_in_words(play: Harness) -> None:
    arn = play.scan()
    play.answers(arn, an_answer("mailer:1", approver={}))

    words = "the answer does not say who decided"
    ended(play, arn, as_="failed", in_words=words, failed=True)

    assert play.deleted == []
    assert headline(play) == "Run failed, nothing was deleted"
    assert words in play.root.text
    assert told(play)[-1].startswith(f"<@{team.ASKER}> The run in us-west-2 failed; nothing was deleted.")


def test_an_answer_bound_to_another_list_deletes_nothing(play: Harness) -> None:
    arn = play.scan()
    play.answers(arn, an_answer("mailer:1", offer_hash="0" * 64))

    words = "the answer is bound to another list than the one that was posted"
    ended(play, arn, as_="failed", in_words=words, failed=True)
    assert play.deleted == []


def test_only_what_was_offered_is_deleted_whatever_else_the_answer_names(play: Harness) -> None:
    arn = play.scan()
    play.answers(arn, an_answer("orders-api:1", "orders-api:6", "orders-api:4", "payments:7"))

    ended(play, arn, as_="approved", in_words="1 deleted, about $5.85 a month")

    assert play.deleted == ["orders-api:1"]
    assert results(play, arn) == {"orders-api:1": ("deleted", None)}


@pytest.mark.parametrize("named", [(), ("orders-api:6", "payments:7")], ids=["nothing", "nothing that was offered"])
def test_an_approval_of_nothing_that_was_offered_keeps_everything(play: Harness, named: tuple[str, ...]) -> None:
    arn = play.scan()
    play.answers(arn, an_answer(*named))

    ended(play, arn, as_="rejected", in_words="nothing deleted")
    assert play.deleted == []


def test_a_failure_sent_in_place_of_an_answer_ends_the_run_in_words(play: Harness) -> None:
    arn = play.scan()
    callback_id = play.record(f"pending/{play.execution(arn)}/page-1.json")["callback_id"]
    play.runner.send_callback_failure(callback_id)

    words = "the wait for a decision was ended by a failure that was sent in its place: Callback failed"
    ended(play, arn, as_="unheard", in_words=words, failed=True)
    assert headline(play) == "Run failed, nothing was deleted"
    assert play.deleted == []


def with_one_more(page: dict[str, Any]) -> dict[str, Any]:
    live = {**page["candidates"][0], "number": 6, "arn": page["candidates"][0]["arn"].replace(":1", ":6")}
    return {**page, "candidates": [*page["candidates"], live]}


ALTERED: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "one more version": (with_one_more, "the record of page 1 is not what was posted"),
    "another run": (lambda page: {**page, "execution": "another"}, "the record of page 1 is not what was posted"),
    "no page": (lambda _: ["page"], "the record of page 1 cannot be read"),
}


@pytest.mark.parametrize(("altered", "words"), ALTERED.values(), ids=ALTERED)
def test_a_page_whose_record_was_altered_deletes_nothing_and_says_so(
    play: Harness, altered: Callable[[dict[str, Any]], Any], words: str
) -> None:
    arn = play.scan()
    key = f"pending/{play.execution(arn)}/page-1.json"
    page = play.record(key)
    play.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps(altered(page)))
    play.runner.send_callback_success(page["callback_id"], an_answer("orders-api:1", "orders-api:6"))

    result = play.result(arn)

    assert result.status.value == "FAILED"
    assert result.error.message.startswith(words)
    assert words in play.root.text
    assert play.deleted == []


def test_a_page_whose_record_is_gone_deletes_nothing(play: Harness) -> None:
    arn = play.scan()
    key = f"pending/{play.execution(arn)}/page-1.json"
    callback_id = play.record(key)["callback_id"]
    play.cloud.client("s3").delete_object(Bucket=BUCKET, Key=key)
    play.runner.send_callback_success(callback_id, an_answer("orders-api:1"))

    assert play.result(arn).error.message.startswith("the record of page 1 is not what was posted")
    assert play.deleted == []


def test_a_list_that_is_altered_between_the_scan_and_the_question_is_not_posted(play: Harness) -> None:
    def alter() -> None:
        offer = next(k for k in play.keys("intermediate/") if k.endswith("offer.json"))
        stored = play.record(offer)
        stored["candidates"][0] |= {"number": 6, "arn": stored["candidates"][0]["arn"][:-1] + "6"}
        play.cloud.client("s3").put_object(Bucket=BUCKET, Key=offer, Body=json.dumps(stored))

    play.after("open-page", alter)
    arn = play.starts({"requested_by": team.ASKER})

    words = "the list of candidates was changed after the scan"
    ended(play, arn, as_="unheard", in_words=words, failed=True)
    assert headline(play) == "Scan failed, nothing was deleted"
    assert play.deleted == []
