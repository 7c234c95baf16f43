"""Golden files: every message as it is sent, checked against Block Kit's limits before it is compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fakes.slack import problems, view_problems
from orchestrator.slack.message import Message

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, Message | dict], None]:
    """Compare a message, or a modal's view, with its golden file."""
    update = request.config.getoption("update_golden", default=False)

    def check(name: str, shown: Message | dict) -> None:
        if isinstance(shown, Message):
            assert problems(shown.blocks) == []
            assert 0 < len(shown.text) <= 4000
            content = {"text": shown.text.split("\n"), "blocks": shown.blocks}
        else:
            assert view_problems(shown) == []
            content = shown
        path = GOLDEN / f"{name}.json"
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        if update:
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden file {path.name}: run pytest tests/slack --update-golden and read it"
        assert text == path.read_text(encoding="utf-8")

    return check
