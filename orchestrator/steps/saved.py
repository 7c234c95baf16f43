"""Say what was saved: read the request, ask for the bill, put the receipt together, post it once."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from orchestrator.aws.bill import BillReader
from orchestrator.aws.ledger import ledger_lines
from orchestrator.aws.records import Records
from orchestrator.domain.accounts import Account, accounts_of
from orchestrator.domain.bill import NotChecked
from orchestrator.domain.handovers import Asked
from orchestrator.domain.inventory import PREFIX, Inventory, UnreadableInventory
from orchestrator.domain.request import RefusedRequest, read_request
from orchestrator.domain.runs import execution_id
from orchestrator.domain.saved import SavedReport, bill_needed_since, monthly_key, report
from orchestrator.domain.settings import OrchestratorSettings
from orchestrator.slack.message import receipt
from orchestrator.slack.message.blocks import Message
from orchestrator.slack.messenger import Messenger
from orchestrator.steps.channel import FURTHEST_BACK_SECONDS

Json = dict[str, Any]
log = logging.getLogger(__name__)


NOT_ASKED = NotChecked("BILL_CHECK is off, so AWS's bill is not asked for")


class SavedReceipt:
    """Receipts of one stack. Every method is one durable step and may run again."""

    def __init__(
        self,
        *,
        settings: OrchestratorSettings,
        bill: BillReader | None,
        records: Records,
        messenger: Callable[[], Messenger],
        own_account: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        """`bill` is None where the stack does not ask for it."""
        self._settings = settings
        self._bill = bill
        self._records = records
        self._messenger = messenger
        self._own_account = own_account
        self._clock = clock

    def begin(self, event: Any, execution_arn: str) -> Asked:
        """Read the request: who asked and when, or why it cannot be used."""
        settings = self._settings
        asked = Asked(
            execution=execution_id(execution_arn),
            started_at=int(self._clock().timestamp()),
            requested_by=_asker(event),
        )
        try:
            read_request(
                event, regions=settings.target_regions, policy=settings.policy, accounts=settings.target_accounts
            )
        except RefusedRequest as refused:
            return replace(asked, problems=refused.problems)
        return asked

    def ask(self) -> None:
        """Ask for the bill, once a day for the whole stack."""
        if self._bill is not None:
            self._bill.ask()

    def tell(self, asked: Asked) -> Json:
        """Post the receipt. Returns the execution's result."""
        self._messenger().check_channel()
        said = receipt.receipt(self._report(), requested_by=asked.requested_by, command=self._settings.slack_command)
        self._post(said, asked, "receipt")
        return {"ending": "told", "words": said.text.partition("\n")[0]}

    def fail(self, event: Any, execution_arn: str, words: str) -> None:
        """Say that nothing could be told, and why."""
        asked = Asked(
            execution=execution_id(execution_arn),
            started_at=int(self._clock().timestamp()) - FURTHEST_BACK_SECONDS,
            requested_by=_asker(event),
        )
        self._messenger().check_channel()
        self._post(receipt.receipt_failed(words, requested_by=asked.requested_by), asked, "failed")

    @property
    def monthly(self) -> bool:
        """Whether the schedule posts a receipt each month: where the stack asks for the bill."""
        return self._bill is not None

    def tell_monthly(self, scheduled: Asked) -> Json | None:
        """Post this month's receipt with the first thing the schedule started; None when another one did."""
        key = monthly_key(self._today())
        store = self._records.store
        mine = {"execution": scheduled.execution}
        if not store.put_json_if_absent(key, mine) and store.get_json(key) != mine:
            return None
        self.ask()
        return self.tell(scheduled)

    def _post(self, said: Message, asked: Asked, key: str) -> None:
        self._messenger().post(said, run_key=asked.execution, message_key=key, not_before=asked.started_at)

    def _report(self) -> SavedReport:
        lines = list(ledger_lines(self._records.store))
        today = self._today()
        return report(
            accounts=self._accounts(),
            bill=NOT_ASKED if self._bill is None else self._bill.read(bill_needed_since(lines, today)),
            inventories=self._inventories(),
            lines=lines,
            today=today,
        )

    def _accounts(self) -> Sequence[Account]:
        return accounts_of(self._settings.target_accounts, self._own_account)

    def _inventories(self) -> Iterator[Inventory]:
        """What the newest whole scan of each account and region counted."""
        for key in self._records.store.list_keys(PREFIX):
            try:
                yield Inventory.from_dict(self._records.store.get_json(key))
            except UnreadableInventory as problem:
                log.warning("an inventory is left out", extra={"key": key, "problem": str(problem)})

    def _today(self) -> date:
        return self._clock().astimezone(UTC).date()


def _asker(event: Any) -> str | None:
    asker = event.get("requested_by") if isinstance(event, Mapping) else None
    return asker if isinstance(asker, str) else None
