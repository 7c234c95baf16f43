"""What runs, what waits and what came of the last runs, line by line."""

from __future__ import annotations

from bot.replies.status import MOST_OPEN, Status, status
from orchestrator.domain.pause import UnreadablePause
from orchestrator.domain.runs import ENDED, WAITING
from tests.bot.builders import the_settings
from tests.slack.builders import EXPIRES, STARTED, a_run, longest

UNTIL = f"<!date^{EXPIRES}^{{date_short}}, {{time}}|27 Nov, 14:05 UTC>"
AT_START = f"<!date^{STARTED}^{{time}}|14:02 UTC>"
ON_THE_DAY = f"<!date^{STARTED}^{{date_short}}, {{time}}|20 Nov, 14:02 UTC>"
LINK = "https://workshop.slack.com/archives/C0REVIEW/p1?a=1&b=2"
OPEN = "<https://workshop.slack.com/archives/C0REVIEW/p1?a=1&amp;b=2|open>"
RULES = "At least 14 days old, beyond the newest 3, no calls in 35 days."
DAY = 86_400


def told(*, ago: float = 60, **known: object) -> list[str]:
    return status(Status(now=STARTED + ago, **known), the_settings()).split("\n")


def test_status_tells_what_waits_what_runs_and_what_came_of_the_last_runs() -> None:
    waiting = a_run(status=WAITING, monthly_usd=234.0, permalink=LINK)
    running = a_run([], region="eu-west-1", step=2, requested_by=None, permalink=LINK)
    ended = [
        a_run(
            [],
            status=ENDED,
            ended_at=STARTED - 7 * DAY,
            ending_words="43 deleted, about $212.55 a month",
            permalink=LINK,
        ),
        a_run(
            [],
            status=ENDED,
            ended_at=STARTED - 4 * DAY,
            region="us-east-1",
            requested_by=None,
            ending="nothing_to_do",
        ),
    ]

    assert told(open=[waiting, running], ended=ended) == [
        (
            f"*Waiting* us-west-2 · 48 idle versions, about $234.00 a month · <@U0ASKER> · since {AT_START} · "
            f"until {UNTIL} · {OPEN}"
        ),
        f"*Running* eu-west-1 · step 2 of 4 · the schedule · since {AT_START} · {OPEN}",
        f"*Last runs* 13 Nov us-west-2: 43 deleted, about $212.55 a month · {OPEN}",
        "• 16 Nov us-east-1, the schedule: nothing_to_do",
        f"Dry run is *on*. {RULES}",
    ]


def test_nothing_at_all_says_how_to_begin() -> None:
    assert told() == ["No run yet. Start one: `/snapstart scan us-west-2`", f"Dry run is *on*. {RULES}"]
    of_one_place = status(Status(now=0), the_settings(), region="eu-west-1")
    assert of_one_place.startswith("No run yet in eu-west-1. Start one: `/snapstart scan eu-west-1`")


def test_status_names_the_page_that_waits_and_what_is_being_deleted() -> None:
    waiting = a_run(longest(101), status=WAITING, page=2)
    deleting = a_run([], status="deleting")

    said = told(open=[waiting, deleting])

    assert f"page {waiting.page} of {waiting.pages}" in said[0]
    assert said[1].startswith("*Running* us-west-2 · deleting what was approved")


def test_a_run_of_another_day_says_which() -> None:
    (line, _) = told(open=[a_run(permalink=LINK)], ago=3 * DAY)

    assert f"since {ON_THE_DAY}" in line


def test_a_run_without_a_message_can_be_ended_all_the_same() -> None:
    never, gone = a_run(execution="never"), a_run(execution="gone", permalink=LINK)

    said = told(open=[never, gone], gone=frozenset({"gone"}))

    assert said[0].endswith("no message yet; `/snapstart stop us-west-2` ends it")
    assert said[1].endswith("its message was deleted; `/snapstart stop us-west-2` ends it")


def test_more_open_runs_than_anybody_reads_are_counted() -> None:
    said = told(open=[a_run()] * (MOST_OPEN + 7))

    assert len(said) == MOST_OPEN + 2
    assert said[MOST_OPEN] == "And 7 more open runs: name an account or a region to see them."


def test_what_there_was_no_time_to_read_and_a_pause_that_could_not_be_read_are_said() -> None:
    said = told(open=[a_run()], unread=3, pause=UnreadablePause("AWS: <SlowDown>"))

    assert said[0].endswith("could not read whether deletes are paused (AWS: &lt;SlowDown&gt;).")
    assert said[2].startswith("There was no time to read 3 older runs: `/snapstart status`")
