"""`python -m demo`: the whole story in a browser on one machine, without AWS and without Slack."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from demo import folder, server, story
from demo.pace import BELIEVABLE, QUICK
from demo.world import CUT_OFF, World

PORT = 8765
STATE = Path(".demo")
ANNOUNCEMENT = """
  {address}

  All of it runs on this machine. Ctrl-C stops it; what happened is kept in {state}/
"""


def main(arguments: Sequence[str]) -> int:
    """Run the demo until it is stopped, or the story to its end. Returns the exit code."""
    asked = _parser().parse_args(arguments)
    cut_off()
    if asked.story:
        with tempfile.TemporaryDirectory(prefix="snapstart-story-") as state:
            return _story(Path(state), asked.port)
    return _demo(asked.state, asked.port, fresh=asked.fresh, quick=asked.quick)


def _demo(state: Path, port: int, *, fresh: bool, quick: bool) -> int:
    listening = server.listen(port)
    address = server.origin(listening)
    try:
        with listening, folder.held(state, address, fresh=fresh):
            _log_to(state / "demo.log")
            running = server.Server(World(state, origin=address, pace=QUICK if quick else BELIEVABLE))
            running.announcement = ANNOUNCEMENT.format(address=address, state=state)
            running.run(sockets=[listening])
    except folder.InUse as in_use:
        print(in_use, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. `make demo` goes on where it was.")
    return 0


def _story(state: Path, port: int) -> int:
    _log_to(state / "demo.log")
    listening = server.listen(port)
    world = World(state, origin=server.origin(listening), pace=QUICK)
    with server.served(world, listening):
        return story.play(world, print)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--story", action="store_true", help="play the story in the terminal; exit 0 if it ends right")
    parser.add_argument("--port", type=int, default=PORT, help=f"where to serve, or the next free one (default {PORT})")
    parser.add_argument("--state", type=Path, default=STATE, help=f"where the demo keeps its state (default {STATE})")
    parser.add_argument("--fresh", action="store_true", help="forget the state first")
    parser.add_argument("--quick", action="store_true", help="without the latencies and limits of AWS and Slack")
    return parser


def cut_off() -> None:
    """Let nothing here find this machine's own AWS: neither its configuration nor its credentials."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(CUT_OFF)


def _log_to(file: Path) -> None:
    """Write what the libraries log to a file: the terminal holds one address."""
    logging.basicConfig(filename=file, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
