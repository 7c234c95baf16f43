"""Who may ask, and who may decide: pure rules on facts. Unknown is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

ANYONE = "*"


class Refusal(Enum):
    """Why somebody may not do what they asked for."""

    GUEST = "a guest, an outsider, a bot or a deactivated person"
    NOBODY_DECIDES = "no approver is set"
    NOT_AN_APPROVER = "not an approver"
    SECOND_PERSON = "who asked may not approve"


class Right(Enum):
    """What lets somebody decide a page or end a run."""

    APPROVER = "an approver"
    ASKER = "who asked for the run, and no approver: they may call it off, and nothing is remembered of it"


@dataclass(frozen=True, slots=True)
class Approvers:
    """Who may decide, as the stack was told: users and user groups by their ids, or any full member."""

    users: frozenset[str]
    groups: tuple[str, ...]
    anyone: bool

    @classmethod
    def of(cls, listed: Sequence[str]) -> Self:
        """The approvers of a setting: `U…` and `W…` are users, `S…` user groups, `*` alone any full member."""
        return cls(
            users=frozenset(approver for approver in listed if approver[:1] in ("U", "W")),
            groups=tuple(approver for approver in listed if approver.startswith("S")),
            anyone=tuple(listed) == (ANYONE,),
        )

    def groups_to_ask(self, user_id: str) -> tuple[str, ...]:
        """The groups whose members must be known before this person can be judged."""
        return () if self.anyone or user_id in self.users else self.groups

    def include(self, user_id: str, groups: frozenset[str]) -> bool:
        """Whether a person who is in these groups is an approver."""
        return self.anyone or user_id in self.users or not groups.isdisjoint(self.groups)

    @property
    def nobody(self) -> bool:
        """Whether no one at all can approve."""
        return not (self.users or self.groups or self.anyone)


def is_full_member(user: Mapping[str, Any], team_id: str) -> bool:
    """Whether a user, as `users.info` tells of them, is a full member of this workspace and a person.

    Every flag has to say so itself: Slack leaves the guest flags out where somebody is deactivated or a stranger.
    """
    denied = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted")
    if any(user.get(flag) is not False for flag in denied) or user.get("is_stranger", False) is not False:
        return False
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    return user.get("team_id") == team_id or (isinstance(teams, list) and team_id in teams)


def may_ask(user: Mapping[str, Any], team_id: str) -> Refusal | None:
    """Whether somebody may start a scan or ask what is going on: any full member. None says yes."""
    return None if is_full_member(user, team_id) else Refusal.GUEST


def may_decide(
    user: Mapping[str, Any],
    team_id: str,
    *,
    approvers: Approvers,
    groups: frozenset[str],
    asker_id: str | None,
    approves: bool,
    require_second_person: bool,
) -> Right | Refusal:
    """By what right somebody may decide a page, or why they may not.

    `groups` are those they are known to be in, `asker_id` is who asked for the run, None for the schedule. Who asked
    may always call their own run off, and never approve it where a second person is required.
    """
    user_id = user.get("id")
    if not isinstance(user_id, str) or not is_full_member(user, team_id):
        return Refusal.GUEST
    asked = user_id == asker_id
    if approvers.include(user_id, groups):
        return Refusal.SECOND_PERSON if approves and asked and require_second_person else Right.APPROVER
    if asked and not approves:
        return Right.ASKER
    return Refusal.NOBODY_DECIDES if approvers.nobody else Refusal.NOT_AN_APPROVER


def may_end(
    user: Mapping[str, Any], team_id: str, *, approvers: Approvers, groups: frozenset[str], asker_id: str | None = None
) -> Right | Refusal:
    """By what right somebody may stop a run or end a pause, or why they may not.

    Approvers may; so may who asked for the run, given as `asker_id` (None: nobody but approvers).
    """
    return may_decide(
        user,
        team_id,
        approvers=approvers,
        groups=groups,
        asker_id=asker_id,
        approves=False,
        require_second_person=False,
    )
