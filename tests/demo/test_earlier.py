"""Earlier cleanings: the ledger agrees with the account's bill, so that the receipt explains all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo import earlier, past
from fakes.aws import Cloud, fleets
from orchestrator.aws.bill import BillReader, cost_explorer
from orchestrator.aws.ledger import ledger_lines
from orchestrator.aws.storage import S3Store
from orchestrator.domain.accounts import Account
from orchestrator.domain.inventory import Inventory, inventory_key
from orchestrator.domain.saved import bill_needed_since, report

BUCKET = "records"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def cloud() -> Cloud:
    cloud = Cloud(clock=lambda: NOW)
    fleets.believable(cloud)
    region = {"LocationConstraint": "us-west-2"}
    cloud.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    earlier.cleanings(cloud, BUCKET)
    return cloud


@pytest.fixture
def store(cloud: Cloud) -> S3Store:
    return S3Store(cloud.client("s3"), BUCKET)


def test_last_weeks_run_deleted_what_its_messages_say(store: S3Store) -> None:
    of_last_week = {
        (line.function_name, line.number) for line in ledger_lines(store) if line.execution == past.EXECUTION
    }

    assert of_last_week == {(name, number) for name, numbers, *_ in past.GONE for number in numbers}


def test_the_receipt_is_told_and_leaves_nothing_unexplained(cloud: Cloud, store: S3Store) -> None:
    reader = BillReader(lambda: cost_explorer(cloud.session()), store, lambda: NOW)
    reader.ask()
    lines = list(ledger_lines(store))
    counted = Inventory.from_dict(store.get_json(inventory_key(cloud.account_id, cloud.region)))
    told = report(
        accounts=[Account(cloud.account_id)],
        bill=reader.read(bill_needed_since(lines, NOW.date())),
        inventories=[counted],
        lines=lines,
        today=NOW.date(),
    )

    assert told.lately is not None
    assert told.lately.deleted_gb > 50
    assert told.lately.unexplained_gb == pytest.approx(0, abs=0.05)


def test_a_ledger_that_stands_is_left_alone(cloud: Cloud, store: S3Store) -> None:
    cloud.clock = lambda: NOW + timedelta(days=3)
    before = [store.get_bytes(key, at_most=10**6) for key in store.list_keys("ledger/")]
    earlier.cleanings(cloud, BUCKET)

    assert [store.get_bytes(key, at_most=10**6) for key in store.list_keys("ledger/")] == before


def test_an_account_that_was_never_cleaned_has_no_ledger(store: S3Store) -> None:
    fresh = Cloud(clock=lambda: NOW)
    fresh.client("s3").create_bucket(Bucket="fresh", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    earlier.cleanings(fresh, "fresh")

    assert list(S3Store(fresh.client("s3"), "fresh").list_keys("")) == []
    assert list(store.list_keys("ledger/"))
