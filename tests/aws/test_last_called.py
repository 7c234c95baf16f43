"""On which days versions were called, over fifteen months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from orchestrator.aws.last_called import SERIES_AT_MOST, HistoryQuestion, call_histories, history_of
from orchestrator.domain.reasons import Check
from orchestrator.domain.versions import CallHistory, Missing
from tests.executors import OneAfterTheOther

DAY = timedelta(days=1)


@pytest.fixture
def orders(cloud):
    return cloud.function("orders").publish(4).alias("live", 4)


def histories(cloudwatch, now, *, numbers=(1, 2), aliases=("live",)):
    question = HistoryQuestion(function_name="orders", numbers=numbers, aliases=aliases)
    found = call_histories(cloudwatch, [question], now, 35, OneAfterTheOther(1))
    return {number: history for (_, number), history in found.items()}


def test_the_last_day_with_a_call_is_known_whichever_way_it_came(cloudwatch, orders, now):
    orders.invoked(1, at=[now - 200 * DAY, now - 190 * DAY]).invoked("live", version=2, at=now - 90 * DAY)

    assert histories(cloudwatch, now) == {
        1: CallHistory((now - 190 * DAY).date()),
        2: CallHistory((now - 90 * DAY).date()),
    }


@pytest.mark.usefixtures("orders")
def test_never_called_is_an_answer(cloud, cloudwatch, now):
    assert histories(cloudwatch, now) == {1: CallHistory(), 2: CallHistory()}
    assert cloud.calls["GetMetricData"] == 1


def test_a_quarterly_job_is_called_in_spells(cloudwatch, orders, now):
    orders.invoked(1, at=[now - 45 * DAY, now - 136 * DAY, now - 228 * DAY])

    assert histories(cloudwatch, now)[1] == CallHistory((now - 45 * DAY).date(), in_spells=True)


@pytest.mark.parametrize(("gap", "spells"), [(1, False), (35, False), (36, True)])
def test_two_spells_lie_further_apart_than_the_lookback(gap, spells):
    last = date(2026, 9, 1)

    assert history_of({last, last - gap * DAY}, 35) == CallHistory(last, in_spells=spells)


def test_what_cannot_be_read_is_missing_for_that_version_alone(cloud, cloudwatch, now, orders):
    orders.invoked("live", at=now - 60 * DAY)
    cloud.faults.blur("Forbidden", executed_version=2)

    found = histories(cloudwatch, now)

    assert found[1] == CallHistory()
    assert found[2] == Missing(Check.INVOCATIONS, "cloudwatch:GetMetricData Forbidden")


@pytest.mark.usefixtures("orders")
def test_more_than_a_minutes_worth_is_not_asked(cloud, cloudwatch, now):
    aliases = tuple(f"a{number}" for number in range(SERIES_AT_MOST))

    found = histories(cloudwatch, now, aliases=aliases)

    assert all(isinstance(history, Missing) for history in found.values())
    assert cloud.calls["GetMetricData"] == 0


@pytest.mark.usefixtures("orders")
def test_no_versions_are_no_calls(cloud, cloudwatch, now):
    assert call_histories(cloudwatch, [], now, 35, OneAfterTheOther(1)) == {}
    assert cloud.calls["GetMetricData"] == 0
