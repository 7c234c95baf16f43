# ruff: noqa: INP001 - import-linter finds it by this name
"""A contract for import-linter: who may import whom, as a list of what is allowed. What is not named is forbidden."""

from __future__ import annotations

import sys
from fnmatch import fnmatch

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowedImports(Contract):
    """Every module stands in a room, the longest that matches its name, and imports only what that room may.

    A room is a line `room: allowed, allowed`. The standard library and the room itself need no naming. Imports between
    rooms are judged one by one: what an allowed module imports in turn is its own room's affair.
    """

    rooms = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - import-linter's form
        """Collect every import that no room allows, and every module without a room."""
        allowed = dict(map(_read, self.rooms))
        breaches: list[str] = []
        for module in sorted(graph.modules):
            if graph.is_module_squashed(module):
                continue
            room = _room_of(module, allowed)
            if room is None:
                breaches.append(f"{module} stands in no room")
                continue
            breaches += [
                f"{module} may not import {imported}"
                for imported in sorted(graph.find_modules_directly_imported_by(module))
                if not _may(room, allowed, imported)
            ]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print a line for each breach."""
        for breach in check.metadata["breaches"]:
            output.print_error(breach, bold=False)


def _read(line: str) -> tuple[str, tuple[str, ...]]:
    room, _, names = line.partition(":")
    return room.strip(), tuple(name.strip() for name in names.split(",") if name.strip())


def _room_of(module: str, rooms: dict[str, tuple[str, ...]]) -> str | None:
    return max((room for room in rooms if _within(module, room)), key=len, default=None)


def _within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def _may(room: str, rooms: dict[str, tuple[str, ...]], imported: str) -> bool:
    if imported.partition(".")[0] in sys.stdlib_module_names or _room_of(imported, rooms) == room:
        return True
    return any(_within(imported, name) or fnmatch(imported, name) for name in rooms[room])
