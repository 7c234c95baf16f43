"""The README's generated parts are what the code says. `pytest --update-readme tests/test_readme.py` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator.domain.reasons import Flag

README = Path(__file__).parent.parent / "README.md"
BEGIN = "<!-- protections: generated from orchestrator/domain/reasons.py by tests/test_readme.py -->"
END = "<!-- /protections -->"


def protections() -> str:
    rows = [f"| `{flag.value}` | {flag.meaning} |" for flag in Flag if flag is not Flag.NO_ACTIVITY_AND_STALE]
    return "\n".join(["", "| flag | it stays because |", "|---|---|", *rows, ""])


def test_the_table_of_protections_is_what_the_code_says(request: pytest.FixtureRequest) -> None:
    text = README.read_text()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    expected = f"{head}{BEGIN}{protections()}{END}{tail}"
    if request.config.getoption("--update-readme"):
        README.write_text(expected)
    assert README.read_text() == expected
