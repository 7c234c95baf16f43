"""An executor for tests that want the nth call to be always the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class OneAfterTheOther(Executor):
    """Runs what it is given at once, so that the nth call is always the same call."""

    def __init__(self, _workers: int) -> None:
        pass

    def submit(self, act: Callable[..., Any], /, *args: Any, **given: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(act(*args, **given))
        except Exception as error:  # noqa: BLE001 - a future carries what was raised
            done.set_exception(error)
        return done
