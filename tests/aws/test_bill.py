"""One page a day for the whole stack: claimed first, kept for everybody, and no answer is never zero."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fakes.aws import Cloud
from orchestrator.aws.bill import BillReader, cost_explorer
from orchestrator.aws.storage import DirectoryStore
from orchestrator.domain.bill import Asking, bill_key

NOW = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)
ACCOUNT, OTHER = "111122223333", "444455556666"
SETTLED = date(2026, 11, 17)
LONG_AGO = date(2026, 1, 1)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cloud(clock):
    cloud = Cloud(clock=clock)
    cloud.function("orders", memory_mb=1024).publish(4, age_days=100)
    return cloud


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path)


@pytest.fixture
def reader(cloud, store, clock):
    return BillReader(lambda: cost_explorer(cloud.session()), store, clock)


def asked(cloud):
    return cloud.calls["GetCostAndUsage"]


def pages(cloud):
    return cloud.calls.of("GetCostAndUsage")


def test_the_bill_is_read_by_day_account_and_region(cloud, clock, reader):
    other = Cloud(OTHER, "eu-west-1", clock=clock)
    other.function("orders", memory_mb=2048).publish(age_days=50)
    cloud.billing.linked.append(other)
    reader.ask()
    bill = reader.read(LONG_AGO)

    assert bill.settled_of(ACCOUNT, NOW.date())[-1] == SETTLED
    assert bill.days[SETTLED].billed(ACCOUNT, "us-west-2").gb == pytest.approx(4)
    assert bill.days[SETTLED].billed(OTHER, "eu-west-1").gb == pytest.approx(2)
    assert bill.problem is None


def test_one_page_a_day_is_asked_for_the_whole_stack(cloud, clock, store, reader):
    for _ in range(3):
        reader.ask()
    BillReader(lambda: cost_explorer(cloud.session()), store, clock).ask()
    assert asked(cloud) == 1

    clock.now += timedelta(days=1)
    reader.ask()
    assert asked(cloud) == 2


def test_the_question_is_usage_of_lambda_in_two_groups(cloud, reader):
    reader.ask()
    (question,) = pages(cloud)

    assert question["Granularity"] == "DAILY"
    assert question["TimePeriod"] == {"Start": "2026-09-19", "End": "2026-11-20"}
    assert [one["Key"] for one in question["GroupBy"]] == ["USAGE_TYPE", "LINKED_ACCOUNT"]
    assert [one["Dimensions"]["Values"] for one in question["Filter"]["And"]] == [["AWS Lambda"], ["Usage"]]


def test_what_is_settled_is_not_asked_again(cloud, clock, reader):
    reader.ask()
    clock.now += timedelta(days=21)
    reader.ask()

    assert pages(cloud)[1]["TimePeriod"] == {"Start": "2026-11-18", "End": "2026-12-11"}
    assert len(reader.read(LONG_AGO).settled_of(ACCOUNT, clock.now.date())) == 60 + 21


def test_credits_leave_the_bill_as_it_is(cloud, reader):
    cloud.billing.credited = True
    reader.ask()

    assert reader.read(LONG_AGO).days[SETTLED].billed(ACCOUNT).usd == pytest.approx(4 * 86_400 * 0.0000015046)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("deny", "ce:GetCostAndUsage AccessDeniedException, User is not authorized"),
        ("throttle", "ce:GetCostAndUsage LimitExceededException, You made too many calls"),
        ("drop", "ce:GetCostAndUsage ConnectionClosedError"),
    ],
)
def test_a_refusal_is_kept_in_words_and_asked_once(cloud, reader, fault, words):
    getattr(cloud.faults, fault)("GetCostAndUsage")
    reader.ask()
    reader.ask()
    bill = reader.read(LONG_AGO)

    assert bill.why_nothing(ACCOUNT).words.startswith(words)
    assert bill.settled(NOW.date()) == ()
    assert asked(cloud) == 1


def test_after_an_hour_a_refusal_may_be_asked_about_again(cloud, clock, reader):
    cloud.faults.deny("GetCostAndUsage", times=1)
    reader.ask()
    clock.now += timedelta(minutes=61)
    reader.ask()

    assert reader.read(LONG_AGO).problem is None


def test_a_process_that_died_while_asking_does_not_ask_twice(cloud, store, reader):
    claim = Asking(asked_at=NOW, start=date(2026, 10, 1), end=NOW.date())
    store.put_json(bill_key(NOW.date()), claim.to_dict())
    reader.ask()

    assert asked(cloud) == 0
    assert reader.read(LONG_AGO).problem == "the question is still on its way"


def test_two_that_come_again_after_an_hour_ask_once(cloud, clock, store):
    store.put_json(bill_key(NOW.date()), Asking(asked_at=NOW, start=SETTLED, end=NOW.date()).to_dict())
    clock.now += timedelta(hours=2)
    slow = BillReader(lambda: cost_explorer(cloud.session()), _Overtaken(store, clock), clock)
    slow.ask()

    assert asked(cloud) == 0


class _Overtaken:
    """A store in which somebody else claims the question a moment before this one does."""

    def __init__(self, store, clock):
        self._store, self._clock = store, clock

    def __getattr__(self, name):
        return getattr(self._store, name)

    def replace_json(self, key, obj, etag):
        self._store.put_json(key, Asking(asked_at=self._clock(), start=SETTLED, end=NOW.date()).to_dict())
        return self._store.replace_json(key, obj, etag)


def test_a_record_that_went_between_two_looks_is_not_asked_about(cloud, clock, store):
    class Gone(_Overtaken):
        def put_json_if_absent(self, *_):
            return False

    BillReader(lambda: cost_explorer(cloud.session()), Gone(store, clock), clock).ask()

    assert asked(cloud) == 0


def test_an_answer_longer_than_a_page_is_not_used_and_the_next_is_shorter(cloud, clock, reader):
    cloud.billing.page_groups = 100
    reader.ask()
    assert "did not fit one page" in reader.read(LONG_AGO).problem
    assert reader.read(LONG_AGO).days == {}

    clock.now += timedelta(days=1)
    reader.ask()
    assert reader.read(LONG_AGO).problem is None
    assert asked(cloud) == 2


def test_an_empty_bill_is_not_zero(clock, store):
    reader = BillReader(lambda: cost_explorer(Cloud(clock=clock).session()), store, clock)
    reader.ask()

    assert reader.read(LONG_AGO).why_nothing(ACCOUNT).words == "Cost Explorer knows of no use of Lambda on these days"


@pytest.mark.parametrize("answer", [{}, {"ResultsByTime": [{"Groups": [7]}]}])
def test_an_answer_that_cannot_be_read_is_said(clock, store, answer):
    class Strange:
        def get_cost_and_usage(self, **_):
            return answer

    reader = BillReader(Strange, store, clock)
    reader.ask()

    assert "cannot be read" in reader.read(LONG_AGO).problem


def test_only_what_was_asked_since_a_day_is_read(reader):
    reader.ask()

    assert reader.read(NOW.date()).days
    assert reader.read(NOW.date() + timedelta(days=1)).problem == "it was never asked for"


def test_other_records_and_damaged_ones_are_left_out(store, cloud, reader):
    store.put_json("bill/inventory/111122223333/us-west-2.json", {})
    store.put_json("bill/2026-11-19.json", {"schema_version": 99})
    store.put_json("bill/2026-11-20.json", "damaged")
    reader.ask()

    assert asked(cloud) == 0
    assert reader.read(LONG_AGO).days == {}
