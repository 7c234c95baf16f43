"""Two demos on one folder would write over each other's state: the second is told where the first one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import folder
from demo.__main__ import main

ADDRESS = "http://127.0.0.1:8765"


def test_a_second_demo_on_the_same_folder_is_told_where_the_first_one_is_and_forgets_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with folder.held(tmp_path, ADDRESS, fresh=False):
        (tmp_path / "cloud.json").write_text("{}")
        assert main(["--state", str(tmp_path), "--fresh", "--port", "0"]) == 1

    assert capsys.readouterr().err.startswith(f"A demo already runs on {tmp_path}/, at {ADDRESS}. Open that one, or")
    assert (tmp_path / "cloud.json").exists()


def test_a_folder_can_be_had_again_and_emptied_once_its_demo_ended(tmp_path: Path) -> None:
    with folder.held(tmp_path / "state", ADDRESS, fresh=True):
        (tmp_path / "state" / "runs").mkdir()
        (tmp_path / "state" / "runs" / "one.json").touch()

    with folder.held(tmp_path / "state", ADDRESS, fresh=True):
        assert [kept.name for kept in (tmp_path / "state").iterdir()] == ["address"]


def test_where_the_first_one_is_only_starting_it_is_still_said_that_there_is_one(tmp_path: Path) -> None:
    with folder.held(tmp_path, ADDRESS, fresh=False):
        (tmp_path / "address").unlink()
        with pytest.raises(folder.InUse, match="about to print"), folder.held(tmp_path, ADDRESS, fresh=False):
            pass
