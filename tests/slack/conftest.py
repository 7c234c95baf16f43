"""Golden files: every message as it is sent, checked against Block Kit's limits before it is compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakes.slack import LocalSlack, problems, view_problems
from fakes.slack.team import review_workspace
from orchestrator.slack.message.blocks import SPOKEN_BYTES, Message
from tests.slack.channel import Channel

WIDTH = 200
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Message | dict], None]:
    """Compare a message, or a modal's view, with its golden file."""
    update = request.config.getoption("update_golden", default=False)

    def check(name: str, shown: Message | dict) -> None:
        if isinstance(shown, Message):
            assert problems(shown.blocks) == []
            assert 0 < len(shown.text.encode()) <= SPOKEN_BYTES
            content = {"text": shown.text.split("\n"), "blocks": shown.blocks}
        else:
            assert view_problems(shown) == []
            content = shown
        path = GOLDEN / f"{name}.json"
        text = _laid_out(content) + "\n"
        if update:
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {path.name}: run pytest tests/slack --update-golden and read it"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture
def channel() -> Iterator[Channel]:
    with LocalSlack(review_workspace()) as slack:
        yield Channel(slack)


def _laid_out(value: Any, depth: int = 0) -> str:
    """JSON as people read it: on one line what fits there."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + depth <= WIDTH or not isinstance(value, dict | list):
        return flat
    named = [f"{json.dumps(name)}: " for name in value] if isinstance(value, dict) else [""] * len(value)
    inside = value.values() if isinstance(value, dict) else value
    lines = [f"{' ' * (depth + 1)}{name}{_laid_out(part, depth + 1)}" for name, part in zip(named, inside, strict=True)]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join([opening, ",\n".join(lines), f"{' ' * depth}{closing}"])
