"""python -m benchmark [--quick] [--json FILE]: measure, print, and fail when a target is missed."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmark import clicks, public_pattern, rendering, scans, shapes, sweep, table
from benchmark.account import served
from benchmark.fleet import Fleet
from benchmark.measured import JUDGED_FLEET, Measured

FLEETS = (Fleet(20, 50), JUDGED_FLEET, Fleet(200, 50), Fleet(1_250, 4), Fleet(2_000, 50))
"""The same at four sizes, and one of many small functions, where every version costs a call of the shared quota."""
QUICK = (Fleet(3, 10),)
ORGANISATION = sweep.Organised(accounts=40, regions=sweep.REGIONS, fleet=Fleet(20, 10))
SMALLEST = sweep.Organised(accounts=2, regions=sweep.REGIONS[:1], fleet=Fleet(1, 5))
PROCESSES = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 1 when a target is missed; a quick run has none."""
    asked = _read(arguments)
    when, began = datetime.now(UTC), time.monotonic()
    if asked.quick:
        measured = measure(QUICK, shapes.TINY, organised=SMALLEST, processes=1, scanning=scans.in_this_process)
    else:
        measured = measure(FLEETS, shapes.SHAPES, organised=ORGANISATION, processes=PROCESSES)
    took = time.monotonic() - began
    command = "make bench" + (" ARGS=--quick" if asked.quick else "")
    print("\n".join(table.lines(measured, heading=f"{command} · {when:%Y-%m-%d} · {took:.0f} s")))
    if asked.json is not None:
        result = {"date": f"{when:%Y-%m-%d}", "command": command, "seconds": took, **measured.to_dict()}
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if asked.quick:
        print("\nA tiny fleet: nothing is judged by it.")
        return 0
    print()
    print("\n".join(table.verdicts(measured)))
    return 0 if all(check.passed for check in measured.checks()) else 1


def measure(
    fleets: Sequence[Fleet],
    of_shapes: Sequence[shapes.Shape],
    *,
    organised: sweep.Organised,
    processes: int,
    scanning: scans.Scanning = scans.in_a_process,
) -> Measured:
    """Scan every fleet and shape, sweep the accounts, click on what the first asked, and let the public pattern ask.

    The fleets are always scanned in a process of their own; `scanning` says where the rest is.
    """
    done = []
    for number, fleet in enumerate(fleets):
        print(f"scanning {fleet} versions …", file=sys.stderr, flush=True)
        start = datetime.now(UTC).replace(microsecond=0)
        with served(start, fleet.fill) as account:
            done.append(scans.scan(account, fleet, start))
            if number == 0:
                rendered = rendering.render(account, done[0].execution)
                clicked = clicks.measure(account, processes=processes)
    shaped = []
    for shape in of_shapes:
        print(f"scanning {shape} …", file=sys.stderr, flush=True)
        shaped.append(shapes.scan(shape, scanning))
    print(f"sweeping {organised} …", file=sys.stderr, flush=True)
    return Measured(
        scans=tuple(done),
        public={fleet: public_pattern.ask(fleet) for fleet in fleets},
        shapes=tuple(shaped),
        swept=sweep.sweep(organised, scanning),
        clicks=clicked,
        rendered=rendered,
    )


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmark", description="Measure large scans, without an account.")
    parser.add_argument("--quick", action="store_true", help="one tiny fleet: does it run at all?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure down as JSON, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
