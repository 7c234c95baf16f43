"""What the law forbids, counted on a harness after a story: every number must be zero."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, fields

from fakes.slack import Message, team
from orchestrator.slack.message.click import APPROVE, REJECT, STOP
from tests.harness import Harness

CHANNEL_KEYS = ("root", "asked", "decision-1", "end")
"""What a run of one page says, each once."""
_HEADLINE = re.compile(r"(?P<deleted>\d+) of (?P<approved>\d+) versions? deleted")
_DELETED = re.compile(r"(\d+) deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaches:
    """How often a story broke the law, by what it broke."""

    messages_lost: int = 0
    messages_doubled: int = 0
    wrongly_deleted: int = 0
    not_deleted: int = 0
    """Approved, safe, and still there."""
    deleted_but_not_reported: int = 0
    """Also reported as deleted and still there."""
    live_buttons: int = 0
    untrue_words: int = 0
    """A root message or a record whose numbers are not what happened in the account."""
    outcome_records_wrong: int = 0
    locks_left: int = 0
    remembered_wrongly: int = 0
    """Kept and asked about again before its end, or remembered though no approver said so, or forgotten."""
    without_an_end: int = 0
    """Runs that ended in no words."""

    def __add__(self, other: Breaches) -> Breaches:
        mine, theirs = asdict(self), asdict(other)
        return Breaches(**{name: mine[name] + theirs[name] for name in mine})

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def __str__(self) -> str:
        return ", ".join(f"{name}: {count}" for name, count in asdict(self).items() if count) or "nothing"


COLUMNS = tuple(field.name for field in fields(Breaches))


def after_a_story(play: Harness, arn: str, expected: Mapping[str, str], *, may_attach_twice: bool = False) -> Breaches:
    """Judge a run that was approved and had to be finished; `expected` tells what should have come of each version."""
    result = play.result(arn)
    execution = play.execution(arn)
    said = Counter(key for run, key in play.posts if run == execution)
    attached = sum(len(m.files) for m in play.workspace.messages(team.REVIEW))
    to_delete = {label for label, outcome in expected.items() if outcome == "deleted"}
    recorded = (
        {f"{r['function_name']}:{r['version']}": r["outcome"] for r in play.outcome(arn, 1)["results"]}
        if f"outcomes/{execution}/page-1.json" in play.keys("outcomes/")
        else {}
    )
    reported = {label for label, outcome in recorded.items() if outcome == "deleted"}
    deleted = set(play.deleted)
    headline = _HEADLINE.search(play.root.text) if play.roots else None
    told = (int(headline["deleted"]), int(headline["approved"])) if headline else None
    outcome = play.outcome(arn) if f"outcomes/{execution}.json" in play.keys("outcomes/") else {}
    return Breaches(
        messages_lost=sum(said[key] == 0 for key in CHANNEL_KEYS) + (attached == 0),
        messages_doubled=sum(count - 1 for count in said.values() if count > 1)
        + (0 if may_attach_twice else max(0, attached - 1)),
        wrongly_deleted=len(deleted - to_delete) + whole_functions(play),
        not_deleted=len(to_delete - deleted),
        deleted_but_not_reported=len(deleted ^ reported),
        live_buttons=live_buttons(play),
        untrue_words=(told != (len(deleted), len(expected))) + (recorded != dict(expected)),
        outcome_records_wrong=int(
            play.keys(f"outcomes/{execution}") != [f"outcomes/{execution}.json", f"outcomes/{execution}/page-1.json"]
            or outcome.get("ending") != "approved"
            or _DELETED.search(outcome["words"]) is None
            or len(deleted) != int(_DELETED.search(outcome["words"])[1])  # type: ignore[index]
        ),
        locks_left=locks_left(play),
        without_an_end=int(result.status.value != "SUCCEEDED"),
    )


def after_whatever_happened(play: Harness, arn: str, safe: AbstractSet[str], *, said: bool = True) -> Breaches:
    """Judge a run that may have failed: what it may not do all the same, and that it ended in words.

    `said` tells whether it can have been said in the channel.
    """
    result = play.result(arn)
    execution = play.execution(arn)
    posted = Counter(key for run, key in play.posts if run == execution)
    attached = sum(len(m.files) for m in play.workspace.messages(team.REVIEW))
    deleted = set(play.deleted)
    recorded = _recorded(play, execution)
    unconfirmed = {label for label, outcome in (recorded or {}).items() if outcome == "unconfirmed"}
    words = result.error.message if result.error else str(result.result)
    headline = _HEADLINE.search(play.root.text) if play.roots else None
    return Breaches(
        messages_lost=int(said and not play.roots),
        messages_doubled=sum(count - 1 for count in posted.values() if count > 1) + max(0, attached - 1),
        wrongly_deleted=len(deleted - safe) + whole_functions(play),
        deleted_but_not_reported=_misreported(play, deleted, recorded),
        live_buttons=live_buttons(play),
        untrue_words=int(
            headline is not None and not len(deleted) - len(unconfirmed) <= int(headline["deleted"]) <= len(deleted)
        ),
        locks_left=locks_in_the_way(play),
        without_an_end=int(not words),
    )


def _recorded(play: Harness, execution: str) -> dict[str, str] | None:
    """What the page's record says of each version, or the run's sum where somebody took the page's away or damaged it.

    None when neither can be read.
    """
    for key in (f"outcomes/{execution}/page-1.json", f"outcomes/{execution}.json"):
        if key not in play.keys("outcomes/"):
            continue
        try:
            return {f"{r['function_name']}:{r['version']}": r["outcome"] for r in play.record(key)["results"]}
        except (ValueError, KeyError, TypeError):
            continue
    return None


def _misreported(play: Harness, deleted: set[str], recorded: dict[str, str] | None) -> int:
    """Versions that are gone and not reported, or reported and there; one whose end could not be read is said to be."""
    if recorded is None:
        return 0 if _told_in_words(play, deleted) else len(deleted)
    said_gone = {label for label, outcome in recorded.items() if outcome == "deleted"}
    in_doubt = {label for label, outcome in recorded.items() if outcome == "unconfirmed"}
    missing = deleted - said_gone - in_doubt
    return len(said_gone - deleted) + (0 if not missing or _told_in_words(play, deleted) else len(missing))


def _told_in_words(play: Harness, deleted: set[str]) -> bool:
    """Whether the thread lists all that was deleted under a heading that says so, where no record could."""
    listed = [line for reply in (play.thread if play.roots else ()) for line in _lines_under(reply.text)]
    return all(
        any(f"`{name}`" in line and re.search(rf"\b{number}\b", line) for line in listed)
        for name, number in (label.split(":") for label in deleted)
    )


def _lines_under(text: str) -> Iterator[str]:
    """The lines of a list of what was deleted, or sent and not confirmed."""
    inside = False
    for line in text.splitlines():
        if not line.startswith("`"):
            inside = line.startswith(("Deleted", "Not confirmed"))
        elif inside:
            yield line


def locks_in_the_way(play: Harness) -> int:
    """How many regions a next run could not have without being told what to remove.

    A lock that was left is taken over once its execution is closed; one that was damaged is nobody's to take.
    """
    if not locks_left(play):
        return 0
    next_run = play.starts({"requested_by": team.ASKER})
    play.eventually(lambda: "announce-scan" in play.steps(next_run) or play.is_over(next_run))
    if "announce-scan" in play.steps(next_run):
        return 0
    refused = play.result(next_run).error
    return int(refused is None or "/locks/" not in refused.message)


def whole_functions(play: Harness) -> int:
    """How many functions were removed as a whole."""
    return sum(label.endswith(":(the whole function)") for label in play.deleted)


def live_buttons(play: Harness) -> int:
    """How many buttons that decide stand in the channel."""
    return live_buttons_of(play.workspace.messages(team.REVIEW))


def live_buttons_of(messages: Iterable[Message]) -> int:
    """How many buttons that decide stand on these messages."""
    deciding = {APPROVE, REJECT, STOP}
    return sum(
        element.get("action_id") in deciding
        for message in messages
        for block in message.blocks
        for element in block.get("elements", ())
        if isinstance(element, dict)
    )


def locks_left(play: Harness) -> int:
    """How many regions are still locked; the claim of a sweep stays for ever, so that none is carried out twice."""
    return sum(not _is_released(play, key) for key in play.keys("locks/") if not key.startswith("locks/sweeps/"))


def _is_released(play: Harness, key: str) -> bool:
    try:
        return bool(play.record(key)["released"])
    except (ValueError, KeyError, TypeError):  # somebody damaged it
        return False
