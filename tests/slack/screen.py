"""A page as somebody has it on their screen, and what their client sends."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from fakes.slack import Message as Posted
from fakes.slack import Person
from fakes.slack.team import APP, APPROVER, BOT_USER, REVIEW, review_workspace
from orchestrator.domain.candidates import VersionKey
from orchestrator.domain.runs import Page
from orchestrator.slack.message.candidates import candidates
from tests.slack.builders import a_page, a_summary, the_policy, versions


class Screen:
    """A posted page on one person's screen, and the payload of what they press there."""

    def __init__(self, page: Page, *, thread_ts: str | None = None, untouched_groups_arrive: bool = True) -> None:
        self.workspace = review_workspace()
        offered = list(page.candidates)
        shown = candidates(
            page,
            offered=offered,
            summary=a_summary(offered),
            policy=the_policy(),
            approvers=["*"],
            second_person=False,
        )
        parent = None
        if thread_ts is not None:
            parent = self.workspace.post(Posted(channel=REVIEW, ts="", user=BOT_USER, app_id=APP, text="parent")).ts
        self.message = self.workspace.post(
            Posted(
                channel=REVIEW,
                ts="",
                user=BOT_USER,
                app_id=APP,
                text=shown.text,
                blocks=shown.blocks,
                thread_ts=parent,
            )
        )
        self.payload: dict[str, Any] = {}
        self.person = Person(self.workspace, APPROVER, self._receive, untouched_groups_arrive=untouched_groups_arrive)

    def _receive(self, event: dict, _: object) -> dict:
        body = b64decode(event["body"]).decode() if event["isBase64Encoded"] else event["body"]
        self.payload = json.loads(parse_qs(body)["payload"][0])
        return {"statusCode": 200}

    def ticks_exactly(self, keys: Iterable[VersionKey]) -> None:
        """Make the screen show these ticks and no other."""
        wanted = {f"{name}:{number}" for name, number in keys}
        for block in self.message.blocks:
            for element in block.get("elements", []):
                if element.get("type") == "checkboxes":
                    values = [o["value"] for o in element["options"] if o["value"] in wanted]
                    self.workspace.tick(APPROVER, self.message, block["block_id"], element["action_id"], values)

    def presses(self, button: str) -> dict[str, Any]:
        self.person.presses(self.message, button)
        return self.payload


def page_of(sizes: Iterable[int], revision: str = "r1") -> Page:
    offered = [c for i, size in enumerate(sizes) for c in versions(f"fn-{i}", range(1, size + 1))][:50]
    return a_page(offered, revision=revision)
