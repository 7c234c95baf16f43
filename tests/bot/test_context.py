from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.context import send
from bot.deadline import Deadline, OutOfTime
from bot.executions import Unclear


@pytest.fixture
def one_thread():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_what_was_sent_and_is_not_answered_in_time_may_have_arrived(one_thread):
    answered = threading.Event()
    try:
        with pytest.raises(Unclear):
            send(Deadline(0.01, one_thread), answered.wait)
    finally:
        answered.set()


def test_what_never_got_its_turn_was_not_sent(one_thread):
    turn, sent = threading.Event(), []
    one_thread.submit(turn.wait)
    try:
        with pytest.raises(OutOfTime):
            send(Deadline(0.01, one_thread), sent.append, 1)
    finally:
        turn.set()
    one_thread.shutdown()
    assert sent == []
