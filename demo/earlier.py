"""Earlier cleanings: what the ledger and the last scan's count say of them, so that the receipt has something to tell.

AWS's bill needs nothing of this: it follows the account itself, day by day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from demo import past
from fakes.aws import Cloud
from fakes.slack import team
from orchestrator.aws.storage import S3Store
from orchestrator.domain.cost import MB_IN_A_GB, SECONDS_IN_A_MONTH
from orchestrator.domain.inventory import Inventory, Snapshots, inventory_key
from orchestrator.domain.ledger import LedgerLine, ledger_key, to_jsonl
from orchestrator.domain.results import Outcome
from orchestrator.domain.runs import Approver

EXECUTION = "0c9f4b6e-7a25-4b83-8f0e-52d1c6a7e391"
USD_PER_GB_SECOND = 0.0000015046
WHO = {past.EXECUTION: Approver(id=team.OTHER, name="other"), EXECUTION: Approver(id=team.APPROVER, name="approver")}


def cleanings(cloud: Cloud, bucket: str) -> None:
    """Write the ledger of what went, and what the newest of those scans counted; nothing where a ledger stands."""
    store = S3Store(cloud.client("s3"), bucket)
    lines = list(_lines(cloud))
    if not lines or next(iter(store.list_keys("ledger/")), None) is not None:
        return
    for execution in WHO:
        of_run = [line for line in lines if line.execution == execution]
        store.put_bytes(ledger_key(execution, of_run[0].when), to_jsonl(of_run).encode(), "application/x-ndjson")
    last = max(line.when for line in lines)
    store.put_json(inventory_key(cloud.account_id, cloud.region), _counted(cloud, last).to_dict())


def _lines(cloud: Cloud) -> Iterator[LedgerLine]:
    newest = max((gone.at for function in cloud.functions.values() for gone in function.gone), default=None)
    for function in cloud.functions.values():
        for gone in function.gone:
            gb = gone.version.build.memory_mb / MB_IN_A_GB
            execution = past.EXECUTION if gone.at == newest else EXECUTION
            yield LedgerLine(
                execution=execution,
                who=WHO[execution],
                when=gone.at,
                offer_hash=execution.replace("-", "") * 2,
                account_id=cloud.account_id,
                region=cloud.region,
                function_name=function.name,
                number=gone.version.number,
                code_sha256=None,
                gb=gb,
                monthly_usd=round(gb * SECONDS_IN_A_MONTH * USD_PER_GB_SECOND, 2),
                outcome=Outcome.DELETED,
                published=gone.version.published_at,
            )


def _counted(cloud: Cloud, at: datetime) -> Inventory:
    """What a scan counted then: every version that paid."""
    paying = [
        Snapshots(gb=version.build.memory_mb / MB_IN_A_GB, since=version.published_at)
        for function in cloud.functions.values()
        for version in function.versions.values()
        if version.pays and version.published_at <= at
    ]
    return Inventory(
        account_id=cloud.account_id,
        region=cloud.region,
        scanned_at=at,
        snapshots=tuple(paying),
        usd_per_gb_second=USD_PER_GB_SECOND,
    )
