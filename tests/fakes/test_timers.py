"""The durable engine's timers have an end, and so has everything the engine started."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest

from fakes.engine import Engine
from fakes.timers import Timers

NOBODY_ANSWERS = "http://127.0.0.1:1"


def engine(folder: Path) -> Engine:
    return Engine(folder, endpoint=NOBODY_ANSWERS, account_id="111122223333", region="us-west-2")


def test_what_is_asked_of_timers_that_were_stopped_is_never_done() -> None:
    timers = Timers()
    timers.start()
    before = timers.call_later(print, delay=60)
    timers.stop()

    assert before.cancelled()
    assert timers.call_later(print).cancelled()
    with pytest.raises(RuntimeError, match="stopped"):
        timers.create_event()
    gc.collect()


def test_an_engine_that_is_stopped_leaves_nobody_at_work_and_the_next_one_knows_its_executions(
    tmp_path: Path,
) -> None:
    first = engine(tmp_path)
    first.start()
    arn = first.start_execution("orchestrator", "live", "open", b"{}", timeout_seconds=60)
    first.stop()

    assert [thread.name for thread in threading.enumerate() if arn in thread.name] == []

    second = engine(tmp_path)
    second.stop()
    assert [execution.durable_execution_arn for execution in second.executions()] == [arn]
