"""How things are said: escaped, cut where it does no harm, and the same for the ear as for the eye."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.slack import problems
from orchestrator.domain.results import Outcome
from orchestrator.slack.message.blocks import SECTION_TEXT, message, section, titled
from orchestrator.slack.message.candidates import candidates, candidates_in_thread
from orchestrator.slack.message.declined import refused
from orchestrator.slack.message.endings import ending_words
from orchestrator.slack.message.failures import failed, failed_in_thread, grant
from orchestrator.slack.message.over import without_words
from orchestrator.slack.message.scanning import ScanProgress, scanning
from orchestrator.slack.message.text import (
    approvers_in_words,
    calls_to,
    console_link,
    cut_in_the_middle,
    cut_markup,
    date_in_words,
    day_and_time,
    day_near,
    duration,
    escape,
    link,
    packed,
    person,
    spoken,
)
from tests.slack.builders import (
    STARTED,
    a_page,
    a_run,
    a_summary,
    an_outcome,
    approving,
    longest,
    results_of,
    the_policy,
    versions,
)

markup = st.lists(
    st.sampled_from(["a", " ", "&amp;", "&lt;", "<@U0ASKER>", "<!date^1^{time}|14:02 UTC>", "é", "`x`"]), max_size=40
).map("".join)


@given(text=st.text())
def test_escaped_text_holds_no_token_of_slack(text: str) -> None:
    assert not re.search(r"<|>|&(?!amp;|lt;|gt;)", escape(text))


@given(text=markup, limit=st.integers(1, 60))
def test_markup_is_never_cut_inside_an_entity_or_a_mention(text: str, limit: int) -> None:
    shown = cut_markup(text, limit)

    assert len(shown) <= limit
    assert not re.search(r"&(?!amp;|lt;|gt;)", shown)
    assert shown.count("<") == shown.count(">")


@given(text=st.text(max_size=100), limit=st.integers(3, 70))
def test_a_name_cut_in_the_middle_keeps_both_ends(text: str, limit: int) -> None:
    shown = cut_in_the_middle(text, limit)

    assert len(shown) <= limit
    assert text.startswith(shown.partition("…")[0])
    assert text.endswith(shown.rpartition("…")[2])


@given(items=st.lists(st.text("abc", min_size=1, max_size=12), max_size=30))
def test_items_are_packed_whole_in_order_and_within_the_limit(items: list[str]) -> None:
    packs = list(packed(items, ", ", 20))

    assert all(len(pack) <= 20 for pack in packs)
    assert [item for pack in packs for item in pack.split(", ")] == items


def test_a_time_stands_in_the_readers_zone_for_the_eye_and_in_utc_for_the_ear() -> None:
    assert day_and_time(STARTED) == f"<!date^{STARTED}^{{date_short}}, {{time}}|20 Nov, 14:02 UTC>"
    assert spoken(f":mag: *Since* {day_and_time(STARTED)}") == "Since 20 Nov, 14:02 UTC"


@pytest.mark.parametrize(("day", "words"), [("2026-11-13", "13 Nov 2026"), ("", ""), ("recently", "recently")])
def test_a_day_that_is_none_is_said_as_it_stands(day: str, words: str) -> None:
    assert date_in_words(day, year=True) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (72, "1 min 12 s"), (3660, "1 h 1 min"), (-3, "0 s")],
)
def test_a_duration_is_said_with_two_units_at_most(seconds: int, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("user_id", "mention"),
    [("U0ASKER", "<@U0ASKER>"), ("W123", "<@W123>"), (None, "the schedule"), ("<!channel>", "&lt;!channel&gt;")],
)
def test_only_a_members_id_becomes_a_mention(user_id: str | None, mention: str) -> None:
    assert person(user_id) == mention


def test_approvers_are_named_as_users_groups_or_everybody() -> None:
    many = [f"U{number}" for number in range(12)]

    assert approvers_in_words(["S0ONCALL", "U0A"]) == "<!subteam^S0ONCALL>, <@U0A>"
    assert approvers_in_words(["U0A", "*"]) == "any full member"
    assert approvers_in_words(many).endswith("<@U9> and 2 more")


def test_a_scheduled_run_calls_the_groups_or_else_the_people_but_never_everybody() -> None:
    assert calls_to(["U0A", "S0ONCALL"]) == "<!subteam^S0ONCALL>"
    assert calls_to(["U0A", "U0B"]) == "<@U0A> <@U0B>"
    assert calls_to(["*"]) == ""
    assert calls_to([]) == ""


def test_a_link_shows_its_label_whatever_its_address_holds() -> None:
    assert link("https://x/?a=1&b=<2>|3", "open") == "<https://x/?a=1&amp;b=&lt;2&gt;%7C3|open>"


def test_a_long_list_goes_on_in_more_sections_under_one_title() -> None:
    blocks = titled("*Deleted*", [f"`{'x' * 60}` {number}" for number in range(100)], "\n")

    assert len(blocks) == 3
    assert [block["text"]["text"].startswith("*Deleted*") for block in blocks] == [True, False, False]
    assert problems(blocks) == []


def test_what_does_not_fit_the_ear_is_pointed_to() -> None:
    shown = message([section("x" * SECTION_TEXT), section("y" * SECTION_TEXT)])

    assert len(shown.text) <= 3900
    assert shown.text.endswith("\nThe rest: see the CSV.")


def test_the_ear_hears_every_function_of_a_page_its_versions_and_what_stays() -> None:
    offered = longest(1, 3)
    shown = candidates(
        a_page(offered),
        offered=offered,
        summary=a_summary(offered),
        policy=the_policy(),
        approvers=["*"],
        second_person=False,
    )

    name = offered[0].function_name
    assert f"{name}: 3 idle versions, $17.55 a month: 2000000000–2000000002. Stays: 58 live, 57, 56" in shown.text  # noqa: RUF001


def test_without_its_table_a_message_says_the_same() -> None:
    offered = longest(2, of_each=2)
    shown = candidates(
        a_page(offered),
        offered=offered,
        summary=a_summary(offered),
        policy=the_policy(),
        approvers=["*"],
        second_person=False,
    )

    assert "table" in {block["type"] for block in shown.blocks}
    assert "table" not in {block["type"] for block in shown.forms[1].blocks}
    assert [form.text for form in shown.forms] == [shown.text, shown.text]
    assert all(form.asks for form in shown.forms)


@pytest.mark.parametrize("hostile", ["<!channel>", "<@U0OTHER>", "&amp;", "<https://evil|click>"])
def test_words_of_aws_and_of_requests_never_become_markup(hostile: str) -> None:
    shown = [
        failed(a_run(), what_happened=hostile),
        failed_in_thread(a_run(), what_happened=hostile),
        refused([hostile], requested_by=hostile, execution="run", region="us-west-2", command="/snapstart"),
        scanning(a_run(requested_by=hostile), ScanProgress()),
        without_words(a_run(), status=hostile),
        candidates_in_thread(a_page(), offered=[], approvers=[], csv_problem=hostile, csv_location=hostile),
    ]

    for sent in shown:
        seen = [b["text"]["text"] for b in sent.blocks if b["type"] == "section"]
        assert all(hostile not in text or hostile == "&amp;" for text in [sent.text, *seen])
        assert escape(hostile) in sent.text


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ((2, 0), "2 deleted, about $11.70 a month"),
        ((1, 1), "1 deleted, 1 failed, about $5.85 a month"),
        ((0, 2), "2 failed"),
        ((0, 0), "nothing deleted"),
    ],
)
def test_a_run_that_is_over_is_summed_up_in_a_few_words(results: tuple[int, int], words: str) -> None:
    deleted, not_deleted = results
    page = a_page(versions("orders-api", range(1, 4)))
    decision = approving(page, but=[c.key for c in page.candidates[deleted + not_deleted :]])
    otherwise = {c.key: (Outcome.FAILED, "denied") for c in page.candidates[deleted : deleted + not_deleted]}

    assert (
        ending_words([an_outcome(page, decision, results=results_of(page, decision, otherwise))], dry_run=False)
        == words
    )


def test_people_are_told_to_type_what_scans_the_same_again() -> None:
    run = a_run(command="/snap-test", policy={"function_name_prefix": "orders-"})

    assert (
        "`/snap-test scan us-west-2 --prefix orders-`"
        in failed(run, what_happened="x", what_to_do=grant("y", run)).text
    )
    assert "`/snapstart scan us-west-2`" in without_words(a_run(), status="FAILED").text
    named = without_words(a_run(account_name="payments"), status="FAILED")
    assert "`/snapstart scan payments us-west-2`" in named.text


@pytest.mark.parametrize(
    ("arn", "host"),
    [
        ("arn:aws:lambda:us-west-2:111122223333:function:orders:3", "us-west-2.console.aws.amazon.com"),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:orders:3",
            "us-gov-west-1.console.amazonaws-us-gov.com",
        ),
        ("arn:aws-cn:lambda:cn-north-1:111122223333:function:orders:3", "cn-north-1.console.amazonaws.cn"),
    ],
)
def test_a_function_links_to_its_versions_in_the_console_of_its_partition(arn: str, host: str) -> None:
    region = arn.split(":")[3]

    assert (
        console_link(arn, "orders")
        == f"<https://{host}/lambda/home?region={region}#/functions/orders?tab=versions|orders>"
    )


def test_what_is_no_arn_of_a_version_is_not_linked() -> None:
    assert console_link("elsewhere", "orders") == "orders"


@pytest.mark.parametrize(
    ("day", "today", "words"),
    [
        ("2026-08-09", date(2026, 11, 20), "9 Aug"),
        ("2025-12-01", date(2026, 11, 20), "1 Dec 2025"),
        ("2027-11-13", date(2026, 11, 20), "13 Nov 2027"),
        ("2025-12-01", None, "1 Dec"),
        ("recently", date(2026, 11, 20), "recently"),
    ],
)
def test_a_day_of_another_year_is_said_with_it(day: str, today: date | None, words: str) -> None:
    assert day_near(day, today) == words
