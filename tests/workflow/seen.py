"""What a story has come to: its messages, its deletes and its records, looked at together."""

from __future__ import annotations

from typing import Any

from tests.harness import Harness


def headline(play: Harness) -> str:
    """The first line of the newest message in the channel."""
    return play.root.text.splitlines()[0]


def told(play: Harness) -> list[str]:
    """The replies in its thread, in words."""
    return [reply.text for reply in play.thread if reply.text]


def buttons(play: Harness) -> list[str]:
    """What its buttons do, each once: they stand above and below a long page."""
    return list(dict.fromkeys(element["action_id"] for element in _elements(play) if element["type"] == "button"))


def ticks(play: Harness) -> dict[str, bool]:
    """Its boxes, and whether they start ticked."""
    groups = [element for element in _elements(play) if element["type"] == "checkboxes"]
    return {
        option["value"]: option in group.get("initial_options", ()) for group in groups for option in group["options"]
    }


def _elements(play: Harness) -> list[Any]:
    return [element for block in play.root.blocks for element in block.get("elements", ())]


def ended(play: Harness, arn: str, *, as_: str, in_words: str, failed: bool = False) -> Any:
    """See that a run ended as every run must, and return its own record.

    Its execution says so in words, its record too, no button is left, the region is free, and nothing was said twice.
    """
    result = play.result(arn)
    run = play.run(arn)
    assert result.status.value == ("FAILED" if failed else "SUCCEEDED"), result.error or result.result
    assert in_words in (result.error.message if failed else result.result)
    assert (run["status"], run["ending"], run["ending_words"]) == ("ended", as_, in_words)
    assert run["ended_at"] == int(play.clock.seconds())
    outcome = play.outcome(arn)
    assert (outcome["ending"], outcome["words"], outcome["execution"]) == (as_, in_words, play.execution(arn))
    lock = play.lock(run["region"])
    assert lock["released"], "the region is still locked"
    if play.roots:
        assert buttons(play) == []
    said_once(play)
    return run


def said_once(play: Harness) -> None:
    """See that no message of any run stands twice."""
    assert len(play.posts) == len(set(play.posts)), play.posts


def results(play: Harness, arn: str, page: int = 1) -> dict[str, tuple[str, str | None]]:
    """What came of each approved version of a page, as recorded: its outcome and the reason."""
    recorded = play.outcome(arn, page)["results"]
    return {f"{r['function_name']}:{r['version']}": (r["outcome"], r["reason"]) for r in recorded}
