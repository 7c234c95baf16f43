"""What is remembered after a decision, a refusal, an expiry and a scan: each a new memory, and the same one twice.

Nothing is kept that no approver kept: not in a rehearsal, not a box that started unticked and stayed so, not a group
that Slack did not send, not what somebody said who may not decide, not what a delete failed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from orchestrator.domain.candidates import NamesVersion, VersionKey
from orchestrator.domain.days import day_of
from orchestrator.domain.judging import Assessment
from orchestrator.domain.memory import (
    NAME_AT_MOST,
    WORDS_AT_MOST,
    Expiry,
    Keep,
    KeepReason,
    Memory,
    Refusal,
    Sighting,
)
from orchestrator.domain.reasons import Flag
from orchestrator.domain.runs import Action, Approver
from orchestrator.domain.versions import Alias, FunctionFacts

REMEMBERED_AT_MOST = 20_000
"""Keeps and refusals, as long as there are ended ones to drop: under fifteen megabytes, however long the names."""
SIGHTING_DAYS = 120
"""How long it is remembered where aliases pointed: longer than the 90 days of CloudTrail's event history."""
SIGHTINGS_OF_A_FUNCTION = 40
EXPIRIES_NAMED = 4
ASKED_LAST = frozenset({Flag.STATE_NOT_ELIGIBLE, Flag.RESOURCE_POLICY_PROTECTED, Flag.DURABLE_EXECUTION_RUNNING})
"""What holds a version that everything before left idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(NamesVersion):
    """One version of a decided page: how its box started, and how it came back."""

    function_name: str
    number: int
    started_ticked: bool
    sent: bool
    """Whether Slack sent its group with the click, as far as is known."""
    ticked: bool

    @property
    def unticked(self) -> bool:
        """Whether somebody unticked it."""
        return self.started_ticked and self.sent and not self.ticked


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAnswer:
    """One person's answer to one page, box by box."""

    action: Action
    by: Approver
    may_decide: bool
    """Whether they are an approver, and not kept from deciding this run."""
    on: date
    """The day of the answer, in UTC."""
    dry_run: bool
    keep_days: int
    """For how long what they keep is not asked about again."""
    boxes: tuple[Box, ...]


def after_decision(memory: Memory, answer: PageAnswer) -> Memory:
    """What an approver kept by this answer, and what they no longer keep because they approved it."""
    if answer.dry_run or not answer.may_decide:
        return memory
    match answer.action:
        case Action.APPROVE:
            approved = {box.key for box in answer.boxes if box.ticked}
            keeps = {key: keep for key, keep in memory.keeps.items() if key not in approved}
            unticked = [box.key for box in answer.boxes if box.unticked]
            return replace(memory, keeps=_kept(keeps, unticked, answer, KeepReason.UNTICKED))
        case Action.REJECT:
            everything = [box.key for box in answer.boxes]
            return replace(memory, keeps=_kept(memory.keeps, everything, answer, KeepReason.REJECTED))
        case _:
            return memory


def _kept(
    keeps: Mapping[VersionKey, Keep], keys: Iterable[VersionKey], answer: PageAnswer, reason: KeepReason
) -> Mapping[VersionKey, Keep]:
    """The keeps with these added; one that was promised for longer stays as it is."""
    until = answer.on + timedelta(days=answer.keep_days)
    added = {
        (name, number): Keep(
            function_name=name,
            number=number,
            by=answer.by.id,
            name=answer.by.name[:NAME_AT_MOST],
            on=answer.on,
            until=until,
            reason=reason,
        )
        for name, number in keys
        if (name, number) not in keeps or keeps[name, number].until < until
    }
    return {**keeps, **added}


def after_deletion(memory: Memory, gone: Iterable[VersionKey]) -> Memory:
    """Nothing is kept or refused of a version that is gone: its number never comes again."""
    keys = frozenset(gone)
    return replace(
        memory,
        keeps={key: keep for key, keep in memory.keeps.items() if key not in keys},
        refusals={key: refusal for key, refusal in memory.refusals.items() if key not in keys},
    )


def after_refusal(memory: Memory, key: VersionKey, *, words: str, on: date, keep_days: int) -> Memory:
    """AWS refused to delete this version, in these words: it is no news for so many days."""
    name, number = key
    refusal = Refusal(
        function_name=name,
        number=number,
        on=on,
        until=on + timedelta(days=keep_days),
        words=words[:WORDS_AT_MOST],
    )
    return replace(memory, refusals={**memory.refusals, key: refusal})


def after_expiry(memory: Memory, expiry: Expiry) -> Memory:
    """Nobody answered a scheduled question. The same question counts once."""
    if any(before.execution == expiry.execution for before in memory.expiries):
        return memory
    return replace(
        memory,
        expired_in_a_row=memory.expired_in_a_row + 1,
        expiries=(*memory.expiries, expiry)[-EXPIRIES_NAMED:],
    )


def after_answer(memory: Memory) -> Memory:
    """An approver answered, in a rehearsal too: somebody is listening."""
    return replace(memory, expired_in_a_row=0, expiries=())


@dataclass(slots=True, kw_only=True)
class Seen:
    """What one scan saw that is remembered, collected function by function."""

    at: datetime
    prefix: str = ""
    """The beginning of the names of the functions it looked at; of the others it says nothing."""
    aliases: dict[str, tuple[Alias, ...]] = field(default_factory=dict)
    """All aliases of each function it asked about."""
    not_judged: set[VersionKey] = field(default_factory=set)
    """The rows it reports as not judged."""
    in_vain: set[VersionKey] = field(default_factory=set)
    """The rows whose State was asked, and that only what is asked last holds."""
    complete: bool = True
    """Whether it looked at everything that nothing holds."""

    def add(self, facts: FunctionFacts, assessments: Iterable[Assessment]) -> None:
        """Add what was seen of one function."""
        if isinstance(facts.aliases, tuple):
            self.aliases[facts.name] = facts.aliases
        self.in_vain.update((facts.name, a.version.number) for a in assessments if a.flags and a.flags <= ASKED_LAST)
        self.complete &= all(a.held or a.candidate for a in assessments)
        self.not_judged.update((facts.name, a.version.number) for a in assessments if a.flags == {Flag.NOT_JUDGED})


def after_scan(memory: Memory, seen: Seen) -> Memory:
    """What a scan saw of the aliases, the rows it reported as not judged, and those the next scan looks at last."""
    elsewhere = frozenset(key for key in memory.not_judged if not key[0].startswith(seen.prefix))
    sightings = dict(memory.sightings)
    for name, aliases in seen.aliases.items():
        in_order = tuple(sorted(aliases, key=lambda alias: alias.name))
        sightings[name] = _seen_again(memory.sightings.get(name, ()), seen.at, in_order)
    in_vain = frozenset() if seen.complete else memory.in_vain | seen.in_vain
    return replace(memory, sightings=sightings, not_judged=elsewhere | seen.not_judged, in_vain=in_vain)


def _seen_again(before: tuple[Sighting, ...], at: datetime, aliases: tuple[Alias, ...]) -> tuple[Sighting, ...]:
    """The sightings with this one: found alike, the last one lasts longer; of an earlier moment nothing is added."""
    if before and at <= before[-1].last_seen:
        return before
    if before and before[-1].aliases == aliases:
        return (*before[:-1], replace(before[-1], last_seen=at))
    return (*before, Sighting(first_seen=at, last_seen=at, aliases=aliases))


def forget_ended(memory: Memory, today: date) -> Memory:
    """Drop what ended longest ago once there is too much of it, and where aliases pointed long ago.

    A keep or a refusal that is in force is never dropped, however many there are.
    """
    entries: list[Keep | Refusal] = [*memory.keeps.values(), *memory.refusals.values()]
    ended = sorted((entry for entry in entries if not entry.in_force(today)), key=lambda entry: entry.until)
    dropped = ended[: max(0, len(entries) - REMEMBERED_AT_MOST)]
    keys = {(type(entry), entry.key) for entry in dropped}
    recent = {name: tuple(_recent(sightings, today)) for name, sightings in memory.sightings.items()}
    return replace(
        memory,
        keeps={key: keep for key, keep in memory.keeps.items() if (Keep, key) not in keys},
        refusals={key: refusal for key, refusal in memory.refusals.items() if (Refusal, key) not in keys},
        sightings={name: sightings for name, sightings in recent.items() if sightings},
    )


def _recent(sightings: tuple[Sighting, ...], today: date) -> Iterator[Sighting]:
    oldest = today - timedelta(days=SIGHTING_DAYS)
    for sighting in sightings[-SIGHTINGS_OF_A_FUNCTION:]:
        if day_of(sighting.last_seen) >= oldest:
            yield sighting
