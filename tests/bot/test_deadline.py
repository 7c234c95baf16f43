from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.deadline import Deadline, OutOfTime
from tests.fakes.slack.builders import Clock


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def test_calls_under_a_deadline_return_or_raise_what_they_would(pool):
    deadline = Deadline(5, pool)

    assert deadline.ask(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        deadline.ask(divmod, 7, 0)


def test_a_timeout_inside_a_call_is_the_calls_own(pool):
    def times_out():
        raise TimeoutError("the socket's")

    with pytest.raises(TimeoutError, match="the socket's"):
        Deadline(5, pool).ask(times_out)


def test_past_it_nothing_is_begun(pool):
    clock, begun = Clock(), []
    deadline = Deadline(2, pool, clock=clock)
    clock.passes(2)

    with pytest.raises(OutOfTime):
        deadline.ask(begun.append, 1)
    assert begun == []
    assert deadline.left == 0


def test_a_call_that_takes_too_long_is_not_waited_for(pool):
    release = threading.Event()
    try:
        with pytest.raises(OutOfTime):
            Deadline(0.01, pool).ask(release.wait)
    finally:
        release.set()


def test_a_call_that_was_only_waiting_for_a_thread_is_never_made(pool):
    release, made = threading.Event(), []
    busy = [pool.submit(release.wait) for _ in range(2)]
    try:
        with pytest.raises(OutOfTime):
            Deadline(0.01, pool).ask(made.append, 1)
    finally:
        release.set()
    [call.result() for call in busy]
    pool.shutdown()
    assert made == []


def test_calls_overlap_when_they_are_started_together(pool):
    both = threading.Barrier(2, timeout=5)
    deadline = Deadline(5, pool)
    calls = [deadline.start(both.wait), deadline.start(both.wait)]

    assert sorted(deadline.result(call) for call in calls) == [0, 1]


def test_a_longer_deadline_goes_on_from_the_same_start(pool):
    clock = Clock()
    deadline = Deadline(2, pool, clock=clock)
    clock.passes(1.5)

    assert deadline.longer(0.7).left == pytest.approx(1.2)
