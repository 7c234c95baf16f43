"""The names a function can be called by: its aliases, and the qualifiers that CloudWatch saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from orchestrator.domain.encoding import alias_from_dict, alias_to_dict, decode_answer, encode_asked
from orchestrator.domain.versions import Alias, Missing


@dataclass(frozen=True, slots=True)
class Callers:
    """The names of one function."""

    aliases: tuple[Alias, ...] | Missing
    seen: frozenset[str] | Missing
    """Qualifiers that CloudWatch saw it called by in the last two weeks, those of deleted aliases too."""

    def to_dict(self) -> dict[str, Any]:
        """The names as they are handed on."""
        return {
            "aliases": encode_asked(self.aliases, lambda aliases: [alias_to_dict(alias) for alias in aliases]),
            "seen": encode_asked(self.seen, sorted),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The names of a dict."""
        aliases = decode_answer(data["aliases"], lambda rows: tuple(alias_from_dict(row) for row in rows))
        seen = decode_answer(data["seen"], frozenset[str])
        return cls(aliases, seen)
