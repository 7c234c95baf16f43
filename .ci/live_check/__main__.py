"""`make live-check REGION=…`: look whether AWS, in this account and region, is as the product takes it to be."""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from datetime import UTC, datetime
from types import FrameType

import boto3

from live_check.check import COULD_NOT_START, check
from live_check.scene import World
from orchestrator.aws.errors import AWS_ERRORS, in_words

INTERRUPTED = 130

_DESCRIPTION = """\
Make one throw-away SnapStart function with your own credentials, try on it every fact that the rules of the product
rest on, and remove it again. It takes about half an hour and costs less than two cents; with --quick ten minutes,
and what AWS tells late is not asked. What an interrupted run left is removed by the next.
"""
_EPILOG = """\
exit status:
  0 all hold   1 some do not   3 it could not be started   4 something is left behind   5 some could not be asked
  130 interrupted
"""


def main(argv: list[str]) -> int:
    """Check the region that was typed, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="make live-check", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--region", required=True)
    parser.add_argument("--quick", action="store_true", help="without what AWS tells minutes later")
    typed = parser.parse_args(argv)
    try:
        session = boto3.Session()
        return check(
            World(
                region=typed.region,
                client=session.client,
                clock=lambda: datetime.now(UTC),
                sleep=time.sleep,
                say=lambda words: print(f"  {words}", file=sys.stderr, flush=True),
            ),
            quick=typed.quick,
            mark=secrets.token_hex(3),
            tell=lambda words: print(words, flush=True),
        )
    except AWS_ERRORS as error:
        print(f"Nothing was made: {in_words(error)}", file=sys.stderr)
        return COULD_NOT_START
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return INTERRUPTED


def _end(number: int, _: FrameType | None) -> None:
    """End as the signal would, but remove what was made on the way."""
    sys.exit(128 + number)


if __name__ == "__main__":
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _end)
    sys.exit(main(sys.argv[1:]))
