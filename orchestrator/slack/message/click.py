"""The other half of the contract: what the buttons and boxes carry, and how a click is read back.

Nothing here trusts the payload: Slack signs what a client sent, and a client sends what it likes. A click only points
to a page record; what was ticked is intersected with that page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.days import LONGEST_KEEP_DAYS
from orchestrator.domain.runs import Page, checked_execution_id
from orchestrator.slack.message.blocks import OPTIONS_IN_A_GROUP

APPROVE = "approve"
REJECT = "reject"
STOP = "stop"
WHY_HELD = "why_held"
TICKS = "ticks"
"""The action id of every group of boxes."""
KEEP_DAYS = "keep_days"
"""The action id of the choice how long what is unticked is kept."""

CHECKUP = "checkup"
"""The button of the question that `doctor` asks."""

BUTTONS = frozenset({APPROVE, REJECT, STOP, WHY_HELD, CHECKUP})

OWN_GROUP = 3
"""So many versions of a function on a page have a group of their own."""

_REVISION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DAYS = re.compile(r"[0-9]{1,4}")


class UnreadableClick(ValueError):
    """The payload is not a press on one of our buttons; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """One press on one of our buttons, as the payload tells it."""

    action: str
    """`APPROVE`, `REJECT`, `STOP`, `WHY_HELD` or `CHECKUP`."""
    execution: str
    page: int
    revision: str
    user_id: str
    user_name: str
    user_team_id: str | None
    """The team the person belongs to: another one than the workspace's for people from other organisations."""
    team_id: str | None
    """The workspace; None for an app installed to a whole organisation."""
    channel_id: str
    message_ts: str
    thread_ts: str | None
    """The thread the message stands in, if it is a reply."""
    api_app_id: str
    trigger_id: str
    response_url: str
    keep_days: int | None = None
    """For how many days what is unticked is not asked about again; None when Slack did not send the choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """What was ticked on the clicker's screen, as far as it belongs to the page."""

    selected: frozenset[VersionKey]
    not_sent: frozenset[VersionKey]
    """The versions whose group did not arrive with the click: they count as unticked."""
    none_arrived: bool
    """Whether no group of this page and revision arrived at all."""
    unknown: int
    """Ticked values that are no box of this page: never selected."""

    @property
    def boxes_missing(self) -> int:
        """How many boxes did not arrive with the click."""
        return len(self.not_sent)


def groups_of(candidates: Sequence[Candidate]) -> list[tuple[Candidate, ...]]:
    """The boxes in groups of at most ten: first the functions with more than two, then the others together.

    A page of one function has no others.
    """
    by_function: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_function.setdefault(candidate.function_name, []).append(candidate)
    fewest = OWN_GROUP if len(by_function) > 1 else 1
    own = [rows for rows in by_function.values() if len(rows) >= fewest]
    shared = [row for rows in by_function.values() if len(rows) < fewest for row in rows]
    return [
        tuple(rows[start : start + OPTIONS_IN_A_GROUP])
        for rows in [*own, shared]
        for start in range(0, len(rows), OPTIONS_IN_A_GROUP)
    ]


def boxes_id(page: Page, group: int) -> str:
    """The block id of one group of boxes: another one in every revision, so that no client shows stale ticks."""
    return f"boxes.{page.page}.{page.revision}.{group}"


def buttons_id(page: Page) -> str:
    """The block id of the buttons, and of the choice beside them."""
    return _buttons_id(page.page, page.revision)


def _buttons_id(page: int, revision: str) -> str:
    return f"buttons.{page}.{revision}"


def buttons_id_at_the_end(page: Page) -> str:
    """The block id of the buttons below a long page."""
    return f"{buttons_id(page)}.end"


def button_value(page: Page) -> str:
    """What a button carries."""
    return json.dumps({"e": page.execution, "p": page.page, "r": page.revision}, separators=(",", ":"))


def read_click(payload: Mapping[str, Any]) -> Click:
    """Read a `block_actions` payload of one of our buttons. Raises UnreadableClick for anything else."""
    action = _first_action(payload)
    action_id = _text(action, "action_id")
    if action_id not in BUTTONS:
        raise UnreadableClick(f"{action_id[:40]!r} is not one of our buttons")
    execution, page, revision = _read_value(_text(action, "value"))
    user = _object(payload, "user")
    container = _object(payload, "container")
    team = payload.get("team")
    return Click(
        action=action_id,
        execution=execution,
        page=page,
        revision=revision,
        user_id=_text(user, "id"),
        user_name=_text_or_none(user, "name") or _text_or_none(user, "username") or _text(user, "id"),
        user_team_id=_text_or_none(user, "team_id"),
        team_id=_text_or_none(team, "id") if isinstance(team, Mapping) else None,
        channel_id=_text(_object(payload, "channel"), "id"),
        message_ts=_text(container, "message_ts"),
        thread_ts=_text_or_none(container, "thread_ts"),
        api_app_id=_text(payload, "api_app_id"),
        trigger_id=_text(payload, "trigger_id"),
        response_url=_text_or_none(payload, "response_url") or "",
        keep_days=_days_chosen(_state_values(payload), _buttons_id(page, revision)),
    )


def read_ticks(payload: Mapping[str, Any], page: Page) -> Ticks:
    """Read which boxes of this page were ticked. Raises UnreadableClick when the state is not of Slack's shape.

    Whether Slack sends groups nobody touched is not documented, so one that is missing counts as unticked.
    """
    values = _state_values(payload)
    boxes = {candidate.label: candidate.key for candidate in page.candidates}
    boxes |= {str(index): candidate.key for index, candidate in enumerate(page.candidates)}  # the release before
    ticked: set[str] = set()
    not_sent: set[VersionKey] = set()
    for number, group in enumerate(groups_of(page.candidates)):
        of_group = _ticked(values, boxes_id(page, number))
        if of_group is None:
            not_sent |= {candidate.key for candidate in group}
        else:
            ticked |= of_group
    selected = frozenset(boxes[value] for value in ticked if value in boxes)
    unknown = sum(1 for value in ticked if value not in boxes)
    none_arrived = len(not_sent) == len(page.candidates)
    return Ticks(selected=selected, not_sent=frozenset(not_sent), none_arrived=none_arrived, unknown=unknown)


def ticked_in(payload: Mapping[str, Any], block_id: str) -> frozenset[str] | None:
    """The values ticked in one block of boxes; None when it did not arrive. Raises UnreadableClick."""
    return _ticked(_state_values(payload), block_id)


def answer(click: Click, page: Page, ticks: Ticks | None, decided_at: float) -> dict[str, Any]:
    """What the durable callback is told; `ticks` only counts for an approval, `decided_at` is in seconds since 1970."""
    approving = ticks if click.action == APPROVE else None
    return {
        "approved": approving is not None,
        "approved_versions": _versions(approving.selected if approving else ()),
        "approver": {"id": click.user_id, "name": click.user_name},
        "decided_at": datetime.fromtimestamp(decided_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "offer_hash": page.offer_hash,
        "boxes_missing": approving.boxes_missing if approving else 0,
        "not_sent": _versions(approving.not_sent if approving else ()),
        "stop": click.action == STOP,
        "keep_days": click.keep_days,
    }


def _versions(keys: Iterable[VersionKey]) -> list[dict[str, str]]:
    return [{"function_name": name, "version": str(number)} for name, number in sorted(keys)]


def _state_values(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    state = payload.get("state")
    return _object(state, "values") if isinstance(state, Mapping) and "values" in state else {}


def _days_chosen(values: Mapping[str, Any], block_id: str) -> int | None:
    """What is chosen beside the buttons; None when that did not arrive, or is no number of days."""
    chosen: Any = values
    for key in (block_id, KEEP_DAYS, "selected_option", "value"):
        chosen = chosen.get(key) if isinstance(chosen, Mapping) else None
    if not isinstance(chosen, str) or not _DAYS.fullmatch(chosen):
        return None
    return int(chosen) if 1 <= int(chosen) <= LONGEST_KEEP_DAYS else None


def _ticked(values: Mapping[str, Any], block_id: str) -> frozenset[str] | None:
    """The values ticked in one group; None when the group did not arrive."""
    if block_id not in values:
        return None
    options = _object(_object(values, block_id), TICKS).get("selected_options")
    if not isinstance(options, list):
        raise UnreadableClick(f"selected_options of {block_id} is not a list")
    return frozenset(_text(_mapping(option, "an option"), "value") for option in options)


def _first_action(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    if payload.get("type") != "block_actions":
        raise UnreadableClick("the payload is not of type block_actions")
    actions = payload.get("actions")
    if not isinstance(actions, list) or len(actions) != 1:
        raise UnreadableClick("the payload does not hold exactly one action")
    return _mapping(actions[0], "the action")


def _read_value(value: str) -> tuple[str, int, str]:
    try:
        carried = _mapping(json.loads(value), "the button's value")
        execution = checked_execution_id(_text(carried, "e"))
    except ValueError as error:
        raise UnreadableClick(f"the button's value cannot be read: {error}") from error
    page = carried.get("p")
    if type(page) is not int or page < 1:
        raise UnreadableClick("the button's value does not name a page")
    revision = _text(carried, "r")
    if not _REVISION.fullmatch(revision):
        raise UnreadableClick("the button's value does not name a revision")
    return execution, page, revision


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnreadableClick(f"{what} is not an object")
    return value


def _object(parent: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return _mapping(parent.get(key), f"`{key}`")


def _text(parent: Mapping[str, Any], key: str) -> str:
    value = parent.get(key)
    if not isinstance(value, str) or not value:
        raise UnreadableClick(f"`{key}` is not a text")
    return value


def _text_or_none(parent: Mapping[str, Any], key: str) -> str | None:
    value = parent.get(key)
    return value if isinstance(value, str) and value else None
