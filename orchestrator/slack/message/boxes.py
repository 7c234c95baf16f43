"""The boxes: one a version, ten to a group, each saying all that a person needs to decide about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from orchestrator.domain.report import Candidate
from orchestrator.domain.runs import Page
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import OPTION_DESCRIPTION, OPTION_TEXT, Json, label, plain
from orchestrator.slack.message.click import TICKS, boxes_id, groups_of, option_values
from orchestrator.slack.message.text import a_month, cut, cut_in_the_middle, date_in_words, monthly_sum

KEEPER_NAME = 20
LABEL_NAME = 30
LABEL_NAMES = 3


def boxes(page: Page, *, ticked: bool) -> Iterator[Json]:
    """The groups of a page, a label before each; with `ticked`, what costs money and was not kept starts ticked."""
    for number, (name, checkboxes) in enumerate(groups_of_boxes(page.candidates, ticked=ticked)):
        yield label(name)
        yield {"type": "actions", "block_id": boxes_id(page, number), "elements": [checkboxes]}


def groups_of_boxes(candidates: Sequence[Candidate], *, ticked: bool) -> Iterator[tuple[str, Json]]:
    """Each group of boxes with its label."""
    ids = option_values(candidates)
    idle = Counter(candidate.function_name for candidate in candidates)
    for group in groups_of(candidates):
        options = {candidate.key: _option(candidate, ids[candidate.key]) for candidate in group}
        initial = [options[candidate.key] for candidate in group if ticked and candidate.starts_ticked]
        checkboxes: Json = {"type": "checkboxes", "action_id": TICKS, "options": list(options.values())}
        if initial:
            checkboxes["initial_options"] = initial
        yield _label(group, idle), checkboxes


def _label(group: Sequence[Candidate], idle: Mapping[str, int]) -> str:
    by_name: dict[str, list[Candidate]] = {}
    for candidate in group:
        by_name.setdefault(candidate.function_name, []).append(candidate)
    if len(by_name) == 1:
        name = group[0].function_name
        part = f"{len(group)} of " if idle[name] > len(group) else ""
        return f"{name}: {part}{count(idle[name], 'idle version')}, {a_month(monthly_sum(group))}"
    named = list(by_name.items())[:LABEL_NAMES]
    names = [f"{cut_in_the_middle(name, LABEL_NAME)} {len(rows)}" for name, rows in named]
    more = len(by_name) - len(named)
    if more:
        names.append(count(more, "more function"))
    return f"{' · '.join(names)}: {count(len(group), 'version')}, {a_month(monthly_sum(group))}"


def _option(candidate: Candidate, value: str) -> Json:
    return {
        "text": plain(cut(candidate.label, OPTION_TEXT)),
        "description": plain(_description(candidate)),
        "value": value,
    }


def _description(candidate: Candidate) -> str:
    """Money, age, who kept it, runtime and memory, as many of them as fit."""
    facts = [_cost(candidate), f"{count(candidate.age_days, 'day')} old"]
    if candidate.kept_by is not None:
        facts.append(kept_in_words(candidate))
    if candidate.package_type == "Image":
        facts.append("container image")
    elif candidate.runtime is not None:
        facts.append(candidate.runtime)
    facts.append(f"{candidate.memory_mb:,} MB")
    text = facts[0]
    for fact in facts[1:]:
        if len(text) + 3 + len(fact) > OPTION_DESCRIPTION:
            break
        text += f" · {fact}"
    return text


def _cost(candidate: Candidate) -> str:
    if candidate.monthly_usd:
        return f"{'up to ' if candidate.costs_at_most else ''}{a_month(candidate.monthly_usd)}"
    if candidate.free:
        return "$0 now, Java is free"
    return f"$0 now, {candidate.state}" if candidate.state not in {None, "Active"} else "$0 now"


def kept_in_words(candidate: Candidate) -> str:
    """Who kept it last time, and when: plain text, for ids do not render there."""
    name = cut(candidate.kept_by_name or candidate.kept_by or "somebody", KEEPER_NAME)
    return f"kept by @{name}" + (f" on {date_in_words(candidate.kept_on)}" if candidate.kept_on else "")
