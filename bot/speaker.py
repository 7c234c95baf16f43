"""Who is speaking: what Slack knows of a person at this moment. Nothing is remembered from one decision to the next."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Self

from bot.authorisation import Approvers
from bot.deadline import Deadline
from bot.slack_client import Installation, Slack, SlackCallError


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A person, the workspace they speak in, and the approvers' groups they are in."""

    user: Mapping[str, Any]
    """As `users.info` tells of them."""
    team_id: str
    groups: frozenset[str]
    unread: str | None = None
    """Why one of the approvers' groups could not be read; None when all could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """Questions to Slack about one person, asked all at once so that the answers overlap."""

    installation: Future[Installation]
    user: Future[dict[str, Any]]
    members: Mapping[str, Future[frozenset[str]]]

    @classmethod
    def of(
        cls,
        slack: Slack,
        user_id: str,
        deadline: Deadline,
        *,
        approvers: Approvers | None = None,
        fresh: bool = False,
    ) -> Self:
        """Ask about a person; with `approvers`, also whether they are in one of their groups. Raises OutOfTime.

        `fresh` asks about our own installation as well, whose scopes may have changed.
        """
        groups = approvers.groups_to_ask(user_id) if approvers is not None else ()
        return cls(
            installation=deadline.start(slack.installation_now if fresh else slack.installation),
            user=deadline.start(slack.user, user_id),
            members={group: deadline.start(slack.members, group) for group in groups},
        )

    def heard(self, deadline: Deadline) -> Speaker:
        """Who it is. Raises SlackCallError, or OutOfTime."""
        team_id = deadline.result(self.installation).team_id
        user = deadline.result(self.user)
        groups, unread = set(), None
        for group, members in self.members.items():
            try:
                if user.get("id") in deadline.result(members):
                    groups.add(group)
            except SlackCallError as trouble:
                unread = trouble.words
        return Speaker(user=user, team_id=team_id, groups=frozenset(groups), unread=unread)
