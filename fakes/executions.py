"""The executions of the durable engine: in memory as they are, and on disk for the next start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aws_durable_execution_sdk_python_testing.execution import Execution
from aws_durable_execution_sdk_python_testing.stores.memory import InMemoryExecutionStore
from aws_durable_execution_sdk_python_testing.stores.sqlite import SQLiteExecutionStore


class Executions(InMemoryExecutionStore):
    """Reads from memory, writes to both. `watcher` is told of everything that was written."""

    def __init__(self, folder: Path, watcher: Callable[[], object]) -> None:
        super().__init__()
        self._disk = SQLiteExecutionStore.create_and_initialize(folder / "executions.db")
        self._watcher = watcher
        for execution in self._disk.list_all():
            super().save(execution)

    def save(self, execution: Execution) -> None:
        """Keep an execution as it is now."""
        super().save(execution)
        self._disk.save(execution)
        self._watcher()

    update = save
