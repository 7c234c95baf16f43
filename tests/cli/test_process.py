"""The command as a process of its own, against an account behind `AWS_ENDPOINT_URL`."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.aws import Cloud
from tests.over_http import over_http

ROOT = Path(__file__).parents[2]
SCAN = [sys.executable, "-m", "orchestrator", "scan"]


@pytest.fixture
def cloud() -> Cloud:
    """Two idle versions, on the clock of the machine, since the process has no other."""
    cloud = Cloud(clock=lambda: datetime.now(UTC))
    cloud.function("orders-api", memory_mb=1024).publish(5, age_days=40).alias("live", 5).invoked("live", count=5)
    return cloud


@pytest.fixture
def environ(cloud: Cloud, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine with credentials and an endpoint, and nothing else that is about AWS."""
    (tmp_path / "temporary").mkdir()
    machine = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "AKIALOCAL",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "TMPDIR": str(tmp_path / "temporary"),
        "PYTHONWARNINGS": "error",
    }
    with over_http(cloud) as address:
        yield {**machine, "AWS_ENDPOINT_URL": address}


def started(environ: dict[str, str], *options: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(  # noqa: S603 - our own words
        [*SCAN, "--shared-rate", "15", *options], cwd=ROOT, env=environ, stdout=pipe, stderr=pipe, text=True
    )


def test_a_scan_over_http_judges_prints_even_on_a_terminal_of_few_letters_and_leaves_nothing_behind(environ, tmp_path):
    few_letters = {**environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    process = started(few_letters)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out.startswith("2 idle versions cost about $7.80 a month\nus-west-2 ? account 111122223333")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_ctrl_c_waits_for_the_calls_on_their_way_and_again_it_does_not(environ, cloud):
    asked, over = threading.Event(), threading.Event()
    cloud.faults.meanwhile("ListAliases", lambda: (asked.set(), over.wait(30)))
    process = started(environ, "--quiet")
    try:
        assert asked.wait(30)
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.2)
        while process.poll() is None and not over.is_set():
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.2)
        assert process.returncode == -signal.SIGINT
        assert process.stderr.read() == ""
    finally:
        over.set()
        process.kill()
        process.communicate()


def test_a_terminal_that_is_closed_ends_the_scan_and_clears_up(environ, cloud, tmp_path):
    asked, over = threading.Event(), threading.Event()
    cloud.faults.meanwhile("ListFunctions", lambda: (asked.set(), over.wait(10)))
    process = started(environ, "--quiet")
    try:
        assert asked.wait(30)
        process.send_signal(signal.SIGHUP)
        over.set()
        process.communicate(timeout=30)
    finally:
        over.set()
        process.kill()
    assert process.returncode == 128 + signal.SIGHUP
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_reader_who_has_seen_enough_is_left_in_peace(environ):
    process = started(environ, "--quiet", "--format", "json")
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(timeout=30) == 128 + signal.SIGPIPE
