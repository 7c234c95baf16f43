"""What Slack knows: members, channels, messages, what each person alone sees, and what changed when.

The state judges nothing: who may do what is the Web API's to say. Messages are immutable; an edit puts a new one in
place, so a copy taken earlier is what a screen that has not caught up still shows.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace

from fakes.slack.elements import checkbox_groups, elements_of, filled_in
from fakes.slack.things import (
    App,
    Change,
    ChangeKind,
    Channel,
    Ephemeral,
    File,
    Json,
    Member,
    Message,
    Modal,
    ResponseUrl,
    Trigger,
    UserGroup,
)

Clock = Callable[[], float]
"""Seconds since 1970."""

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5


class Workspace:
    """One Slack workspace, kept in memory, safe to use from several threads.

    `base_url` is where this Slack is served (no slash at its end); upload addresses, response URLs and permalinks begin
    with it.
    """

    def __init__(
        self,
        *,
        team_id: str = "T0WORKSHOP",
        domain: str = "workshop",
        members: Iterable[Member] = (),
        groups: Iterable[UserGroup] = (),
        channels: Iterable[Channel] = (),
        apps: Iterable[App] = (),
        clock: Clock = time.time,
    ) -> None:
        self.team_id = team_id
        self.domain = domain
        self.base_url = f"https://{domain}.slack.com"
        self.clock = clock
        self.members = {member.id: member for member in members}
        self.groups = {group.id: group for group in groups}
        self.channels = {channel.id: channel for channel in channels}
        self.apps = {app.id: app for app in apps}
        self.files: dict[str, File] = {}
        self._messages: dict[tuple[str, str], Message] = {}
        self._ephemerals: list[Ephemeral] = []
        self._modals: dict[str, Modal] = {}
        self._triggers: dict[str, Trigger] = {}
        self._response_urls: dict[str, ResponseUrl] = {}
        self._ticks: dict[tuple[str, str, str, str, str], tuple[str, ...]] = {}
        self._changes: list[Change] = []
        self._first_change = 1
        self._last_microsecond = 0
        self._changed = threading.Condition(threading.RLock())

    # Who and where.

    @property
    def app(self) -> App:
        """The app this workspace is about: the first one installed."""
        return next(iter(self.apps.values()))

    def put(self, thing: Member | UserGroup | Channel | App) -> None:
        """Add a member, group, channel or app, or put it in the place of the one with its id."""
        with self._changed:
            match thing:
                case Member():
                    self.members[thing.id] = thing
                case UserGroup():
                    self.groups[thing.id] = thing
                case Channel():
                    self.channels[thing.id] = thing
                case App():
                    self.apps[thing.id] = thing
            self._note("everything")

    # Messages.

    def messages(self, channel: str) -> list[Message]:
        """Every message of a channel, replies included, oldest first."""
        with self._changed:
            found = [message for message in self._messages.values() if message.channel == channel]
        return sorted(found, key=lambda message: message.ts)

    def roots(self, channel: str) -> list[Message]:
        """What stands in the channel itself: every message that is not a reply, and broadcast replies; oldest first."""
        return [message for message in self.messages(channel) if message.thread_ts is None or message.broadcast]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return [message for message in self.messages(channel) if message.thread_ts == ts]

    def message(self, channel: str, ts: str) -> Message | None:
        """The message as it stands now, or None."""
        with self._changed:
            return self._messages.get((channel, ts))

    def post(self, message: Message) -> Message:
        """Put a message into its channel. Its `ts` is given here, whatever it says."""
        with self._changed:
            posted = replace(message, ts=self._next_ts(), blocks=self._as_stored(message.blocks))
            self._messages[posted.channel, posted.ts] = posted
            self._note("message", channel=posted.channel, ts=posted.ts)
            return posted

    def edit(self, message: Message) -> Message:
        """Put a changed message in the place of the one with its channel and ts."""
        with self._changed:
            edited = replace(message, edited_ts=self._next_ts(), blocks=self._as_stored(message.blocks))
            self._messages[edited.channel, edited.ts] = edited
            self._note("message", channel=edited.channel, ts=edited.ts)
            return edited

    def delete(self, channel: str, ts: str) -> None:
        """Take a message away, as an administrator or retention may at any time."""
        with self._changed:
            del self._messages[channel, ts]
            self._note("deleted", channel=channel, ts=ts)

    def permalink(self, message: Message) -> str:
        """Where a browser finds the message."""
        link = f"{self.base_url}/archives/{message.channel}/p{message.ts.replace('.', '')}"
        return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.thread_ts else link

    # What one person alone sees.

    def whisper(self, ephemeral: Ephemeral) -> Ephemeral:
        """Show a message to one person. Its `ts` is given here."""
        with self._changed:
            shown = replace(ephemeral, ts=self._next_ts(), blocks=self._as_stored(ephemeral.blocks))
            self._ephemerals.append(shown)
            self._note("ephemeral", channel=shown.channel, ts=shown.ts, user=shown.user)
            return shown

    def ephemerals(self, user: str, channel: str | None = None) -> list[Ephemeral]:
        """What one person was told privately, oldest first, in one channel or in all."""
        with self._changed:
            return [e for e in self._ephemerals if e.user == user and channel in {None, e.channel}]

    def dismiss(self, user: str, ts: str) -> None:
        """Take a private message off a person's screen."""
        with self._changed:
            self._ephemerals = [e for e in self._ephemerals if (e.user, e.ts) != (user, ts)]
            self._note("ephemeral", ts=ts, user=user)

    def show_modal(self, user: str, app_id: str, view: Json) -> Modal:
        """Open a modal on a person's screen, over whatever is open there."""
        with self._changed:
            stored = {**view, "blocks": self._as_stored(view["blocks"])}
            modal = Modal(id=self._new_id("V"), user=user, app_id=app_id, view=stored)
            self._modals[user] = modal
            self._note("modal", user=user)
            return modal

    def modal(self, user: str) -> Modal | None:
        """The modal open on a person's screen, or None."""
        with self._changed:
            return self._modals.get(user)

    def close_modal(self, user: str) -> None:
        """Close the person's modal, if one is open."""
        with self._changed:
            if self._modals.pop(user, None) is not None:
                self._note("modal", user=user)

    # Ticks: they live in the person's own client. Slack keeps only the blocks as posted.

    def tick(self, user: str, message: Message, block_id: str, action_id: str, values: Sequence[str]) -> None:
        """Note that this is now ticked in one group, or chosen in one select, on this person's screen."""
        with self._changed:
            self._ticks[user, message.channel, message.ts, block_id, action_id] = tuple(values)
            self._note("ticks", channel=message.channel, ts=message.ts, user=user)

    def state_values(self, user: str, message: Message, *, with_untouched: bool = True) -> dict[str, dict[str, Json]]:
        """What this person's client would send as `state.values`, by block id and action id.

        What nobody touched shows its `initial_options`, or the `initial_option` of a select. Whether Slack sends what
        is untouched at all is not known: `with_untouched` says which of the two worlds this is.
        """
        values: dict[str, dict[str, Json]] = {}
        with self._changed:
            for block in message.blocks:
                for element in elements_of(block, "static_select"):
                    place = (user, message.channel, message.ts, block["block_id"], element["action_id"])
                    chosen = self._ticks.get(place)
                    initial = element.get("initial_option")
                    options = [option for option in element["options"] if option["value"] in (chosen or ())]
                    if chosen is not None or with_untouched:
                        values.setdefault(block["block_id"], {})[element["action_id"]] = {
                            "type": "static_select",
                            "selected_option": initial if chosen is None else options[0],
                        }
                for element in checkbox_groups(block):
                    place = (user, message.channel, message.ts, block["block_id"], element["action_id"])
                    touched = self._ticks.get(place)
                    if touched is None and not with_untouched:
                        continue
                    ticked = (
                        list(element.get("initial_options", []))
                        if touched is None
                        else [option for option in element["options"] if option["value"] in touched]
                    )
                    values.setdefault(block["block_id"], {})[element["action_id"]] = {
                        "type": "checkboxes",
                        "selected_options": ticked,
                    }
        return values

    def reload(self, user: str) -> None:
        """Forget what lived in a person's client alone: ticks go back to what was posted, private messages are gone."""
        with self._changed:
            self._ticks = {place: ticked for place, ticked in self._ticks.items() if place[0] != user}
            self._ephemerals = [e for e in self._ephemerals if e.user != user]
            self._modals.pop(user, None)
            self._note("everything", user=user)

    # Rights handed out with an interaction.

    def new_trigger(self, user: str, app_id: str) -> Trigger:
        """Hand out the right to open one modal."""
        with self._changed:
            seconds, microseconds = self._next_ts().split(".")
            trigger = Trigger(
                id=f"{seconds}.{microseconds}.{secrets.token_hex(16)}",
                user=user,
                app_id=app_id,
                expires_at=self.clock() + TRIGGER_SECONDS,
            )
            self._triggers[trigger.id] = trigger
            return trigger

    def trigger(self, trigger_id: str) -> Trigger | None:
        """The trigger of that id, used or not, expired or not."""
        with self._changed:
            return self._triggers.get(trigger_id)

    def use_trigger(self, trigger_id: str) -> None:
        """Spend a trigger."""
        with self._changed:
            self._triggers[trigger_id] = replace(self._triggers[trigger_id], used=True)

    def new_response_url(
        self, user: str, app_id: str, channel: str, *, message_ts: str | None = None, is_ephemeral: bool = False
    ) -> str:
        """Hand out an address that answers one interaction."""
        with self._changed:
            right = ResponseUrl(
                token=secrets.token_hex(12),
                user=user,
                app_id=app_id,
                channel=channel,
                message_ts=message_ts,
                is_ephemeral=is_ephemeral,
                expires_at=self.clock() + RESPONSE_URL_SECONDS,
            )
            self._response_urls[right.token] = right
            return f"{self.base_url}/response/{right.token}"

    def response_url(self, token: str) -> ResponseUrl | None:
        """The right behind a response URL."""
        with self._changed:
            return self._response_urls.get(token)

    def use_response_url(self, token: str) -> None:
        """Count one use."""
        with self._changed:
            right = self._response_urls[token]
            self._response_urls[token] = replace(right, uses=right.uses + 1)

    def new_file(self, app_id: str, name: str, length: int) -> File:
        """Announce a file that is about to be uploaded."""
        with self._changed:
            file = File(id=self._new_id("F"), app_id=app_id, name=name, length=length)
            self.files[file.id] = file
            return file

    def keep_file(self, file: File) -> None:
        """Put a file in the place of the one with its id."""
        with self._changed:
            self.files[file.id] = file

    # What changed.

    def changes_since(self, n: int, user: str | None = None) -> list[Change]:
        """What changed after change number `n`, in order; with `user`, without what others alone see."""
        with self._changed:
            if n + 1 < self._first_change or n > self._latest:
                return [Change(n=self._latest, kind="everything")]
            changes = self._changes[n + 1 - self._first_change :]
        return [change for change in changes if user is None or change.user in {None, user}]

    def wait_for_change(self, n: int, seconds: float) -> bool:
        """Wait until something changed after number `n`, at most so long. True when something did."""
        with self._changed:
            return self._changed.wait_for(lambda: self._latest > n, timeout=seconds)

    @property
    def latest_change(self) -> int:
        """The number of the newest change, 0 when nothing happened yet."""
        with self._changed:
            return self._latest

    # To disk and back.

    def snapshot(self) -> Json:
        """Everything this workspace knows, as JSON, so that a restart finds it again."""
        with self._changed:
            known = {
                "team_id": self.team_id,
                "domain": self.domain,
                "last_change": self._latest,
                "last_microsecond": self._last_microsecond,
                "members": [asdict(member) for member in self.members.values()],
                "groups": [asdict(group) for group in self.groups.values()],
                "channels": [asdict(channel) for channel in self.channels.values()],
                "apps": [asdict(app) for app in self.apps.values()],
                "files": [file.to_dict() for file in self.files.values()],
                "messages": [asdict(message) for message in self._messages.values()],
                "ephemerals": [asdict(ephemeral) for ephemeral in self._ephemerals],
                "modals": [asdict(modal) for modal in self._modals.values()],
                "triggers": [asdict(trigger) for trigger in self._triggers.values()],
                "response_urls": [asdict(right) for right in self._response_urls.values()],
                "ticks": [{"place": list(place), "ticked": list(ticked)} for place, ticked in self._ticks.items()],
            }
            copied: Json = json.loads(json.dumps(known))
            return copied

    def restore(self, snapshot: Json) -> None:
        """Become what the snapshot tells. The change feed goes on from where it is and says `everything`."""
        with self._changed:
            self.team_id = snapshot["team_id"]
            self.domain = snapshot["domain"]
            self.members = {row["id"]: Member(**row) for row in snapshot["members"]}
            self.groups = {row["id"]: UserGroup(**_with_tuples(row, "members")) for row in snapshot["groups"]}
            self.channels = {row["id"]: Channel(**_with_tuples(row, "members")) for row in snapshot["channels"]}
            self.apps = {row["id"]: App(**_with_tuples(row, "scopes", "commands")) for row in snapshot["apps"]}
            self.files = {row["id"]: File.from_dict(row) for row in snapshot["files"]}
            self._messages = {
                (row["channel"], row["ts"]): Message(**_with_tuples(row, "files")) for row in snapshot["messages"]
            }
            self._ephemerals = [Ephemeral(**row) for row in snapshot["ephemerals"]]
            self._modals = {row["user"]: Modal(**row) for row in snapshot["modals"]}
            self._triggers = {row["id"]: Trigger(**row) for row in snapshot["triggers"]}
            self._response_urls = {row["token"]: ResponseUrl(**row) for row in snapshot["response_urls"]}
            self._ticks = {tuple(row["place"]): tuple(row["ticked"]) for row in snapshot["ticks"]}
            self._last_microsecond = max(self._last_microsecond, snapshot["last_microsecond"])
            self._first_change = max(self._latest, snapshot["last_change"]) + 1
            self._changes = []
            self._note("everything")

    # Numbers and ids.

    @property
    def _latest(self) -> int:
        return self._first_change + len(self._changes) - 1

    def _note(self, kind: ChangeKind, **where: str | None) -> None:
        self._changes.append(Change(n=self._latest + 1, kind=kind, **where))
        self._changed.notify_all()

    def _next_ts(self) -> str:
        self._last_microsecond = max(int(self.clock() * 1_000_000), self._last_microsecond + 1)
        return f"{self._last_microsecond // 1_000_000}.{self._last_microsecond % 1_000_000:06d}"

    def _new_id(self, kind: str) -> str:
        return f"{kind}0{self._next_ts().replace('.', '')}"

    def _as_stored(self, blocks: Sequence[Json]) -> list[Json]:
        return [filled_in(block, self._new_id) for block in blocks]


def _with_tuples(row: Json, *names: str) -> Json:
    return {**row, **{name: tuple(row[name]) for name in names}}
