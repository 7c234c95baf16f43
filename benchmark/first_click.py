"""The bot in a fresh process: answers the first click it gets, and then more, and says how long each took.

python -m benchmark.first_click < clicks.json: only what the bot itself imports is imported before the first answer.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Answer the clicks, and print the moment of each answer, by the machine's monotonic clock."""
    clicks = json.load(sys.stdin)
    started, arrived = time.monotonic(), time.time()
    from bot.app import handler  # noqa: PLC0415 - what this costs is measured

    ready = time.monotonic()
    answers = []
    moments = []
    for click in clicks:
        before = time.monotonic()
        click["requestContext"]["timeEpoch"] = int(arrived * 1000)
        answers.append(handler(click, None)["statusCode"])
        moments.append((before, time.monotonic()))
        arrived = time.time()
    print(json.dumps({"started": started, "ready": ready, "answers": answers, "moments": moments}))


if __name__ == "__main__":
    main()
