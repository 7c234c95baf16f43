"""Property tests draw modestly, so that the whole suite takes seconds, and the same examples every time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("modest", max_examples=40, deadline=None, derandomize=True, database=None)
settings.load_profile("modest")
