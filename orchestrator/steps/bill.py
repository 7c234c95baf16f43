"""Hold a scan against AWS's bill: one line in its thread. Whatever fails here is said there, and stops nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from orchestrator.aws.bill import BillReader
from orchestrator.aws.errors import AwsError
from orchestrator.aws.ledger import ledger_lines
from orchestrator.aws.records import Records
from orchestrator.domain.bill import LONGEST_WINDOW_DAYS, NotChecked
from orchestrator.domain.inventory import Inventory, UnreadableInventory, inventory_key
from orchestrator.domain.ledger import LedgerLine
from orchestrator.domain.receipt import check_day
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Run
from orchestrator.domain.saved import all_known
from orchestrator.slack.errors import SlackError
from orchestrator.slack.message import receipt
from orchestrator.slack.messenger import Messenger

log = logging.getLogger(__name__)


class BillCheck:
    """The bill beside a scan. Every method is one durable step and may run again."""

    def __init__(
        self,
        *,
        bill: BillReader | None,
        records: Records,
        messenger: Callable[[], Messenger],
        clock: Callable[[], datetime],
    ) -> None:
        """`bill` is None where the stack does not ask for it."""
        self._bill = bill
        self._records = records
        self._messenger = messenger
        self._clock = clock

    @property
    def is_on(self) -> bool:
        """Whether the stack asks Cost Explorer."""
        return self._bill is not None

    def compare(self, run: Run) -> str | None:
        """Ask for the bill, once a day, and say how it compares with what the run's scan counted.

        None for a scan of a prefix, which has not counted all that is billed.
        """
        if run.policy.get("function_name_prefix") is not None:
            return None
        try:
            return self._compared(run)
        except (AwsError, UnreadableInventory) as problem:
            log.warning("the bill was not compared", extra={"execution": run.execution, "problem": str(problem)})
            return receipt.bill_not_compared(NotChecked(str(problem)))

    def _compared(self, run: Run) -> str:
        if self._bill is None:
            return receipt.bill_not_compared(NotChecked("BILL_CHECK is off"))
        self._bill.ask()
        today = self._clock().astimezone(UTC).date()
        inventory = Inventory.from_dict(self._records.store.get_json(inventory_key(run.account_id, run.region)))
        checked = check_day(
            self._bill.read(today - timedelta(days=LONGEST_WINDOW_DAYS)),
            all_known([inventory], self._deleted(run, today)),
            account_id=run.account_id,
            region=run.region,
            today=today,
        )
        if isinstance(checked, NotChecked):
            return receipt.bill_not_compared(checked)
        return receipt.bill_compared(checked, inventory)

    def _deleted(self, run: Run, today: date) -> list[LedgerLine]:
        """What was deleted here since the oldest day that may be compared."""
        oldest = today - timedelta(days=LONGEST_WINDOW_DAYS)
        return [
            line
            for line in ledger_lines(self._records.store, since=oldest)
            if line.outcome is Outcome.DELETED
            and (line.account_id, line.region) == (run.account_id, run.region)
            and line.when.astimezone(UTC).date() >= oldest
        ]

    def say(self, run: Run, line: str) -> None:
        """Say how the bill compares in the run's thread, if it has one. A failure to post is only logged."""
        current = self._records.current(run)
        if current.message_ts is None:
            return
        try:
            self._messenger().post(
                receipt.bill_in_thread(line),
                run_key=current.execution,
                message_key="bill",
                thread_ts=current.message_ts,
                not_before=current.started_at,
            )
        except SlackError as problem:
            log.warning("the bill was not told", extra={"execution": current.execution, "problem": problem.words})
