"""A clock that jumps: only when everybody waits, and only to the first moment at which somebody goes on."""

from datetime import UTC, datetime
from threading import Event

import pytest

from benchmark.virtual_time import VirtualTime

START = datetime(2026, 11, 20, tzinfo=UTC)
AN_HOUR = 3_600.0
WORK = 60.0
"""Far more processor time than a test here can use."""


@pytest.fixture
def time():
    return VirtualTime(START)


def waiting(time, *spans):
    """Wait for each span in a worker of its own, and say in which order they were over."""
    over = []

    def wait(span):
        time.sleep(span)
        over.append(span)

    with time.workers(len(spans)) as workers:
        for span in spans:
            workers.submit(wait, span)
    return over


def test_an_hour_passes_at_once(time):
    time.sleep(AN_HOUR)

    assert AN_HOUR <= time.seconds() < AN_HOUR + WORK
    assert (time.now() - START).total_seconds() == pytest.approx(time.seconds(), abs=WORK)


def test_who_waits_shortest_goes_on_first(time):
    assert waiting(time, 3 * AN_HOUR, AN_HOUR, 2 * AN_HOUR) == [AN_HOUR, 2 * AN_HOUR, 3 * AN_HOUR]
    assert time.seconds() < 3 * AN_HOUR + WORK


def test_waits_side_by_side_take_as_long_as_the_longest(time):
    with time.workers(10) as workers:
        list(workers.map(time.sleep, [AN_HOUR] * 10))

    assert time.seconds() < AN_HOUR + WORK


def test_no_more_run_side_by_side_than_there_are_workers(time):
    with time.workers(2) as workers:
        list(workers.map(time.sleep, [AN_HOUR] * 6))

    assert 3 * AN_HOUR <= time.seconds() < 3 * AN_HOUR + WORK


def test_time_stands_still_while_somebody_works(time):
    begun, go_on = Event(), Event()

    def work():
        begun.set()
        go_on.wait(timeout=10)
        return time.seconds()

    with time.workers(2) as workers:
        worked = workers.submit(work)
        begun.wait(timeout=10)
        waits = workers.submit(time.sleep, AN_HOUR)
        go_on.set()
        assert worked.result() < WORK
        waits.result()
    assert time.seconds() >= AN_HOUR


def test_a_result_may_be_waited_for_by_another_worker(time):
    with time.workers(2) as workers:
        first = workers.submit(time.sleep, AN_HOUR)
        second = workers.submit(first.result)
        assert second.result() is None

    assert time.seconds() >= AN_HOUR


def test_what_a_worker_raises_comes_with_its_result(time):
    with time.workers(1) as workers, pytest.raises(ZeroDivisionError):
        workers.submit(lambda: 1 / 0).result()


def test_work_that_was_not_begun_can_be_dropped(time):
    done = []
    with time.workers(1) as workers:
        workers.submit(time.sleep, AN_HOUR)
        workers.submit(done.append, "dropped")
        workers.shutdown(wait=False, cancel_futures=True)

    assert done == []
