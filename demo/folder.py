"""The folder a demo keeps its state in: one demo at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ADDRESS = "address"


class InUse(Exception):
    """Another demo has the folder; the message says where it runs and what to do."""


@contextmanager
def held(folder: Path, address: str, *, fresh: bool) -> Iterator[None]:
    """Have the folder alone, emptied if it is to be `fresh`; the system lets go of it however this process ends.

    Raises InUse.
    """
    folder.mkdir(parents=True, exist_ok=True)
    holding = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(holding, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                f"A demo already runs on {folder}/, at {_address_in(folder)}. Open that one, or give this one a folder "
                'of its own: make demo ARGS="--state .demo-2"'
            ) from None
        if fresh:
            _empty(folder)
        (folder / _ADDRESS).write_text(address)
        yield
    finally:
        os.close(holding)


def _address_in(folder: Path) -> str:
    try:
        return (folder / _ADDRESS).read_text()
    except FileNotFoundError:  # it starts at this moment
        return "an address it is about to print"


def _empty(folder: Path) -> None:
    for child in folder.iterdir():
        shutil.rmtree(child) if child.is_dir() and not child.is_symlink() else child.unlink()
