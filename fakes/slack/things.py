"""The things there are in a Slack workspace, each immutable: an edit puts a new one in place of the old."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Json = dict[str, Any]
ChangeKind = Literal["message", "deleted", "ephemeral", "modal", "ticks", "everything"]


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person or a bot user, as `users.info` tells of them. `part` is the role they play, in words."""

    id: str
    name: str
    part: str = ""
    team_id: str = ""
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False
    is_bot: bool = False
    is_stranger: bool = False


@dataclass(frozen=True, kw_only=True)
class UserGroup:
    """A user group such as @platform-oncall."""

    id: str
    handle: str
    members: tuple[str, ...]
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A channel and who is in it, bot users included."""

    id: str
    name: str
    members: tuple[str, ...]
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    is_org_shared: bool = False


@dataclass(frozen=True, kw_only=True)
class App:
    """An installed app: its ids, its bot token with the scopes granted, and the secret its requests are signed with."""

    id: str
    name: str
    bot_id: str
    bot_user_id: str
    token: str
    signing_secret: str
    scopes: tuple[str, ...]
    commands: tuple[str, ...] = ()
    token_revoked: bool = False


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message in a channel. `app_id` is None when a person wrote it; `thread_ts` is the parent's ts in a reply."""

    channel: str
    ts: str
    user: str
    app_id: str | None = None
    text: str = ""
    blocks: Sequence[Json] = ()
    thread_ts: str | None = None
    broadcast: bool = False
    metadata: Json | None = None
    edited_ts: str | None = None
    files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ephemeral:
    """A message one person alone sees. `app_id` is None when Slack itself speaks."""

    channel: str
    ts: str
    user: str
    app_id: str | None = None
    text: str = ""
    blocks: Sequence[Json] = ()
    thread_ts: str | None = None


@dataclass(frozen=True, kw_only=True)
class Modal:
    """A modal open on one person's screen."""

    id: str
    user: str
    app_id: str
    view: Json


@dataclass(frozen=True, kw_only=True)
class File:
    """A file: announced, then uploaded (`content` known), then shared in a channel."""

    id: str
    app_id: str
    name: str
    length: int
    title: str = ""
    content: bytes | None = None

    def to_dict(self) -> Json:
        """The file as JSON holds it."""
        content = None if self.content is None else base64.b64encode(self.content).decode()
        return {**asdict(self), "content": content}

    @classmethod
    def from_dict(cls, row: Json) -> File:
        """The file that JSON tells of."""
        content = None if row["content"] is None else base64.b64decode(row["content"])
        return cls(**{**row, "content": content})


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """The right to open one modal on a person's screen, for three seconds."""

    id: str
    user: str
    app_id: str
    expires_at: float
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class ResponseUrl:
    """The right to answer one interaction: five times in thirty minutes."""

    token: str
    user: str
    app_id: str
    channel: str
    message_ts: str | None
    is_ephemeral: bool
    expires_at: float
    uses: int = 0


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something a page must draw anew. `user` is whose screen alone it concerns, None for everyone's.

    `everything` means: what came before this number is not known any more, load all.
    """

    n: int
    kind: ChangeKind
    channel: str | None = None
    ts: str | None = None
    user: str | None = None
