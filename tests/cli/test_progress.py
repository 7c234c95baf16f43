"""How far a scan is, on a terminal and elsewhere."""

import re

from orchestrator.cli.progress import Progress, WatchedCalls
from tests.cli.conftest import Stream

ERASED = "\x1b[2K"
ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def drawn(stream: Stream) -> list[str]:
    """Every line that was drawn on a terminal, one over the other."""
    return [line for line in re.split(r"[\r\n]+", ANSI.sub("", stream.text())) if line]


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def progress(stream: Stream | None, *, live: bool, width: int = 80, stopwatch: Stopwatch | None = None) -> Progress:
    return Progress(stream, live=live, width=width, stopwatch=stopwatch or Stopwatch())


def test_elsewhere_a_step_is_said_when_it_begins_and_every_ten_seconds():
    stream, stopwatch = Stream(), Stopwatch()
    shown = progress(stream, live=False, stopwatch=stopwatch)
    shown.say(1, 0, 0)
    for seconds in range(1, 22):
        stopwatch.seconds = float(seconds)
        shown.say(1, seconds * 50, seconds)
    shown.say(2, 0, 7)
    shown.clear()
    assert stream.text().splitlines() == [
        "Step 1 of 4: listing versions",
        "Step 1 of 4: listing versions · 500 listed, 10 with SnapStart",
        "Step 1 of 4: listing versions · 1,000 listed, 20 with SnapStart",
        "Step 2 of 4: aliases, traffic and other references",
    ]


def test_on_a_terminal_one_line_changes_and_is_taken_away():
    stream, stopwatch = Stream(), Stopwatch()
    shown = progress(stream, live=True, stopwatch=stopwatch)
    shown.say(2, 0, 320)
    stopwatch.seconds = 1.0
    shown.say(2, 210, 320)
    shown.clear()
    assert list(dict.fromkeys(drawn(stream))) == [
        "Step 2 of 4: aliases, traffic and other references",
        "Step 2 of 4: aliases, traffic and other references · 210 of 320 versions",
    ]
    assert stream.text().endswith(ERASED)


def test_every_call_shows_that_a_long_step_is_alive():
    stream, stopwatch = Stream(), Stopwatch()
    shown = progress(stream, live=True, stopwatch=stopwatch)
    calls = WatchedCalls(shown)
    shown.say(3, 0, 5)
    for _ in range(3):
        stopwatch.seconds += 1.0
        calls.add("GetFunctionConfiguration")
    assert drawn(stream)[-1] == "Step 3 of 4: state and policies · 3 calls"
    assert calls.as_dict() == {"GetFunctionConfiguration": 3}


def test_a_terminal_is_not_drawn_on_more_often_than_eyes_follow():
    stream = Stream()
    shown = progress(stream, live=True)
    shown.say(3, 0, 5)
    for _ in range(100):
        shown.count_call()
    assert len(set(drawn(stream))) == 1


def test_a_line_never_wraps():
    stream = Stream()
    progress(stream, live=True, width=30).say(2, 1, 1)
    assert [line.rstrip() for line in dict.fromkeys(drawn(stream))] == ["Step 2 of 4: aliases, traffic"]


def test_calls_before_the_first_step_and_after_the_last_draw_nothing():
    stream = Stream()
    shown = progress(stream, live=True)
    shown.count_call()
    shown.clear()
    shown.count_call()
    assert stream.text() == ""


def test_quiet_writes_nowhere():
    shown = progress(None, live=True)
    shown.say(1, 0, 0)
    shown.count_call()
    shown.clear()


def test_the_line_is_gone_before_the_result_is_printed(shell, idle_versions):
    assert idle_versions.functions
    shell.terminal = True
    assert ERASED in shell.scans().err.rpartition("\n")[2]
