"""The story without hands: ask, untick one, approve, watch; a guest, a late click, and a sweep of two accounts."""

from __future__ import annotations

import json
import re
import textwrap
import time
from collections.abc import Callable, Iterable
from typing import Any

from demo.world import BUCKET, World
from fakes.slack import Message, Person, team

Say = Callable[[str], object]

COMMAND = "/snapstart scan us-west-2 --prefix c"
SAVED = "/snapstart saved"
UNTICKED = "checkout-api:303"
PATIENCE_SECONDS = 90.0
LOOK_EVERY = 0.1
WIDTH = 96

_MENTION = re.compile(r"<(?:@|#|!subteam\^)(\w+)>")
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")


class TookTooLong(Exception):
    """Nothing came of it in time."""


def play(world: World, say: Say) -> int:
    """Play the story and tell it. Returns 0 when the end is right, 1 when it is not."""
    story = _Story(world, say)
    try:
        story.play()
        wrong = story.wrong()
    except TookTooLong as waited:
        wrong = [str(waited)]
    for what in wrong:
        say(f"WRONG     {what}")
    if not wrong:
        say("\nThe story ends as it should.")
    return 1 if wrong else 0


class _Story:
    def __init__(self, world: World, say: Say) -> None:
        self._world = world
        self._say = say
        self._told: dict[str, int] = {}
        self._asker = world.person(team.ASKER)
        self._approver = world.person(team.APPROVER)
        self._late = world.person(team.OTHER)
        self._guest = world.person(team.GUEST)
        self._ticked: list[str] = []
        self._decided: Message | None = None
        self._ticked_there: list[str] = []
        self._asked: list[Message] = []
        self._execution = ""
        self._heard = {seen.ts: self._text(seen).splitlines() for seen in world.workspace.messages(team.REVIEW)}

    def play(self) -> None:
        self._title("Somebody asks")
        self._does(self._asker, COMMAND)
        self._asker.types(COMMAND, channel=team.REVIEW)
        offer = self._until("the candidates to be posted", lambda: self._root if _buttons(self._root) else None)
        self._ticked = _ticked_at_first(offer)

        self._title("Two people look at it")
        self._does(self._guest, "presses Approve")
        self._guest.presses(offer, "approve")
        self._overhear()
        self._does(self._approver, f"unticks {UNTICKED}, presses Approve, and confirms")
        self._approver.unticks(offer, UNTICKED)
        self._approver.presses(offer, "approve")
        self._overhear()

        self._title("It is carried out")
        self._until("the run to end", lambda: self._is_over or None)

        self._title("Somebody else's screen had not caught up")
        self._does(self._late, "presses Reject")
        self._late.presses(offer, "reject")
        self._overhear()
        self._decided, self._execution = self._root, self._newest_execution

        self._title("Is it on the bill?")
        self._does(self._asker, SAVED)
        self._asker.types(SAVED, channel=team.REVIEW)
        self._until("the receipt to be posted", lambda: self._root if self._root is not self._decided else None)
        self._receipt = self._root
        self._left_open = any(map(_buttons, self._world.workspace.messages(team.REVIEW)))
        self._sweep()

    def _sweep(self) -> None:
        self._title("Two accounts, one digest")
        world = self._world
        world.has_second_account = True
        self._say(f"{'schedule':>18}  → sweeps {' and '.join(world.accounts)}")
        world.sweep()
        self._until("both accounts to be asked about", lambda: None if world.sweeping else True, tell=False)
        self._digest = self._root
        self._tell(self._digest, "channel")
        asked = {world.account_of(root): root for root in world.workspace.roots(team.REVIEW) if _buttons(root)}
        self._asked = list(asked.values())
        question = asked[world.second]
        self._ticked_there = _ticked_at_first(question)
        self._does(self._approver, "approves what is asked about search")
        self._approver.presses(question, "approve")
        self._overhear()
        decided = self._until("that to be carried out", lambda: self._said_of(question, " deleted, about"), tell=False)
        self._tell(decided, "channel")

    def _said_of(self, question: Message, words: str) -> Message | None:
        now = next(root for root in self._world.workspace.roots(team.REVIEW) if root.ts == question.ts)
        return now if words in now.text.splitlines()[0] else None

    def wrong(self) -> list[str]:
        """What is not as it should be, in words; empty when all is."""
        gone = {f"{name}:{number}" for name, number in self._world.cloud.deletions}
        approved = set(self._ticked) - {UNTICKED}
        root = self._decided or self._root
        replies = self._world.workspace.thread(team.REVIEW, root.ts)
        record = self._record()
        there = self._world.second.cloud
        links = json.dumps(self._digest.blocks)
        checks = {
            "something was offered": bool(approved),
            f"{UNTICKED} was offered": UNTICKED in self._ticked,
            "every approved version is gone, and no other": gone == approved,
            f"{UNTICKED} is still there": self._world.cloud.has(*UNTICKED.split(":")),
            "the root message says what was deleted": root.text.startswith(
                f"{len(approved)} of {len(approved)} versions deleted"
            ),
            "no button was left in the channel": not self._left_open,
            "the thread names the approver and the result": any("approved" in reply.text for reply in replies)
            and any("Deleted" in reply.text for reply in replies),
            "the record says how it ended": record.get("ending") == "approved",
            "the receipt tells what AWS's bill shows": self._receipt.text.startswith("AWS's bill: "),
            "the guest was refused": any("Guests" in e.text for e in self._guest.told),
            "the late click was told who had decided": any("Already decided" in e.text for e in self._late.told),
            "the digest leads to the question of each account": len(self._asked) == len(self._world.accounts)
            and all(self._world.workspace.permalink(question) in links for question in self._asked),
            "what was approved in search is gone there": {f"{name}:{number}" for name, number in there.deletions}
            == set(self._ticked_there),
            "and the question about payments still waits": len(self._still_asked()) == 1,
        }
        for words, holds in checks.items():
            self._say(f"  {'ok' if holds else '--'}  {words}")
        return [words for words, holds in checks.items() if not holds]

    def _record(self) -> dict[str, Any]:
        stored = self._world.cloud.storage.read(BUCKET, f"outcomes/{self._execution}.json")
        record: dict[str, Any] = json.loads(stored or b"{}")
        return record

    def _still_asked(self) -> list[Message]:
        return [root for root in self._world.workspace.roots(team.REVIEW) if _buttons(root)]

    # Watching and telling.

    @property
    def _root(self) -> Message:
        return self._world.workspace.roots(team.REVIEW)[-1]

    @property
    def _newest_execution(self) -> str:
        return str(self._world.engine.executions()[-1].durable_execution_arn).partition("/")[0]

    @property
    def _is_over(self) -> bool:
        return bool(self._world.engine.executions()[-1].is_complete)

    def _until(self, what: str, look: Callable[[], Any], *, tell: bool = True) -> Any:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            seen = look()
            if tell:
                self._overhear()
            if seen is not None:
                return seen
            time.sleep(LOOK_EVERY)
        raise TookTooLong(f"waited {PATIENCE_SECONDS:.0f} seconds for {what}")

    def _overhear(self) -> None:
        """Tell what is new: in the channel, in its thread, and what somebody alone was told."""
        root = self._root
        for message in (root, *self._world.workspace.thread(team.REVIEW, root.ts)):
            self._tell(message, "thread" if message.thread_ts else "channel")
        for person in (self._asker, self._approver, self._late, self._guest):
            for ephemeral in person.told[self._told.get(person.user_id, 0) :]:
                self._lines(f"only to {self._name(person)}", ephemeral.text.splitlines())
            self._told[person.user_id] = len(person.told)

    def _tell(self, message: Message, where: str) -> None:
        """Tell a message's lines; of one that was edited, the lines it did not have before."""
        before, now = self._heard.get(message.ts, []), self._text(message).splitlines()
        if before != now:
            self._heard[message.ts] = now
            self._lines(where, [line for line in now if line not in before])

    def _text(self, message: Message) -> str:
        return message.text or ", ".join(self._world.workspace.files[file].name for file in message.files)

    def _lines(self, where: str, lines: Iterable[str]) -> None:
        names = self._names()
        for line in lines:
            words = _DATE.sub(r"\1", _MENTION.sub(lambda found: names.get(found[1], found[1]), line)).replace("*", "")
            for folded in textwrap.wrap(words, WIDTH):
                self._say(f"{where:>18}  {folded}")
                where = ""

    def _names(self) -> dict[str, str]:
        workspace = self._world.workspace
        members = {member.id: f"@{member.name}" for member in workspace.members.values()}
        return members | {group.id: f"@{group.handle}" for group in workspace.groups.values()}

    def _name(self, person: Person) -> str:
        return self._world.workspace.members[person.user_id].name

    def _does(self, person: Person, what: str) -> None:
        self._say(f"{self._name(person):>18}  → {what}")

    def _title(self, words: str) -> None:
        self._say(f"\n{words}")


def _elements(message: Message) -> Iterable[dict[str, Any]]:
    return (part for block in message.blocks for part in block.get("elements", []) if isinstance(part, dict))


def _buttons(message: Message) -> list[str]:
    return [part["action_id"] for part in _elements(message) if part.get("type") == "button"]


def _ticked_at_first(message: Message) -> list[str]:
    return [
        option["value"]
        for part in _elements(message)
        if part.get("type") == "checkboxes"
        for option in part.get("initial_options", [])
    ]
