"""The boxes: one a version, grouped by function, each saying what a person recognises the version by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from orchestrator.domain.candidates import Candidate
from orchestrator.domain.runs import Page
from orchestrator.domain.words import count, dollars
from orchestrator.slack.message.blocks import OPTION_DESCRIPTION, OPTION_TEXT, Json, plain, section
from orchestrator.slack.message.click import TICKS, boxes_id, groups_of
from orchestrator.slack.message.text import a_month, console_link, cut, day_near, escape, monthly_sum

KEEPER_NAME = 20
SHA_SHOWN = 8
RECOGNISED_BY = 40
"""Most characters of a version's description: a phone shows no more in a line."""
SHORTEST_RECOGNISED = 8
REMEMBERED_DAYS = 455
"""How far back CloudWatch remembers calls."""


def boxes(page: Page, *, ticked: bool) -> Iterator[Json]:
    """The groups of a page, a heading before each; without `ticked` every box starts unticked."""
    for number, (heading, checkboxes) in enumerate(groups_of_boxes(page.candidates, ticked=ticked)):
        yield heading
        yield {"type": "actions", "block_id": boxes_id(page, number), "elements": [checkboxes]}


def groups_of_boxes(candidates: Sequence[Candidate], *, ticked: bool) -> Iterator[tuple[Json, Json]]:
    """Each group of boxes with its heading."""
    before = ""
    for group in groups_of(candidates):
        name = group[0].function_name
        of_one = all(candidate.function_name == name for candidate in group)
        options = [_option(candidate, of_one=of_one) for candidate in group]
        checkboxes: Json = {"type": "checkboxes", "action_id": TICKS, "options": options}
        initial = [
            option for option, candidate in zip(options, group, strict=True) if ticked and candidate.starts_ticked
        ]
        if initial:
            checkboxes["initial_options"] = initial
        heading = _of_one_function(group, continued=name == before) if of_one else _of_several(group)
        yield section(heading), checkboxes
        before = name if of_one else ""


def _of_one_function(group: Sequence[Candidate], *, continued: bool) -> str:
    name = escape(group[0].function_name)
    if continued:
        return f"*{name}*, continued"
    runtimes = dict.fromkeys(_runtime(candidate) for candidate in group)
    memory = dict.fromkeys(f"{candidate.memory_mb:,} MB" for candidate in group)
    return f"*{console_link(group[0].arn, name)}* · {'/'.join(runtimes)}, {'/'.join(memory)} · {_cost_of_each(group)}"


def _of_several(group: Sequence[Candidate]) -> str:
    functions = {candidate.function_name for candidate in group}
    return f"*{count(len(functions), 'function')}*, {count(len(group), 'version')} · {a_month(monthly_sum(group))}"


def _runtime(candidate: Candidate) -> str:
    return "container image" if candidate.package_type == "Image" else escape(candidate.runtime or "unknown runtime")


def _cost_of_each(group: Sequence[Candidate]) -> str:
    paying = [candidate.monthly_usd for candidate in group if candidate.monthly_usd]
    if not paying:
        return "$0 now"
    at_most = "up to " if any(candidate.costs_at_most for candidate in group) else ""
    span = dollars(max(paying)) if min(paying) == max(paying) else f"{dollars(min(paying))} to {dollars(max(paying))}"
    return f"{at_most}{span} a month each"


def _option(candidate: Candidate, *, of_one: bool) -> Json:
    label = str(candidate.number) if of_one else candidate.label
    option: Json = {"text": plain(_recognised(label, candidate)), "value": candidate.label}
    description = _description(candidate, of_one=of_one)
    return option | ({"description": plain(description)} if description else {})


def _recognised(label: str, candidate: Candidate) -> str:
    """The version's number, whole, and what it says of itself: its description, or a short hash of its code."""
    said = " ".join(candidate.description.split()) or (
        candidate.code_sha256 and f"code {candidate.code_sha256[:SHA_SHOWN]}"
    )
    room = min(RECOGNISED_BY, OPTION_TEXT - len(label) - 3)
    return f"{label} · {cut(said, room)}" if said and room >= min(len(said), SHORTEST_RECOGNISED) else label


def _description(candidate: Candidate, *, of_one: bool) -> str:
    """Why it starts unticked, when it was last called and published, and what it costs: as many of them as fit."""
    facts = [*_why_unticked(candidate), called_in_words(candidate), _published(candidate)]
    if not of_one:
        facts.append(a_month(candidate.monthly_usd) if candidate.monthly_usd else "")
    text = ""
    for fact in filter(None, facts):
        longer = f"{text} · {fact}" if text else cut(fact, OPTION_DESCRIPTION)
        if len(longer) <= OPTION_DESCRIPTION:
            text = longer
    return text


def _why_unticked(candidate: Candidate) -> Iterator[str]:
    if candidate.refused_on is not None:
        yield f"AWS refused its delete on {day_near(candidate.refused_on, _scanned_on(candidate))}"
    elif candidate.kept_by is not None:
        yield kept_in_words(candidate)
    if candidate.called_in_spells:
        yield "called in spells"
    if not candidate.monthly_usd:
        yield "$0 now, Java is free" if candidate.free else _free_in(candidate.state)


def _free_in(state: str | None) -> str:
    return f"$0 now, {state}" if state not in {None, "Active"} else "$0 now"


def kept_in_words(candidate: Candidate) -> str:
    """Who kept it and until when, or since when: plain text, for ids do not render there."""
    kept = f"kept by @{cut(candidate.kept_by_name or candidate.kept_by or 'somebody', KEEPER_NAME)}"
    today = _scanned_on(candidate)
    if candidate.kept_until is not None:
        ended = today is not None and candidate.kept_until < today.isoformat()
        return f"{'was ' if ended else ''}{kept} until {day_near(candidate.kept_until, today)}"
    return f"{kept} on {day_near(candidate.kept_on, today)}" if candidate.kept_on else kept


def called_in_words(candidate: Candidate) -> str:
    """When it was last called, as far as CloudWatch remembers; empty where that is not known."""
    if not candidate.last_called_known:
        return ""
    if candidate.last_called is not None:
        return f"last called {day_near(candidate.last_called, _scanned_on(candidate))}"
    return "never called" if candidate.age_days < REMEMBERED_DAYS else "never called in 15 months"


def _published(candidate: Candidate) -> str:
    if candidate.published_on is None:
        return f"{count(candidate.age_days, 'day')} old"
    return f"from {day_near(candidate.published_on, _scanned_on(candidate))}"


def _scanned_on(candidate: Candidate) -> date | None:
    """The day of the scan: what a candidate tells of days is told as of then."""
    if candidate.published_on is None:
        return None
    return date.fromisoformat(candidate.published_on) + timedelta(days=candidate.age_days)
