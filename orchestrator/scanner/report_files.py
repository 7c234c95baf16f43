"""What a scan found, and its files: the report as JSON and CSV, row by row."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from orchestrator.aws.storage import Store, Upload
from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.inventory import Inventory
from orchestrator.domain.remember import Seen
from orchestrator.domain.report import ROW_FIELDS, SCHEMA_VERSION, Summary

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a scan found, in sum."""

    summary: Summary
    candidates: tuple[Candidate, ...]
    """In the order they are offered."""
    newly_not_judged: frozenset[VersionKey]
    """The rows not judged that were not reported last time."""
    seen: Seen
    inventory: Inventory


_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")


class ReportFiles:
    """Both forms of one report while they are written; memory does not grow with the rows."""

    def __init__(self, json_report: Upload, csv_report: Upload) -> None:
        self._json = json_report
        self._csv = csv_report
        self._separator = "\n"

    def begin(self, header: Json) -> None:
        """Write what stands before the rows."""
        opening = json.dumps({"schema_version": SCHEMA_VERSION, **header}, ensure_ascii=False)
        self._json.write(f'{opening[:-1]}, "rows": ['.encode())
        self._csv.write(_csv_line(ROW_FIELDS))

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one version's row."""
        self._json.write(f"{self._separator}{json.dumps(row, ensure_ascii=False)}".encode())
        self._csv.write(_csv_line(_cell(row[name]) for name in ROW_FIELDS))
        self._separator = ",\n"

    def finish(self, summary: Summary) -> None:
        """Write what stands after the rows."""
        closing = json.dumps(summary.to_dict(), ensure_ascii=False)
        self._json.write(f'\n], "summary": {closing}}}\n'.encode())


@contextmanager
def report_files(store: Store, keys: tuple[str, str]) -> Iterator[ReportFiles]:
    """Write a report under the keys of its JSON and its CSV form; both are stored when it is finished, or neither."""
    json_key, csv_key = keys
    with (
        store.stream_upload(json_key, "application/json") as json_report,
        store.stream_upload(csv_key, "text/csv; charset=utf-8") as csv_report,
    ):
        yield ReportFiles(json_report, csv_report)


def _csv_line(values: Iterable[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(values)
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    """A value as a spreadsheet reads it: nothing for null, true and false as such, lists as JSON or words.

    Text that a spreadsheet would take for a formula is quoted: anybody who publishes a version writes its description.
    """
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA_BEGINS):
        return f"'{value}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return (
            " ".join(value) if all(isinstance(item, str) for item in value) else json.dumps(value, ensure_ascii=False)
        )
    return value
