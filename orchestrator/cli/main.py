"""Do what was typed, and end with the exit code that says how it went."""

from __future__ import annotations

import functools
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import botocore.session
from botocore.config import Config

from orchestrator.aws.answers import WholeAnswers
from orchestrator.aws.clients import build_clients
from orchestrator.aws.errors import AWS_ERRORS, AwsError, CallFailed, CredentialsError, failure, in_words
from orchestrator.aws.sessions import open_session
from orchestrator.cli import terminal
from orchestrator.cli.arguments import PROGRAM, RefusedArguments, ScanArguments, Wanted, help_text, read_arguments
from orchestrator.cli.permissions import Denials, policy
from orchestrator.cli.progress import Progress, WatchedCalls
from orchestrator.cli.scanning import Report, scan
from orchestrator.cli.table import headline, table
from orchestrator.domain.words import count

JUDGED, FAILED, BAD_ARGUMENTS, NOT_ALLOWED, NOT_ALL_JUDGED, INTERRUPTED = 0, 1, 2, 3, 4, 130

WHO_IS_ASKING = "sts:GetCallerIdentity"
"""Needs no permission, and tells within seconds whether the credentials are any good."""
HOW_TO_LOG_IN = f"Log in, or name a profile in AWS_PROFILE. The permissions that a scan needs: {PROGRAM} --print-policy"
FIRST_CALL = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=5, read_timeout=10)


def utc_now() -> datetime:
    """The time it is."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """What the command meets outside itself; tests bring their own."""

    open_session: Callable[[], Any] = open_session
    """Returns a boto3 session, or something that hands out clients as it does."""
    clock: Callable[[], datetime] = utc_now
    stopwatch: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


REAL_WORLD = Dependencies()


def main(
    argv: Sequence[str],
    environ: Mapping[str, str],
    stdout: TextIO,
    stderr: TextIO,
    outside: Dependencies = REAL_WORLD,
) -> int:
    """Do what was typed after the program's name, and return the exit code.

    `stdout` needs the `buffer` of bytes that a real one has. Raises BrokenPipeError when nobody reads on.
    """
    try:
        return _Command(environ, stdout, stderr, outside).run(argv)
    except BrokenPipeError:
        raise
    except (RefusedArguments, AwsError, OSError, KeyboardInterrupt) as error:
        code, lines = _ending(error)
        _say(stderr, *lines)
        return code


def _ending(error: BaseException) -> tuple[int, tuple[str, ...]]:
    """What to say when there is no report, and the exit code."""
    match error:
        case RefusedArguments():
            return BAD_ARGUMENTS, (*error.problems, f"Nothing was scanned. What is accepted: {PROGRAM} --help")
        case CredentialsError():
            return NOT_ALLOWED, (f"No AWS credentials that work: {error}", HOW_TO_LOG_IN)
        case AwsError(denied=True):
            return NOT_ALLOWED, (f"The scan failed: {error}", _not_allowed([str(error.action)]))
        case KeyboardInterrupt():
            return INTERRUPTED, ("Interrupted. Nothing was changed.",)
        case _:
            return FAILED, (f"The scan failed: {error}",)


class _Command:
    """One call of the command, with the world it runs in."""

    def __init__(self, environ: Mapping[str, str], stdout: TextIO, stderr: TextIO, outside: Dependencies) -> None:
        self._environ = environ
        self._stdout = stdout
        self._stderr = stderr
        self._outside = outside

    def run(self, argv: Sequence[str]) -> int:
        """Do what was typed and return the exit code."""
        wanted = read_arguments(argv, self._default_region)
        if isinstance(wanted, Wanted):
            self._stdout.write(help_text() if wanted.what == "help" else json.dumps(policy(), indent=2) + "\n")
            self._stdout.flush()
            return JUDGED
        denials = Denials()
        with tempfile.TemporaryDirectory(prefix="snapstart-scan-") as folder:
            report = self._scan(wanted, Path(folder), denials)
            self._hand_over(report, wanted)
        return self._verdict(report, wanted, denials)

    @functools.cached_property
    def _session(self) -> WholeAnswers:
        try:
            return WholeAnswers(self._outside.open_session(), self._outside.sleep)
        except AWS_ERRORS as error:
            raise CredentialsError(in_words(error)) from error

    def _default_region(self) -> str | None:
        region: str | None = self._environ.get("AWS_REGION") or self._session.session.region_name
        return region

    def _scan(self, wanted: ScanArguments, folder: Path, denials: Denials) -> Report:
        progress = Progress(
            None if wanted.quiet else self._stderr,
            live=terminal.can_change_lines(self._stderr, self._environ),
            width=terminal.width_of(self._stderr, self._environ),
            stopwatch=self._outside.stopwatch,
        )
        calls = WatchedCalls(progress)
        clients = build_clients(
            self._session,
            wanted.region,
            shared_rate=wanted.shared_rate,
            calls=calls,
            clock=self._outside.stopwatch,
            sleep=self._outside.sleep,
        )
        denials.watch(clients)
        try:
            return scan(
                clients=clients,
                calls=calls,
                account_id=self._account_id(wanted.region),
                region=wanted.region,
                policy=wanted.policy,
                folder=folder,
                clock=self._outside.clock,
                stopwatch=self._outside.stopwatch,
                progress=progress.say,
            )
        finally:
            progress.clear()

    def _account_id(self, region: str) -> str:
        try:
            sts = self._session.client("sts", region_name=region, config=FIRST_CALL)
            return str(sts.get_caller_identity()["Account"])
        except AWS_ERRORS as error:
            problem = failure(error, WHO_IS_ASKING)
            if isinstance(problem, CredentialsError) or region in known_regions():
                raise problem from error
            raise CallFailed(f"{problem}. Is there a region {region}? This botocore does not know it") from error

    def _hand_over(self, report: Report, wanted: ScanArguments) -> None:
        """Put the result where it was asked for, and nothing else there."""
        if wanted.format == "table":
            to_file = wanted.output is not None
            text = table(
                report,
                width=terminal.WIDTH if to_file else terminal.width_of(self._stdout, self._environ),
                colour=not to_file and terminal.in_colour(self._stdout, self._environ),
            )
            if wanted.output is None:
                self._stdout.write(text)
            else:
                wanted.output.write_text(text, encoding="utf-8")
        else:
            file = report.json_file if wanted.format == "json" else report.csv_file
            with file.open("rb") as written:
                if wanted.output is None:
                    shutil.copyfileobj(written, self._stdout.buffer)
                else:
                    with wanted.output.open("wb") as output:
                        shutil.copyfileobj(written, output)
        self._stdout.flush()

    def _verdict(self, report: Report, wanted: ScanArguments, denials: Denials) -> int:
        if not wanted.quiet and (wanted.format != "table" or wanted.output is not None):
            _say(self._stderr, f"{headline(report)}." + (f" Written to {wanted.output}." if wanted.output else ""))
        unjudged = report.summary.not_judged
        if unjudged:
            _say(self._stderr, f"{count(unjudged, 'version')} could not be judged; the report says why.")
        if denials.actions:
            _say(self._stderr, _not_allowed(denials.actions))
            return NOT_ALLOWED
        return NOT_ALL_JUDGED if unjudged else JUDGED


def known_regions() -> frozenset[str]:
    """The regions with Lambda that botocore has heard of; there may be newer ones."""
    heard = botocore.session.get_session()
    return frozenset(
        region
        for partition in heard.get_available_partitions()
        for region in heard.get_available_regions("lambda", partition_name=partition)
    )


def _say(stderr: TextIO, *lines: str) -> None:
    stderr.write("".join(f"{line}\n" for line in lines))
    stderr.flush()


def _not_allowed(actions: Sequence[str]) -> str:
    return f"Permission missing: {', '.join(actions)}. The policy that a scan needs: {PROGRAM} --print-policy"
