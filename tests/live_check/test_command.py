"""The command as somebody types it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from live_check.__main__ import main

ROOT = Path(__file__).parents[2]


def test_without_credentials_nothing_is_made_and_it_says_so() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= {
        "PYTHONPATH": f"{ROOT}:{ROOT / '.ci'}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    ran = subprocess.run(
        [sys.executable, "-m", "live_check", "--region", "us-west-2"],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 3
    assert ran.stdout.startswith("Nothing was made: ")
    assert "NoCredentialsError" in ran.stdout


def test_it_says_what_it_does_before_it_does_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "130 interrupted" in capsys.readouterr().out


def test_a_region_must_be_named() -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2


def test_make_asks_for_the_region() -> None:
    ran = subprocess.run(
        ["make", "--silent", "--assume-old=.venv/.demo", "live-check"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode != 0
    assert "make live-check REGION=us-west-2" in ran.stderr
