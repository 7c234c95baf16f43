"""What each account and region remembers, in S3: read by every run, changed only on top of what was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Self

from orchestrator.aws.storage import JSON, Store
from orchestrator.domain.days import day_of
from orchestrator.domain.memory import (
    Memory,
    UnreadableMemory,
    damaged_key,
    kept_before_key,
    memory_key,
    take_over,
)
from orchestrator.domain.remember import forget_ended
from orchestrator.domain.runs import Run

LARGEST_MEMORY = 64 * 1024 * 1024
"""Bytes of a memory that are read, and set aside when they are damaged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Whose memory it is, which run asks for it, and on which day."""

    account_id: str
    region: str
    execution: str
    today: date
    """The day the run began on, for as long as it lasts; in UTC."""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Whose memory a run reads and changes."""
        return cls(
            account_id=run.account_id,
            region=run.region,
            execution=run.execution,
            today=day_of(datetime.fromtimestamp(run.started_at, UTC)),
        )


class Memories:
    """The memories of all accounts and regions in one bucket.

    A memory that cannot be read is set aside, once a run, and a new one begins: a run never fails on it, and says so.
    """

    def __init__(self, store: Store, bucket: str, *, keep_days: int, own_account: Callable[[], str]) -> None:
        """`keep_days` is how long what the release before kept goes on counting; it kept for `own_account` alone."""
        self._store = store
        self._bucket = bucket
        self._keep_days = keep_days
        self._own_account = own_account

    def recall(self, place: Place) -> tuple[Memory, str | None]:
        """What is remembered, and where and why it was set aside if it could not be read."""
        try:
            memory, _ = self._read(place)
        except UnreadableMemory as damaged:
            self._set_aside(place)
            return self._nothing(place), self._in_words(place, str(damaged))
        return memory, self._set_aside_before(place)

    def change(self, place: Place, change: Callable[[Memory], Memory]) -> Memory:
        """Remember something more, or no longer, on top of what stands there by then. Returns what is remembered."""
        key = memory_key(place.account_id, place.region)
        while True:
            try:
                memory, etag = self._read(place)
            except UnreadableMemory:
                self._set_aside(place)
                continue
            changed = forget_ended(change(memory), place.today)
            if etag is None:
                done = self._store.put_json_if_absent(key, changed.to_dict())
            else:
                done = changed == memory or self._store.replace_json(key, changed.to_dict(), etag)
            if done:
                return changed

    def _read(self, place: Place) -> tuple[Memory, str | None]:
        """The memory and its etag, which is None while it is not written down. Raises UnreadableMemory."""
        key = memory_key(place.account_id, place.region)
        try:
            stored = self._store.get_json_with_etag(key)
        except (ValueError, RecursionError) as error:
            raise UnreadableMemory(f"{key}: it is not JSON") from error
        if stored is None:
            return self._kept_before(place), None
        record, etag = stored
        return Memory.from_dict(record, account_id=place.account_id, region=place.region), etag

    def _kept_before(self, place: Place) -> Memory:
        """What the release before kept, if it did and can be read; otherwise nothing."""
        if place.account_id != self._own_account():
            return self._nothing(place)
        key = kept_before_key(place.region)
        try:
            record = self._store.get_json(key)
        except (ValueError, RecursionError) as error:
            raise UnreadableMemory(f"{key}: it is not JSON") from error
        if record is None:
            return self._nothing(place)
        return take_over(
            record,
            account_id=place.account_id,
            region=place.region,
            today=place.today,
            keep_days=self._keep_days,
        )

    def _set_aside(self, place: Place) -> None:
        """Copy what cannot be read to where nothing looks for it, and begin anew."""
        key = memory_key(place.account_id, place.region)
        damaged = self._store.get_bytes(key, at_most=LARGEST_MEMORY)
        if damaged is None:  # it is the release before's record: it stays where it is
            damaged = self._store.get_bytes(kept_before_key(place.region), at_most=LARGEST_MEMORY) or b""
        self._store.put_bytes(self._aside(place), damaged, JSON)
        self._store.put_json(key, self._nothing(place).to_dict())

    def _set_aside_before(self, place: Place) -> str | None:
        """Why an attempt of this run before this one set the memory aside, if it did."""
        damaged = self._store.get_bytes(self._aside(place), at_most=LARGEST_MEMORY)
        return None if damaged is None else self._in_words(place, _what_is_wrong(damaged, place))

    def _in_words(self, place: Place, wrong: str) -> str:
        return f"{wrong}; set aside as s3://{self._bucket}/{self._aside(place)}"

    @staticmethod
    def _aside(place: Place) -> str:
        return damaged_key(place.account_id, place.region, place.execution)

    @staticmethod
    def _nothing(place: Place) -> Memory:
        return Memory(account_id=place.account_id, region=place.region)


def _what_is_wrong(damaged: bytes, place: Place) -> str:
    try:
        Memory.from_dict(json.loads(damaged), account_id=place.account_id, region=place.region)
    except UnreadableMemory as error:
        return str(error)
    except (ValueError, RecursionError):
        pass
    return f"{memory_key(place.account_id, place.region)}: it is not JSON"
