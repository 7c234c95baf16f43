"""Small things the tests of the local Slack are made of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: float = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Endpoint:
    """An app's endpoint that takes every signed request and answers what it was given to answer."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain"
    events: list = field(default_factory=list)
    before_answering: object = None

    def __call__(self, event, context):
        self.events.append((event, context))
        if self.before_answering is not None:
            self.before_answering()
        return {"statusCode": self.status, "headers": {"content-type": self.content_type}, "body": self.body}


def plain(text="text", **more):
    return {"type": "plain_text", "text": text, **more}


def mrkdwn(text="text", **more):
    return {"type": "mrkdwn", "text": text, **more}


def header(text="header", **more):
    return {"type": "header", "text": plain(text), **more}


def section(text="section", **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def context(*texts):
    return {"type": "context", "elements": [mrkdwn(text) for text in texts or ("context",)]}


def divider(**more):
    return {"type": "divider", **more}


def button(text="Press", **more):
    return {"type": "button", "text": plain(text), **more}


def confirm(**more):
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def actions(*elements, **more):
    return {"type": "actions", "elements": list(elements), **more}


def option(value="v1", text=None, **more):
    return {"text": plain(text or f"option {value}"), "value": value, **more}


def checkboxes(*options, **more):
    return {"type": "checkboxes", "action_id": "boxes", "options": list(options), **more}


def boxes(*values, ticked=(), block_id="group-1"):
    """An actions block with one group of checkboxes."""
    initial = {"initial_options": [option(value) for value in ticked]} if ticked else {}
    return actions(checkboxes(*(option(value) for value in values), **initial), block_id=block_id)


def cell(text="cell"):
    return {"type": "raw_text", "text": text}


def table(*rows, **more):
    return {"type": "table", "rows": [list(row) for row in rows], **more}


def modal(*blocks, title="Title", **more):
    return {"type": "modal", "title": plain(title), "blocks": list(blocks), **more}
