"""What a click on a page passes on, and what keeps it from deciding anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import team
from fakes.slack.faults import ServerError
from tests.bot.deciding import ALL_TWELVE, APPROVE, FRESH_LIST, REJECT, REJECT_PAGE, SECOND_PAGE, STOP, presses
from tests.bot.scene import approved, two_groups
from tests.builders import a_page

# What is passed on.


def test_approving_passes_on_what_was_ticked_on_this_screen(scene):
    posted = scene.waits()
    approver = scene.somebody(team.APPROVER)
    approver.unticks(posted, "orders-api:3")

    answer = approver.presses(posted, APPROVE)

    assert answer.status == 200
    (decision,) = scene.decisions
    assert decision["approved"] is True
    assert sorted(approved(decision)) == sorted(set(ALL_TWELVE) - {"orders-api:3"})
    assert decision["approver"] == {"id": team.APPROVER, "name": "approver"}
    assert decision["decided_at"] == "2026-11-20T12:00:00Z"
    assert decision["offer_hash"] == two_groups().offer_hash
    assert scene.told(team.APPROVER) == [
        "Got it: 11 of 12 versions. Each is checked again before its delete; the result comes in the thread."
    ]


def test_ticks_of_somebody_else_do_not_count(scene):
    posted = scene.waits()
    scene.somebody(team.OTHER).unticks(posted, "orders-api:3", "thumbs:4")

    presses(scene, posted=posted)

    assert sorted(approved(scene.decisions[0])) == sorted(ALL_TWELVE)


def test_a_tick_is_acknowledged_and_nothing_else(scene):
    posted = scene.waits()
    before = len(scene.slack.calls)

    (answer,) = scene.somebody(team.GUEST).unticks(posted, "orders-api:3")

    assert (answer.status, answer.text) == (200, "")
    assert len(scene.slack.calls) == before
    assert scene.decisions == []


@pytest.mark.parametrize(
    ("button", "stops", "told"),
    [
        (REJECT_PAGE, False, "Got it: nothing is deleted, 12 versions stay."),
        (STOP, True, "Got it: the run ends here. Nothing on this page is deleted."),
    ],
)
def test_rejecting_and_stopping_approve_nothing_whatever_is_ticked(scene, button, stops, told):
    posted = scene.waits(two_groups(**SECOND_PAGE))

    assert presses(scene, button=button, posted=posted) == told
    (decision,) = scene.decisions
    assert (decision["approved"], decision["approved_versions"], decision["stop"]) == (False, [], stops)


def test_the_message_of_a_live_run_is_never_edited_by_the_bot(scene):
    posted = scene.waits()
    for who in (team.GUEST, team.MEMBER, team.APPROVER, team.OTHER):
        presses(scene, who, posted=posted)

    assert scene.slack.calls_of("chat.update", "chat.postMessage", "chat.delete") == []
    assert scene.current(posted).blocks == posted.blocks


def test_the_answer_goes_to_the_clicker_alone_and_into_the_thread_they_clicked_in(scene):
    posted = scene.waits()
    presses(scene, posted=posted)

    assert scene.told(team.OTHER) == scene.told(team.ASKER) == []
    assert scene.workspace.ephemerals(team.APPROVER)[0].thread_ts is None
    (told,) = scene.slack.calls_of("response_url")
    assert told.arguments["response_type"] == "ephemeral"
    assert told.arguments["replace_original"] is False


def test_a_click_in_a_thread_is_answered_there(scene):
    posted = scene.waits()
    container = {"message_ts": posted.ts, "thread_ts": "1795000000.000001"}
    scene.somebody(team.APPROVER).presses(posted, APPROVE, instead={"container": container})

    assert scene.workspace.ephemerals(team.APPROVER)[0].thread_ts == "1795000000.000001"


# What was clicked on.


def test_a_click_in_another_channel_decides_nothing(scene):
    posted = scene.waits(two_groups(channel_id=team.ELSEWHERE))

    assert presses(scene, posted=posted) == (
        f"The review channel is <#{team.REVIEW}>, so nothing is decided here. To end a question that still stands "
        "here, type `/snapstart stop` there. Nothing changed."
    )
    assert scene.decisions == []


def test_a_page_of_another_channel_is_not_decided_from_this_one(scene):
    posted = scene.waits()
    scene.records(replace(two_groups(), channel_id=team.ELSEWHERE, message_ts=posted.ts))

    assert presses(scene, posted=posted) == f"This can only be decided in <#{team.ELSEWHERE}>. Nothing changed."
    assert scene.decisions == []


@pytest.mark.parametrize("how", [{"team_id": team.OTHER_TEAM}, {"app_id": "A0ANOTHER"}])
def test_a_click_of_another_team_or_app_decides_nothing(scene, how):
    told = presses(scene, **how)

    assert told == "This message belongs to another installation. Nothing changed."
    assert scene.decisions == []


@pytest.mark.parametrize(
    "instead",
    [
        {"message": {"bot_id": "B0ANOTHER"}},
        {"message": {}},
        {"message": None},
        {"message": "text"},
        {"team": None, "user": {"id": team.APPROVER, "team_id": team.OTHER_TEAM}},
        {"team": None, "user": {"id": team.APPROVER}},
    ],
)
def test_a_message_that_our_bot_did_not_post_here_decides_nothing(scene, instead):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, APPROVE, instead=instead)

    assert scene.told(team.APPROVER) == ["This message belongs to another installation. Nothing changed."]
    assert scene.decisions == []


def test_an_app_installed_to_a_whole_organisation_sends_no_team_and_the_persons_counts(scene):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, APPROVE, instead={"team": None})

    assert len(scene.decisions) == 1


def test_a_stale_revision_decides_nothing(scene):
    posted = scene.waits()
    scene.records(two_groups(revision="2anew"))

    assert presses(scene, posted=posted) == (
        "This list changed while you were looking. Nothing was decided; please check the boxes and press again."
    )
    assert scene.decisions == []


def test_another_message_than_the_one_that_was_recorded_decides_nothing(scene):
    posted = scene.waits()
    scene.records(two_groups(message_ts="1795000000.999999"))

    assert presses(scene, posted=posted).startswith("This list changed")
    assert scene.decisions == []


def test_a_click_may_come_before_the_message_was_recorded(scene):
    posted = scene.waits()
    scene.records(two_groups(message_ts=None))

    assert presses(scene, posted=posted).startswith("Got it")


@pytest.mark.parametrize(("page", "what"), [({}, "nothing"), (SECOND_PAGE, "nothing on this page")])
def test_an_expired_page_decides_nothing_and_says_what_to_type(scene, page, what):
    posted = scene.waits(two_groups(**page))
    scene.clock.passes(6 * 24 * 3600)

    when = "<!date^1795694400^{date_short}, {time}|26 Nov, 12:00 UTC>"
    assert presses(scene, posted=posted) == f"This expired on {when} and {what} was deleted. {FRESH_LIST}"
    assert scene.decisions == []


def test_a_second_before_it_expires_a_page_can_be_decided(scene):
    posted = scene.waits()
    scene.clock.passes(6 * 24 * 3600 - 1)

    assert presses(scene, posted=posted).startswith("Got it")


# What was ticked.


def test_nothing_ticked_approves_nothing_and_names_the_button_that_keeps_all(scene):
    posted = scene.waits()
    scene.somebody(team.APPROVER).unticks(posted, *ALL_TWELVE)

    assert presses(scene, posted=posted) == (
        "Nothing is ticked, so nothing was approved. Tick at least one version, or press *Reject*."
    )
    assert scene.decisions == []


@pytest.mark.parametrize(
    "state", [None, {"values": {}}, {"values": {"boxes.1.another.0": {"ticks": {"selected_options": []}}}}]
)
def test_no_boxes_at_all_approve_nothing(scene, state):
    posted = scene.waits()
    scene.somebody(team.APPROVER).presses(posted, APPROVE, instead={"state": state})

    assert scene.told(team.APPROVER)[0].startswith("Slack sent no boxes with your click, so nothing was approved.")
    assert scene.decisions == []


def test_a_group_that_did_not_arrive_counts_as_unticked_and_is_mentioned(scene):
    posted = scene.waits()
    approver = scene.somebody(team.APPROVER, untouched_groups_arrive=False)
    approver.unticks(posted, "thumbs:4")

    approver.presses(posted, APPROVE)

    (decision,) = scene.decisions
    assert approved(decision) == ["thumbs:5"]
    assert decision["boxes_missing"] == 10


def test_an_option_that_was_never_offered_is_not_approved(scene):
    posted = scene.waits()
    values = scene.workspace.state_values(team.APPROVER, posted)
    for group in (group for group in values.values() if "ticks" in group):
        group["ticks"]["selected_options"] = [{"value": value} for value in ("0", "99", "orders-api:58", "-1")]

    scene.somebody(team.APPROVER).presses(posted, APPROVE, instead={"state": {"values": values}})

    assert approved(scene.decisions[0]) == ["orders-api:1"]


# What cannot be read or passed on.


@pytest.mark.parametrize(
    ("code", "status"),
    [("TooManyRequestsException", 429), ("AccessDeniedException", 403), ("InvalidParameterValueException", 400)],
)
def test_a_decision_that_aws_refuses_is_not_decided_and_says_why(scene, code, status):
    posted = scene.waits()
    answer = scene.engine.answer
    scene.cloud.durable = lambda *request: (
        (status, {"X-Amzn-ErrorType": code}, b"{}") if request[1].endswith("/succeed") else answer(*request)
    )

    assert presses(scene, posted=posted) == (
        f"I could not pass your decision on (AWS: {code}). Nothing was decided; please press again."
    )
    scene.cloud.durable = answer
    assert presses(scene, posted=posted).startswith("Got it")


def test_a_decision_that_got_no_clear_answer_is_not_said_to_be_lost(scene):
    posted = scene.waits()
    scene.cloud.durable = lambda *_: (500, {"X-Amzn-ErrorType": "ServiceException"}, b"{}")

    told = presses(scene, posted=posted)

    assert told.startswith("I passed your decision on, but AWS did not say whether it arrived.")


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "NoSuchKey"])
def test_a_page_that_cannot_be_read_decides_nothing(scene, code):
    posted = scene.waits()
    scene.cloud.faults.refuse("GetObject", code, status=503 if code == "SlowDown" else 403)

    assert presses(scene, posted=posted) == (
        f"I could not pass your decision on (AWS: {code}). Nothing was decided; please press again."
    )
    assert scene.decisions == []


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (b"{not json", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "must be an object, not list"),
        (b'{"schema_version": 0}', "has schema_version 0; this release reads 1"),
        (b'{"schema_version": 1}', "cannot be read"),
    ],
)
def test_a_record_of_another_release_or_a_damaged_one_is_refused_in_words(scene, stored, words):
    posted = scene.waits()
    page = two_groups()
    scene.stores(f"pending/{page.execution}/page-1.json", stored)

    told = presses(scene, posted=posted)

    assert told.startswith("I cannot read what this message offered (")
    assert words in told
    assert scene.decisions == []


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list", "auth.test"])
def test_past_the_deadline_nothing_is_sent_and_the_person_is_told_to_press_again(scene, method, slowly):
    scene.deploys(decide_within=0.1)
    posted = scene.waits()
    slowly.slack(method)

    assert presses(scene, posted=posted) == (
        "I ran out of time before I could record your decision. Nothing was decided; please press again."
    )
    slowly.ends()
    assert scene.decisions == []


def test_a_slow_store_is_not_waited_for_either(scene, slowly):
    scene.deploys(decide_within=0.1)
    posted = scene.waits()
    slowly.aws("GetObject")

    assert presses(scene, posted=posted).startswith("I ran out of time")
    slowly.ends()
    assert scene.decisions == []


def test_a_decision_that_was_sent_in_time_is_waited_for_a_little_and_then_left_open(scene, slowly):
    scene.deploys(decide_within=1)
    posted = scene.waits()
    slowly.engine()

    assert presses(scene, posted=posted).startswith("I passed your decision on, but AWS did not say")
    slowly.ends()
    assert len(scene.decisions) == 1


def test_who_cannot_be_told_has_decided_all_the_same(scene, caplog):
    posted = scene.waits()
    scene.slack.faults.add("response_url", ServerError(500))

    answer = scene.somebody(team.APPROVER).presses(posted, APPROVE)

    assert answer.status == 200
    assert len(scene.decisions) == 1
    assert "could not tell the person" in caplog.text


def test_a_page_of_one_version_is_decided_in_the_singular(scene):
    posted = scene.waits(a_page(*two_groups().candidates[:1]))

    assert presses(scene, button=REJECT, posted=posted) == "Got it: nothing is deleted, 1 version stays."
