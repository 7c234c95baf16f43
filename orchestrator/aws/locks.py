"""One run an account and region: the lock that a run claims in S3 before it does anything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestrator.aws.storage import Store
from orchestrator.domain.runs import Run

SCHEMA_VERSION = 1

Json = dict[str, Any]

_FIELDS = frozenset({"execution", "execution_arn", "released"})


class UnreadableLock(Exception):
    """A lock does not say who holds it: nobody may take it, and trying again cannot help."""

    permanent = True


class Locks:
    """The locks of one stack."""

    def __init__(self, store: Store, bucket: str, *, own_account: Callable[[], str]) -> None:
        self._store = store
        self._bucket = bucket
        self._own_account = own_account

    def claim(self, run: Run, is_closed: Callable[[str], bool]) -> str | None:
        """Claim a run's account and region. Returns None when they are ours, else the execution that holds them.

        A lock that was released, or whose execution is closed, is taken over. Two claims can never both succeed: every
        write is conditional on what was read. Raises UnreadableLock.
        """
        holder = self._holder_of_before(run, is_closed)
        return holder if holder is not None else self._claim(run, is_closed)

    def _claim(self, run: Run, is_closed: Callable[[str], bool]) -> str | None:
        mine = {
            "schema_version": SCHEMA_VERSION,
            "execution": run.execution,
            "execution_arn": run.execution_arn,
            "claimed_at": run.started_at,
            "released": False,
        }
        key = lock_key(run.account_id, run.region)
        while not self._store.put_json_if_absent(key, mine):
            stored = self._read(key)
            if stored is None:
                continue
            holder, etag = stored
            if holder["execution"] == run.execution and not holder["released"]:
                return None
            if not holder["released"] and not is_closed(holder["execution_arn"]):
                return str(holder["execution"])
            if self._store.replace_json(key, mine, etag):
                return None
        return None

    def _holder_of_before(self, run: Run, is_closed: Callable[[str], bool]) -> str | None:
        """Who holds the lock as the release before kept it: one a region, all of them in the stack's own account."""
        if run.account_id != self._own_account():
            return None
        stored = self._read(f"locks/{run.region}.json")
        if stored is None or stored[0]["released"] or is_closed(stored[0]["execution_arn"]):
            return None
        return str(stored[0]["execution"])

    def holder(self, account_id: str, region: str) -> str | None:
        """The execution that has an account and region, or had it last. Raises UnreadableLock."""
        stored = self._read(lock_key(account_id, region))
        return None if stored is None else str(stored[0]["execution"])

    def release(self, run: Run) -> None:
        """Release a run's lock, if it holds it. Raises UnreadableLock."""
        key = lock_key(run.account_id, run.region)
        stored = self._read(key)
        if stored is None:
            return
        holder, etag = stored
        if holder["execution"] == run.execution and not holder["released"]:
            self._store.replace_json(key, {**holder, "released": True}, etag)

    def _read(self, key: str) -> tuple[Json, str] | None:
        advice = f"s3://{self._bucket}/{key} does not say which run has the region; if none is open, delete it"
        try:
            stored = self._store.get_json_with_etag(key)
        except ValueError as error:
            raise UnreadableLock(advice) from error
        if stored is not None and not (isinstance(stored[0], Mapping) and stored[0].keys() >= _FIELDS):
            raise UnreadableLock(advice)
        return stored


def lock_key(account_id: str, region: str) -> str:
    """Where the lock of an account's region is."""
    return f"locks/{account_id}/{region}.json"
