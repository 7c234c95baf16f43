"""Is the installation ready? What each thing that `doctor` tests comes to: it passes, or what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from orchestrator.domain.aws_words import plainly
from orchestrator.domain.stored import Fields, UnreadableField
from orchestrator.domain.words import count

SCHEMA_VERSION = 1
READINESS_KEY = "control/doctor.json"
NAMED_AT_MOST = 6
"""Actions or people that one line names."""

SCOPES: Mapping[str, str] = {
    "chat:write": "post the run's message",
    "files:write": "attach the report",
    "users:read": "know guests and outsiders",
    "usergroups:read": "know who is in the approvers' groups",
    "channels:history": "find its own messages again",
    "groups:history": "find its own messages again in a private channel",
    "channels:read": "see that the channel is not shared",
    "groups:read": "see that a private channel is not shared",
}
"""Every scope the Slack app asks for, and what it does with it."""

BOXES = ("first", "second")
"""The values of the two boxes whose ticks nobody is to touch."""


class Mark(StrEnum):
    """How one thing was found."""

    PASSES = "passes"
    FAILS = "fails"
    UNKNOWN = "unknown"
    """It could not be tested: nothing is ready that was not seen to be."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was tested: plain text, to be escaped where it is shown."""

    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What was tested, in order."""

    lines: tuple[Line, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.lines + other.lines)

    def marked(self, mark: Mark) -> tuple[Line, ...]:
        """The lines of one mark."""
        return tuple(line for line in self.lines if line.mark is mark)

    @property
    def passed(self) -> bool:
        """Whether every line passes."""
        return bool(self.lines) and all(line.mark is Mark.PASSES for line in self.lines)

    def to_dict(self) -> dict[str, Any]:
        """The value as a checkpoint and the record carry it."""
        return {"lines": [{"mark": line.mark.value, "words": line.words} for line in self.lines]}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """The value of a checkpoint or a record. Raises UnreadableField."""
        entries = Fields(data).entries("lines")
        return cls(tuple(Line(entry.member("mark", Mark), entry.text("words")) for entry in entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What a `doctor` found that counts, ticks included, and of which release."""

    release_id: str
    execution: str
    tested_at: int
    """Seconds since 1970."""
    found: Findings

    def passed_for(self, release_id: str) -> bool:
        """Whether every line passed, for this very release."""
        return self.release_id == release_id and self.found.passed

    def outlasts(self, later: Readiness) -> bool:
        """Whether this still counts after a later test: it passed for the same release, and nothing fails since."""
        failing = later.found.marked(Mark.FAILS)
        return self.passed_for(later.release_id) and not later.found.passed and not failing

    def to_dict(self) -> dict[str, Any]:
        """The record as it is stored."""
        return {
            "schema_version": SCHEMA_VERSION,
            "release_id": self.release_id,
            "execution": self.execution,
            "tested_at": self.tested_at,
            "passed": self.found.passed,
            **self.found.to_dict(),
        }


def read_readiness(data: Any) -> Readiness | None:
    """What a stored record says; None when there is none, or none that this release can read."""
    try:
        fields = Fields(data)
        if fields.whole("schema_version") != SCHEMA_VERSION:
            return None
        return Readiness(
            release_id=fields.text("release_id"),
            execution=fields.text("execution"),
            tested_at=fields.whole("tested_at"),
            found=Findings.from_dict(data),
        )
    except UnreadableField:
        return None


# The stack


def bucket(name: str, problem: str | None) -> Line:
    """Whether records can be written, read, listed, and put only where nobody was faster; `problem` says why not."""
    if problem is None:
        return _passes(f"Records can be written and read in s3://{name}, and two writers are told apart.")
    return _fails(
        f"The bucket {name} cannot be used: {plainly(problem)}. Deploy the stack again, or ask who changed its policy."
    )


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule as AWS knows it."""

    state: str
    target: str
    """The ARN of what it starts."""


def schedule(name: str, found: Schedule | None, target: str | None, *, problem: str = "") -> Line:
    """Whether the schedule is there and starts this stack; switched off is a choice. `problem` says why it is None."""
    if found is None:
        return _fails(f"The schedule {name} cannot be looked at: {plainly(problem)}. Deploy the stack again.")
    if target is not None and found.target != target:
        return _fails(f"The schedule {name} starts {found.target}, not this stack. Deploy the stack again.")
    on = "is on" if found.state == "ENABLED" else f"is there and switched off ({found.state.lower()})"
    return _passes(f"The schedule {name} {on}.")


def topic(arn: str, confirmed: int | None, *, problem: str = "") -> Line:
    """Whether somebody hears an alarm: how many subscriptions of the topic are confirmed; `problem` says why None."""
    if confirmed is None:
        return _fails(
            f"The alarm topic {arn} cannot be looked at: {plainly(problem)}. Correct AlarmTopicArn, or let the topic's "
            "policy allow it."
        )
    if confirmed == 0:
        return _fails(f"Nobody has a confirmed subscription to {arn}, so nobody hears an alarm. Subscribe somebody.")
    return _passes(f"{count(confirmed, 'subscription')} to the alarm topic {'is' if confirmed == 1 else 'are'} there.")


def bill(problem: str | None) -> Line:
    """Whether Cost Explorer answers; `problem` says why not."""
    if problem is None:
        return _passes("Cost Explorer answers.")
    return _fails(
        f"Cost Explorer does not answer: {plainly(problem)}. In a linked account the management account has to allow "
        "it; or set BillCheck to off."
    )


# Slack


def token(problem: str | None) -> Line:
    """Whether the secret can be read and Slack takes the token that is in it; `problem` says why not."""
    if problem is None:
        return _passes("The secret can be read, and Slack takes the bot token.")
    return _fails(
        f"The bot token cannot be used: {plainly(problem)}. Put the app's bot token into the secret, as JSON with "
        "bot_token and signing_secret."
    )


def needed_scopes(*, is_private: bool | None, groups: bool) -> list[str]:
    """The scopes that a stack uses: some are for private channels, one is for groups of approvers.

    `is_private` is None where the channel could not be looked at.
    """
    unused = None if is_private is None else "channels:" if is_private else "groups:"
    return [
        scope
        for scope in SCOPES
        if (unused is None or not scope.startswith(unused)) and (groups or scope != "usergroups:read")
    ]


def scopes(granted: Iterable[str] | None, needed: Sequence[str]) -> Line:
    """Whether the app has what it needs; None where Slack did not say what it has."""
    if granted is None:
        return _unknown("Slack did not say which scopes the token has. Try again in a minute.")
    have = frozenset(granted)
    missing = [f"{scope} to {SCOPES[scope]}" for scope in needed if scope not in have]
    if not missing:
        return _passes("The app has every scope it needs.")
    return _fails(
        f"The app lacks {', '.join(missing)}. Add what is missing under OAuth & Permissions and install the app again."
    )


def channel(problem: str | None) -> Line:
    """Whether the review channel is fit to post in; `problem` says why not."""
    if problem is None:
        return _passes("The app is in the review channel, which is neither archived nor shared.")
    return _fails(
        f"The review channel cannot be used: {problem}. Type /invite and the app's name there, or correct "
        "SlackChannelId."
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A person or a user group that a setting names."""

    id: str
    active: bool | None
    """Whether at least one active full member stands behind it; None when that could not be read."""
    problem: str = ""
    """Why it could not be read."""


def is_active(user: Mapping[str, Any]) -> bool:
    """Whether somebody, as Slack tells of them, is there and no guest, no bot and no stranger."""
    flags = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    return not any(user.get(flag, False) for flag in flags)


def people(what: str, setting: str, named: Sequence[Named]) -> Line:
    """Whether everybody whom a setting names is there: `what` they are, such as `approvers`."""
    if not named:
        return _fails(
            f"There are no {what}: {setting} is empty, so nobody can approve. Name somebody and deploy again."
        )
    unread = [one for one in named if one.active is None]
    if unread:
        return _unknown(
            f"Whether {_listed(one.id for one in unread)} can be reached is not known ({unread[0].problem})."
        )
    gone = [one.id for one in named if not one.active]
    if gone:
        return _fails(f"Nobody active stands behind {_listed(gone)}. Correct {setting}, or the group in Slack.")
    return _passes(f"All {what} are there: {_listed(one.id for one in named)}.")


def anyone() -> Line:
    """Any full member may approve."""
    return _passes("Any full member of the channel may approve.")


def ticks(ticked: frozenset[str] | None) -> Line:
    """Whether ticks that nobody touched came with the click: the values that came ticked, None when no box came."""
    if ticked is None:
        return _fails(
            "Slack does not send ticks that nobody touched. Before an approver presses Approve, they have to untick "
            "and tick one box in each group; without that nothing is approved."
        )
    if ticked == frozenset(BOXES):
        return _passes("Ticks that nobody touched arrive with the click.")
    return _unknown("The boxes were changed before the click, so it says nothing. Start this test again.")


def nobody_pressed() -> Line:
    """The button was there for an hour, and nobody pressed it."""
    return _unknown("Nobody pressed the button within an hour, so whether untouched ticks arrive is not known.")


def replies(*, found: bool, problem: str = "") -> Line:
    """Whether a reply can be read back from its thread; `problem` says why that is not known."""
    if found:
        return _passes("Replies can be read back from their thread.")
    why = f": {problem}" if problem else ""
    return _fails(
        f"A reply cannot be read back from its thread{why}. Then a reply may be posted twice. Check the scopes, and "
        "that no retention rule or app removes messages."
    )


# Accounts


class Permission(StrEnum):
    """What AWS says to a call."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Asked:
    """One call that was made to learn whether it is allowed."""

    action: str
    region: str
    permission: Permission
    words: str = ""
    """AWS's own, where it did not allow it."""


def entered(account: str, role: str, problem: str | None) -> Line:
    """Whether an account of the organisation can be entered with a role; `problem` says why not."""
    if problem is None:
        return _passes(f"{account} can be entered as {role}.")
    return _fails(
        f"{account} cannot be entered as {role}: {plainly(problem)}. Deploy member.yaml there, with this stack's "
        "OrchestratorRoleArn and ExternalId."
    )


def deletes_off_there(account: str, role: str) -> Line:
    """An account that may be scanned and admits no role which deletes, as one does whose own stack is in dry run."""
    return _fails(
        f"{account}: deletes are on here and switched off there, since it has no {role} that trusts this stack. What "
        "is approved there is skipped. Deploy member.yaml there with DeleteDryRun=false and its DeletablePrefix."
    )


def reads(account: str, asked: Sequence[Asked], *, template: str) -> Line:
    """Whether an account may be scanned; `template` is what grants it there."""
    denied = [one for one in asked if one.permission is Permission.DENIED]
    if denied:
        return _fails(
            f"{account}: the role may not call {_listed(_calls(denied))}. Deploy {template} again; if it still is "
            f"denied, a permissions boundary or a service control policy does it. AWS: {denied[0].words}"
        )
    unknown = [one for one in asked if one.permission is Permission.UNKNOWN]
    if unknown:
        return _unknown(f"{account}: {plainly(unknown[0].words)}, so whether all may be read is not known. Try again.")
    regions = dict.fromkeys(one.region for one in asked)
    actions = {one.action for one in asked}
    return _passes(f"{account}: everything a scan reads may be read in {', '.join(regions)} ({len(actions)} actions).")


def deletes(account: str, asked: Sequence[Asked], *, dry_run: bool, template: str) -> Line:
    """Whether deletes are allowed or denied as the setting says."""
    unknown = [one for one in asked if one.permission is Permission.UNKNOWN]
    if unknown:
        return _unknown(f"{account}: whether deletes are allowed is not known ({plainly(unknown[0].words)}).")
    wrong = [one for one in asked if (one.permission is Permission.ALLOWED) is dry_run]
    where = ", ".join(one.region for one in wrong or asked)
    if not wrong:
        return _passes(
            f"{account}: deletes are off, and AWS denies them in {where}."
            if dry_run
            else f"{account}: deletes are on, and AWS allows them in {where}."
        )
    if dry_run:
        return _fails(
            f"{account}: deletes are off (DeleteDryRun), but the role may delete in {where}. Take away the policy that "
            "somebody gave it."
        )
    return _fails(
        f"{account}: deletes are on, but denied in {where}. Deploy {template} again with DeleteDryRun=false and its "
        f"DeletablePrefix. AWS: {wrong[0].words}"
    )


def _calls(asked: Iterable[Asked]) -> Iterable[str]:
    """Each action once, with the regions it is about."""
    regions: dict[str, list[str]] = {}
    for one in asked:
        regions.setdefault(one.action, []).append(one.region)
    return (f"{action} in {', '.join(where)}" for action, where in regions.items())


def _listed(names: Iterable[str]) -> str:
    first = [*names]
    more = f" and {len(first) - NAMED_AT_MOST} more" if len(first) > NAMED_AT_MOST else ""
    return ", ".join(first[:NAMED_AT_MOST]) + more


def _passes(words: str) -> Line:
    return Line(Mark.PASSES, words)


def _fails(words: str) -> Line:
    return Line(Mark.FAILS, words)


def _unknown(words: str) -> Line:
    return Line(Mark.UNKNOWN, words)
