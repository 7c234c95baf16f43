"""Write a run's lines of the ledger, and read the whole of it: every version ever approved, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from orchestrator.aws.storage import JSON_LINES, Store
from orchestrator.domain.ledger import LedgerLine, UnreadableLedgerLine, read_jsonl, with_lines

log = logging.getLogger(__name__)

LEDGER = "ledger/"
LONGEST_FILE = 32 * 1024 * 1024
"""Bytes of one run's lines that are read; a thousand versions are less than one megabyte."""


RUNS_LAST = timedelta(days=31)
"""Longer than a question waits for its last page, as the stack is usually set."""


def ledger_lines(store: Store, *, since: date | None = None) -> Iterator[LedgerLine]:
    """Yield every line that can be read, run by run; one that is damaged is logged and left out.

    `since` leaves out what cannot hold a decision of that day or later, by the month its run began in. Raises AwsError
    when S3 fails.
    """
    oldest = LEDGER if since is None else f"{LEDGER}{since - RUNS_LAST:%Y-%m}"
    for key in store.list_keys(LEDGER):
        if key < oldest:
            continue
        content = store.get_bytes(key, at_most=LONGEST_FILE)
        if content is None:
            log.error("a ledger file is too long to be read", extra={"key": key})
            continue
        for number, text in enumerate(content.decode(errors="replace").splitlines(), start=1):
            try:
                yield from read_jsonl(text)
            except UnreadableLedgerLine as error:
                log.warning("a ledger line is left out", extra={"key": key, "line": number, "problem": str(error)})


def write_ledger(store: Store, key: str, lines: Iterable[LedgerLine]) -> None:
    """Add lines to a run's own: what they say of a version replaces what was said before, so they may be told again."""
    before = store.get_bytes(key, at_most=LONGEST_FILE) or b""
    text = with_lines(before.decode(errors="surrogateescape"), lines)
    store.put_bytes(key, text.encode(errors="surrogateescape"), JSON_LINES)
