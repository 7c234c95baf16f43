"""What a call of the Web API was given, and the refusal of what it should not have been."""

from __future__ import annotations

import json
from collections.abc import Mapping


class Refused(Exception):
    """Slack says no: an error code, and what stands beside it in the answer."""

    def __init__(self, error: str, **beside: object) -> None:
        super().__init__(error)
        self.error = error
        self.beside = beside


class Arguments:
    """A call's arguments, which come as JSON or as form fields holding JSON. Accessors refuse as Slack does."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self.given = given

    def __contains__(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str) -> str:
        """A string, required: missing or empty is refused as `invalid_arguments`."""
        value = self.given.get(name)
        if value is None or value == "" or isinstance(value, dict | list):
            raise invalid_arguments(f"[ERROR] missing required field: {name}")
        return str(value)

    def maybe_text(self, name: str) -> str:
        """A string, empty when it is missing."""
        value = self.given.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A truth value in any of the ways clients write it."""
        return str(self.given.get(name, "")).lower() in {"1", "true"}

    def number(self, name: str, *, otherwise: int, most: int) -> int:
        """A whole number from 1 on, cut at `most`; anything else is refused as `invalid_limit`."""
        value = self.given.get(name)
        if value is None:
            return otherwise
        try:
            number = int(str(value))
        except ValueError:
            raise Refused("invalid_limit") from None
        if number < 1:
            raise Refused("invalid_limit")
        return min(number, most)

    def json(self, name: str, *, otherwise: str) -> object:
        """JSON, given as such or as a string of it, None when missing; no JSON is refused as `otherwise` says."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        try:
            parsed: object = json.loads(value)
        except ValueError:
            raise Refused(otherwise) from None
        return parsed


def invalid_arguments(*messages: str) -> Refused:
    """The refusal that says which arguments are wrong, a message each."""
    return Refused("invalid_arguments", response_metadata={"messages": list(messages)})
