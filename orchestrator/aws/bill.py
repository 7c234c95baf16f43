"""Ask Cost Explorer what AWS billed for snapshots: one page a day at most for the whole stack, kept for everybody.

A page costs a cent. So the question is claimed in the store before it is put, a run that finds it claimed reads what
came of it, and no attempt is made again by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from botocore.config import Config

from orchestrator.aws.errors import AWS_ERRORS, in_words
from orchestrator.aws.storage import Store
from orchestrator.domain.bill import (
    BILL,
    LONGEST_WINDOW_DAYS,
    Asking,
    Bill,
    UnreadableBill,
    bill_key,
    read_days,
    window,
)

GET_COST_AND_USAGE = "ce:GetCostAndUsage"
ACTIONS = (GET_COST_AND_USAGE,)

REGION = "us-east-1"
"""Where Cost Explorer answers, for all regions."""
TIMEOUT_SECONDS = 60

_KEY = re.compile(rf"{BILL}(\d{{4}}-\d{{2}}-\d{{2}})\.json")
_FILTER: Mapping[str, Any] = {
    "And": [
        {"Dimensions": {"Key": "SERVICE", "Values": ["AWS Lambda"]}},
        {"Dimensions": {"Key": "RECORD_TYPE", "Values": ["Usage"]}},
    ]
}
"""Usage alone: credits, refunds and discounts say nothing of how much was cached."""
_GROUPS = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]


_TOO_LONG = "Cost Explorer's answer did not fit one page; fewer days are asked for tomorrow"
_EMPTY = "Cost Explorer knows of no use of Lambda on these days"


class CostExplorer(Protocol):
    """The one operation that is used."""

    def get_cost_and_usage(self, **asked: Any) -> Mapping[str, Any]:
        """Return one page of costs and usage."""
        ...


def cost_explorer(session: Any) -> CostExplorer:
    """Build the client of a boto3 session or of its like: one attempt, since each may cost a cent."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=TIMEOUT_SECONDS)
    client: CostExplorer = session.client("ce", region_name=REGION, config=config)
    return client


class BillReader:
    """The bill of one stack, as far as it was asked for."""

    def __init__(self, client: Callable[[], CostExplorer], store: Store, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._store = store
        self._clock = clock

    def read(self, since: date) -> Bill:
        """Return what is known of the days from `since` on, without asking. Raises AwsProblem when S3 fails."""
        return Bill.of(self._askings(since))

    def ask(self) -> None:
        """Ask for the days that are not settled yet, unless that was done today. A refusal is kept as the answer.

        Raises AwsProblem when S3 fails.
        """
        now = self._clock()
        start, end = window(self._askings(now.date() - timedelta(days=LONGEST_WINDOW_DAYS)), now.date())
        claim = Asking(asked_at=now, start=start, end=end)
        if self._claim(claim):
            self._store.put_json(bill_key(now.date()), self._answer(claim).to_dict())

    def _claim(self, claim: Asking) -> bool:
        key = bill_key(claim.asked_at.date())
        if self._store.put_json_if_absent(key, claim.to_dict()):
            return True
        found = self._store.get_json_with_etag(key)
        if found is None:
            return False
        record, etag = found
        try:
            again = Asking.from_dict(record).may_ask_again(claim.asked_at)
        except UnreadableBill:
            return False
        return again and self._store.replace_json(key, claim.to_dict(), etag)

    def _answer(self, claim: Asking) -> Asking:
        try:
            page = self._client().get_cost_and_usage(
                TimePeriod={"Start": claim.start.isoformat(), "End": claim.end.isoformat()},
                Granularity="DAILY",
                Filter=_FILTER,
                GroupBy=_GROUPS,
                Metrics=["UsageQuantity", "UnblendedCost"],
            )
        except AWS_ERRORS as error:
            return replace(claim, problem=in_words(error, GET_COST_AND_USAGE))
        if page.get("NextPageToken"):
            return replace(claim, answered=True, partial=True, problem=_TOO_LONG)
        try:
            days = read_days(page)
        except UnreadableBill as error:
            return replace(claim, answered=True, problem=str(error))
        return replace(claim, answered=True, days=days, problem=None if days else _EMPTY)

    def _askings(self, since: date) -> list[Asking]:
        return list(self._readable(since))

    def _readable(self, since: date) -> Iterator[Asking]:
        for key in self._store.list_keys(BILL):
            match = _KEY.fullmatch(key)
            if match is None or date.fromisoformat(match[1]) < since:
                continue
            try:
                yield Asking.from_dict(self._store.get_json(key))
            except UnreadableBill:
                continue  # of another release, or damaged: its days are asked for again with a later window
