"""Our share of a quota, kept by all threads together; time is a number here."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread, current_thread

import pytest

from orchestrator.aws.quota import Budget, CallCount


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 100.0
        self.slept = []
        self.held_up = 0.0

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds + self.held_up
        self.held_up = 0.0


def budget(time, rate, **given):
    return Budget(rate, clock=time.clock, sleep=time.sleep, **given)


def test_calls_are_evenly_spaced():
    time = Time()
    calls = budget(time, rate=4)

    for _ in range(5):
        calls.take()

    assert time.slept == [0.25] * 4


def test_a_burst_goes_at_once_and_is_earned_again_by_waiting():
    time = Time()
    calls = budget(time, rate=2, burst=3)

    for _ in range(4):
        calls.take()
    assert time.slept == [0.5]

    time.now += 60
    for _ in range(4):
        calls.take()
    assert time.slept == [0.5, 0.5]


def test_idle_time_is_not_saved_up_without_a_burst():
    time = Time()
    calls = budget(time, rate=10)
    calls.take()
    time.now += 3600

    calls.take()
    calls.take()

    assert time.slept == [pytest.approx(0.1)]


def test_a_large_amount_is_paid_for_by_who_comes_next():
    time = Time()
    datapoints = budget(time, rate=1000)

    datapoints.take(5000)
    datapoints.take(10)

    assert time.slept == [5.0]


def test_threads_together_keep_the_rate_and_each_sleeps_once_to_its_own_moment():
    reserved, lock = [], Lock()

    def sleep(seconds):
        with lock:
            reserved.append(seconds)

    calls = Budget(10, clock=lambda: 0.0, sleep=sleep)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: calls.take(), range(101)))

    assert sorted(reserved) == [pytest.approx(turn / 10) for turn in range(1, 101)]


def test_after_a_caller_that_woke_late_the_next_one_keeps_its_distance():
    time = Time()
    calls = budget(time, rate=4)
    calls.take()
    time.held_up = 0.2
    calls.take()
    went = time.now

    calls.take()

    assert time.now - went == pytest.approx(0.25)


def test_who_waits_already_is_put_off_by_a_caller_that_woke_late():
    time = Time()
    waits, gone = Event(), Event()

    def sleep(seconds):
        if current_thread() is second and not gone.is_set():
            waits.set()
            gone.wait(timeout=10)
            time.now = 100.5  # its own moment
            return
        if not second.is_alive() and not gone.is_set():
            second.start()
            waits.wait(timeout=10)
            time.held_up = 0.2
        time.sleep(seconds)

    calls = Budget(4, clock=time.clock, sleep=sleep)
    second = Thread(target=calls.take)
    calls.take()
    calls.take()
    went = time.now
    gone.set()
    second.join(timeout=10)

    assert (went, time.now) == (pytest.approx(100.45), pytest.approx(100.7))


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (5, 0.5)])
def test_an_impossible_budget_is_refused(rate, burst):
    with pytest.raises(ValueError, match="a budget needs"):
        Budget(rate, burst=burst)


def test_calls_are_counted_by_class_whoever_makes_them():
    calls = CallCount()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(calls.add, ["shared", "GetPolicy"] * 50))

    assert calls.as_dict() == {"GetPolicy": 50, "shared": 50}
