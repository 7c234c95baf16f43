"""How many examples a law draws whose examples are dear."""

from __future__ import annotations

from hypothesis import settings


def one_in(number: int) -> settings:
    """Draw one example where a law usually draws so many."""
    return settings(max_examples=max(1, settings.default.max_examples // number))
