"""The records of a run in S3: what the bot may read, decisions and outcomes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from orchestrator.aws.errors import AwsError
from orchestrator.aws.storage import Store
from orchestrator.domain.candidates import Candidate
from orchestrator.domain.checkup import Checkup, checkup_key
from orchestrator.domain.decisions import PageOutcome
from orchestrator.domain.pause import PAUSE_KEY, Pause, UnreadablePause, read_pause
from orchestrator.domain.readiness import READINESS_KEY, Readiness, read_readiness
from orchestrator.domain.report import Summary
from orchestrator.domain.run_sum import RunSum
from orchestrator.domain.runs import (
    Held,
    Page,
    Run,
    UnreadableRecord,
    held_key,
    page_key,
    run_key,
)
from orchestrator.domain.stop import Stop, read_stop, stop_key
from orchestrator.domain.stored import known_fields

SCHEMA_VERSION = 1


class Records:
    """The records of one execution, and those it shares with the runs before it."""

    def __init__(self, store: Store, bucket: str) -> None:
        self.store = store
        self.bucket = bucket

    # What the bot may read

    def write_run(self, run: Run) -> Run:
        """Write down how far the run is."""
        self.store.put_json(run_key(run.execution), run.to_dict())
        return run

    def read_run(self, execution: str) -> Run | None:
        """The run another execution wrote down; None when there is none, or none this release can read."""
        try:
            stored = self.store.get_json(run_key(execution))
            return None if stored is None else Run.from_dict(stored)
        except ValueError:
            return None

    def current(self, run: Run) -> Run:
        """A run as it was written down last; as it is given when that cannot be read."""
        return self.read_run(run.execution) or run

    def write_page(self, page: Page) -> None:
        """Write down what a page offers, or how it was decided."""
        self.store.put_json(page_key(page.execution, page.page), page.to_dict())

    def read_page(self, execution: str, page: int) -> Page | None:
        """What a page offers. Raises ValueError, or UnreadableRecord, when it is not one this release can read."""
        stored = self.store.get_json(page_key(execution, page))
        return None if stored is None else Page.from_dict(stored)

    def write_offer(self, execution: str, summary: Summary, candidates: Iterable[Candidate]) -> None:
        """Write down the totals of a finished scan, and its candidates in the order they are offered."""
        rows = [asdict(candidate) for candidate in candidates]
        self.store.put_json(_offer_key(execution), {"summary": summary.to_dict(), "candidates": rows})

    def read_offer(self, execution: str) -> tuple[Summary, tuple[Candidate, ...]]:
        """What `write_offer` wrote down.

        Raises UnreadableRecord when the hand-off is gone or damaged.
        """
        key = _offer_key(execution)
        try:
            stored = self.store.get_json(key)
            return Summary.from_dict(stored["summary"]), tuple(
                Candidate(**known_fields(Candidate, row)) for row in stored["candidates"]
            )
        except (LookupError, TypeError, ValueError) as error:
            raise UnreadableRecord(f"the scan's candidates cannot be read from {self.s3_uri(key)}: {error}") from error

    def write_held(self, held: Held) -> None:
        """Write down the answer to *Why held?*."""
        self.store.put_json(held_key(held.execution), held.to_dict())

    def read_pause(self) -> Pause | UnreadablePause | None:
        """Whether deleting is paused, None when nobody ever said so; what cannot be read counts as a pause."""
        try:
            stored = self.store.get_json_with_etag(PAUSE_KEY)
            return None if stored is None else read_pause(stored[0])
        except (AwsError, ValueError, RecursionError) as error:
            return UnreadablePause(str(error))

    def write_pause(self, pause: Pause) -> None:
        """Write down that deleting is paused, or no longer."""
        self.store.put_json(PAUSE_KEY, pause.to_dict())

    def write_checkup(self, checkup: Checkup) -> None:
        """Write down the question that the doctor asks."""
        self.store.put_json(checkup_key(checkup.execution), checkup.to_dict())

    def read_checkup(self, execution: str) -> Checkup | None:
        """The question that the doctor asked. Raises ValueError, or UnreadableRecord, when it cannot be read."""
        stored = self.store.get_json(checkup_key(execution))
        return None if stored is None else Checkup.from_dict(stored)

    def write_readiness(self, readiness: Readiness) -> None:
        """Write down what the doctor found."""
        self.store.put_json(READINESS_KEY, readiness.to_dict())

    def read_readiness(self) -> Readiness | None:
        """What the doctor found last; None when that cannot be read: what was not seen to pass did not."""
        try:
            return read_readiness(self.store.get_json(READINESS_KEY))
        except (AwsError, ValueError, RecursionError):
            return None

    def write_stop(self, execution: str, stop: Stop) -> None:
        """Write down that somebody stopped a run."""
        self.store.put_json(stop_key(execution), stop.to_dict())

    def read_stop(self, execution: str) -> Stop | None:
        """Who stopped a run; None when nobody did. What cannot be read counts as a stop."""
        try:
            return read_stop(self.store.get_json(stop_key(execution)))
        except (AwsError, ValueError, RecursionError):
            return read_stop({})

    # Decisions and outcomes

    def write_page_outcome(self, outcome: PageOutcome) -> str:
        """Write a page's decision before its deletes, and again with the results after. Returns its key."""
        key = outcome_key(outcome.page.execution, outcome.page.page)
        self.store.put_json(key, outcome.to_dict())
        return key

    def read_page_outcome(self, execution: str, page: int) -> PageOutcome | None:
        """A page's decision and, once there, its results; None when nothing was decided. Raises UnreadableRecord."""
        key = outcome_key(execution, page)
        try:
            stored = self.store.get_json(key)
        except ValueError as error:
            raise UnreadableRecord(f"{self.s3_uri(key)} cannot be read: {error}") from error
        return None if stored is None else PageOutcome.from_dict(stored)

    def read_outcomes(self, execution: str, upto: int) -> list[PageOutcome]:
        """What came of the pages up to this one, as far as they were decided. Raises UnreadableRecord."""
        read = (self.read_page_outcome(execution, page) for page in range(1, upto + 1))
        return [outcome.as_far_as_known() for outcome in read if outcome is not None]

    def readable_outcomes(self, run: Run) -> list[PageOutcome]:
        """What came of the pages of a run as it is now, as far as the records can be read. Never fails."""
        try:
            return self.read_outcomes(run.execution, run.pages)
        except (AwsError, ValueError):
            return []

    def write_sum(self, summed: RunSum) -> None:
        """Write the sum of a run."""
        self.store.put_json(summed.key, summed.to_dict())

    # For people

    def s3_uri(self, key: str) -> str:
        """Where a record is, for people."""
        return f"s3://{self.bucket}/{key}"


def handoffs(execution: str) -> str:
    """Where the hand-offs between a run's steps are; read by nothing once it is over."""
    return f"intermediate/{execution}/"


def _offer_key(execution: str) -> str:
    return f"{handoffs(execution)}offer.json"


def outcome_key(execution: str, page: int) -> str:
    """Where it is recorded what came of a page."""
    return f"outcomes/{execution}/page-{page}.json"
