"""Name the owners of what is offered, each group once with its own versions. They gain no right to approve."""

from __future__ import annotations

from collections.abc import Iterator

from orchestrator.domain.owners import Owned, Owners
from orchestrator.domain.words import count
from orchestrator.slack.message.blocks import Message, context, message, section, titled
from orchestrator.slack.message.text import a_month, by_function, escape


def owners_in_thread(owners: Owners) -> Message:
    """The reply that tells the owners which of their versions are offered."""
    blocks = [block for owned in owners.named for block in _of_one(owned)]
    rest = list(_rest(owners))
    if rest:
        blocks.append(context(*rest))
    return message(blocks or [section("Nobody is named as an owner of what is offered.")])


def _of_one(owned: Owned) -> Iterator[dict[str, object]]:
    idle = count(len(owned.candidates), "idle version")
    title = f"<!subteam^{owned.group}> *{escape(owned.value)}*: {idle}, {a_month(owned.monthly_usd)}"
    yield from titled(title, by_function(candidate.key for candidate in owned.candidates))


def _rest(owners: Owners) -> Iterator[str]:
    if owners.more:
        yield f"{count(owners.more, 'version')} of further owners"
    if owners.nobody:
        yield f"{count(owners.nobody, 'version')} without an owner that this stack knows"
