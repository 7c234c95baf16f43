from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fakes.slack import SlackError, UserGroup, team
from fakes.slack.faults import ConnectionLost, RateLimited, ServerError
from orchestrator.domain.runs import Approver
from tests.bot.scene import approved, two_groups
from tests.builders import NOW, a_page, a_pause

APPROVE, REJECT, REJECT_PAGE, STOP = "approve", "reject", "reject", "stop"
ALL_TWELVE = [*(f"orders-api:{number}" for number in range(1, 11)), "thumbs:4", "thumbs:5"]
FRESH_LIST = "For a fresh list: `/snapstart scan us-west-2`"
SECOND_PAGE = {"page": 2, "pages": 3}


def decided(page, action="approve", by=team.OTHER):
    """The page's record once the orchestrator has heard the answer."""
    noon = int(NOW.timestamp())
    known = {
        "action": action,
        "approver_id": by,
        "approver_name": "other",
        "decided_at": noon,
        "approved": 9,
        "offered": 12,
    }
    return replace(page, decided=known)


def presses(scene, who=team.APPROVER, button=APPROVE, posted=None, **how):
    """Somebody presses a button of a waiting page, and is told this."""
    shown = posted or scene.waits()
    scene.somebody(who, **how).presses(shown, button)
    return scene.told(who)[-1]


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


# Who may decide.


@pytest.mark.parametrize(
    "approvers",
    [
        team.ONCALL,
        team.APPROVER,
        "*",
        f"{team.OTHER},{team.ONCALL}",
        f"{team.APPROVER},S0NOBODYKNOWS",
    ],
)
def test_an_approver_decides_however_they_are_listed(scene, approvers):
    scene.deploys(APPROVERS=approvers)

    assert presses(scene).startswith("Got it")


@pytest.mark.parametrize("button", [APPROVE, REJECT])
@pytest.mark.parametrize(
    ("who", "approvers", "words"),
    [
        (
            team.MEMBER,
            team.ONCALL,
            "You cannot decide this. Approvers: <!subteam^S0ONCALL>. Nothing changed.",
        ),
        (
            team.MEMBER,
            f"{team.ONCALL},{team.APPROVER}",
            "You cannot decide this. Approvers: <!subteam^S0ONCALL>, <@U0APPROVER>. Nothing changed.",
        ),
        (team.APPROVER, "", "Nobody can approve yet: the stack's Approvers parameter is empty. Nothing changed."),
        *(
            (who, approvers, "Guests and people from other organisations cannot decide this. Nothing changed.")
            for who in (team.GUEST, team.OUTSIDER, team.DEACTIVATED, team.ROBOT)
            for approvers in ("*", who, team.ONCALL)
        ),
    ],
)
def test_nobody_else_does(scene, who, approvers, words, button):
    scene.deploys(APPROVERS=approvers)
    scene.workspace.put(UserGroup(id=team.ONCALL, handle="platform-oncall", members=(team.GUEST, team.APPROVER)))

    assert presses(scene, who, button) == words
    assert scene.decisions == []


@pytest.mark.parametrize(("second", "accepted"), [("true", False), ("false", True)])
def test_who_asked_may_not_approve_where_a_second_person_is_required(scene, second, accepted):
    scene.deploys(APPROVERS=team.ASKER, REQUIRE_SECOND_PERSON=second)

    told = presses(scene, team.ASKER)

    assert told.startswith("Got it") is accepted
    assert accepted or told == "You asked for this scan, so someone else has to decide. Nothing changed."
    assert bool(scene.decisions) is accepted


@pytest.mark.parametrize("button", [REJECT_PAGE, STOP])
@pytest.mark.parametrize("approvers", [team.ONCALL, team.APPROVER, ""])
def test_who_asked_and_is_no_approver_calls_their_own_run_off_and_nothing_is_remembered(scene, approvers, button):
    scene.deploys(APPROVERS=approvers, REQUIRE_SECOND_PERSON="true")

    assert presses(scene, team.ASKER, button, scene.waits(two_groups(**SECOND_PAGE))) == (
        "Got it: your scan is cancelled. Nothing is deleted, 12 versions stay, and the next scan offers them again."
    )
    assert (scene.decisions[0]["approved"], scene.decisions[0]["cancelled"]) == (False, True)


@pytest.mark.parametrize("approvers", [team.ASKER, "*"])
def test_an_approver_who_asked_rejects_their_own_run_like_anybody_elses(scene, approvers):
    scene.deploys(APPROVERS=approvers, REQUIRE_SECOND_PERSON="true")

    assert presses(scene, team.ASKER, REJECT) == "Got it: nothing is deleted, 12 versions stay."
    assert scene.decisions[0]["cancelled"] is False


def test_who_asked_calls_off_rather_than_rejects_while_the_approvers_cannot_be_read(scene):
    scene.slack.faults.add("usergroups.users.list", RateLimited(9))

    assert presses(scene, team.ASKER, REJECT).startswith("Got it: your scan is cancelled.")
    assert scene.decisions[0]["cancelled"] is True


def test_anybody_on_the_list_may_approve_what_the_schedule_asked_for(scene):
    scene.deploys(REQUIRE_SECOND_PERSON="true")
    posted = scene.waits(two_groups(requested_by=None))

    assert presses(scene, posted=posted).startswith("Got it")


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible"])
def test_somebody_our_workspace_cannot_see_is_an_outsider(scene, error):
    scene.deploys(APPROVERS="*")
    scene.slack.faults.add("users.info", SlackError(error))

    assert presses(scene) == "Guests and people from other organisations cannot decide this. Nothing changed."
    assert scene.decisions == []


@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list", "auth.test"])
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (RateLimited(30), "Slack: ratelimited"),
        (SlackError("missing_scope", {"needed": "users:read"}), "Slack: missing_scope, it needs users:read"),
        (SlackError("missing_scope"), "Slack: missing_scope"),
        (SlackError("no_such_subteam"), "Slack: no_such_subteam"),
        (SlackError("fatal_error <!channel>"), "Slack: an answer that is not JSON"),
        (ServerError(503), "Slack: "),
        (ConnectionLost(), "Slack: no answer"),
    ],
)
def test_who_cannot_be_checked_decides_nothing(scene, method, fault, words):
    scene.slack.faults.add(method, fault)

    told = presses(scene)

    assert told.startswith(f"I could not check whether you may decide ({words}")
    assert told.endswith("so I did not count your click. Please try again in a minute.")
    assert "<!channel>" not in told
    assert scene.decisions == []
    assert len(scene.slack.calls_of(method)) == 1


def test_a_group_that_cannot_be_read_does_not_matter_to_who_is_in_another(scene):
    scene.deploys(APPROVERS=f"S0GONE,{team.ONCALL}")

    assert presses(scene).startswith("Got it")


def test_a_disabled_group_approves_nothing(scene):
    scene.workspace.put(UserGroup(id=team.ONCALL, handle="oncall", members=(team.APPROVER,), disabled=True))

    assert "no_such_subteam" in presses(scene)
    assert scene.decisions == []


def test_who_is_in_the_group_and_who_a_person_is_are_asked_at_every_click(scene):
    posted = scene.waits()
    presses(scene, team.MEMBER, posted=posted)
    scene.workspace.put(UserGroup(id=team.ONCALL, handle="oncall", members=(team.OTHER,)))
    removed = presses(scene, posted=posted)
    presses(scene, team.OTHER, posted=posted)

    assert removed.startswith("You cannot decide this.")
    assert scene.decisions[0]["approver"]["id"] == team.OTHER
    assert len(scene.slack.calls_of("usergroups.users.list")) == len(scene.slack.calls_of("users.info")) == 3
    assert len(scene.slack.calls_of("auth.test")) == 1


def test_who_is_listed_by_name_needs_no_group(scene):
    scene.deploys(APPROVERS=f"{team.ONCALL},{team.APPROVER}")

    presses(scene)

    assert scene.slack.calls_of("usergroups.users.list") == []


# While deletes are paused.


def pauses(scene, **given):
    scene.stores("control/pause.json", a_pause(by=team.MEMBER, **given).to_dict())


def test_while_deletes_are_paused_nothing_is_approved_and_the_question_stays_open(scene):
    posted = scene.waits()
    pauses(scene, reason="release freeze <!here>", until=date(2026, 11, 30))

    assert presses(scene, posted=posted) == (
        "Deletes are paused by <@U0MEMBER> until 30 Nov 2026, that day included: release freeze &lt;!here&gt;. Nothing "
        "was approved; this question stays open, and you can press again when the pause is over."
    )
    assert scene.decisions == []

    scene.clock.passes(11 * 86_400)
    scene.records(two_groups(message_ts=posted.ts, expires_at=int(scene.clock.now) + 60))
    assert presses(scene, posted=posted).startswith("Got it")


def test_a_pause_without_an_end_says_who_ends_it(scene):
    pauses(scene, reason=None)

    assert presses(scene).startswith(
        "Deletes are paused by <@U0MEMBER> until an approver resumes. Nothing was approved"
    )


def test_a_pause_that_an_approver_ended_is_over(scene):
    scene.stores(
        "control/pause.json", a_pause().resumed(Approver(team.APPROVER, "approver"), NOW - timedelta(hours=1)).to_dict()
    )

    assert presses(scene).startswith("Got it")


@pytest.mark.parametrize("button", [REJECT_PAGE, STOP])
def test_a_pause_keeps_nobody_from_rejecting(scene, button):
    pauses(scene)

    assert presses(scene, button=button, posted=scene.waits(two_groups(**SECOND_PAGE))).startswith("Got it")


def test_who_may_not_approve_is_told_that_first(scene):
    pauses(scene)

    assert presses(scene, team.MEMBER).startswith("You cannot decide this.")


@pytest.mark.parametrize("stored", [b"{", b"[]", b"{}", b'{"schema_version": 9}'])
def test_a_pause_that_cannot_be_read_counts_as_one(scene, stored):
    posted = scene.waits()
    scene.stores("control/pause.json", stored)

    assert presses(scene, posted=posted).startswith("I could not read whether deletes are paused (")
    assert scene.decisions == []


def test_a_store_that_does_not_say_whether_deletes_are_paused_counts_as_a_pause(scene):
    posted = scene.waits()
    scene.cloud.faults.refuse("ListObjectsV2", "AccessDenied", status=403)

    assert presses(scene, posted=posted) == (
        "I could not read whether deletes are paused (AWS: AccessDenied on s3:ListBucket), so nothing was approved. "
        "This question stays open; please press again in a minute."
    )
    assert scene.decisions == []


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


# Who was first.


@pytest.mark.parametrize(
    "says_closed", [(400, "CallbackTimeoutException"), (404, "ResourceNotFoundException"), (404, None)]
)
@pytest.mark.parametrize(
    ("first", "second", "action", "what"),
    [
        (APPROVE, REJECT, "approve", "approved 9 of 12 versions"),
        (REJECT, APPROVE, "reject", "rejected all 12 versions"),
        (APPROVE, APPROVE, "approve", "approved 9 of 12 versions"),
        (REJECT, REJECT, "reject", "rejected all 12 versions"),
    ],
)
def test_of_two_people_the_first_decides_and_the_second_is_told_so(scene, first, second, action, what, says_closed):
    posted = scene.waits()
    scene.engine.says_closed = says_closed
    presses(scene, team.OTHER, first, posted)

    before_it_is_recorded = presses(scene, team.APPROVER, second, posted)
    scene.records(decided(two_groups(message_ts=posted.ts), action))
    told = presses(scene, team.APPROVER, second, posted)

    assert [decision["approver"]["id"] for decision in scene.decisions] == [team.OTHER]
    assert before_it_is_recorded == "Somebody decided this a moment ago. Your click changed nothing."
    assert told == (
        f"Already decided: <@{team.OTHER}> {what} at <!date^1795176000^{{time}}|12:00 UTC>. Your click changed nothing."
    )


def test_a_record_that_tells_who_was_first_only_after_the_callback_refused_is_read_again(scene):
    posted = scene.waits()
    page = two_groups(message_ts=posted.ts)
    scene.engine.closed.add(page.callback_id)
    scene.cloud.faults.meanwhile("GetObject", lambda: scene.records(decided(page)), nth=1, after=True)

    assert presses(scene, posted=posted).startswith(f"Already decided: <@{team.OTHER}> approved 9 of 12 versions")


def test_when_the_record_cannot_be_read_again_it_is_not_said_who_was_first(scene):
    posted = scene.waits()
    scene.engine.closed.add(two_groups().callback_id)
    scene.cloud.faults.refuse("GetObject", "SlowDown", status=503, nth=2)

    assert presses(scene, posted=posted) == "Somebody decided this a moment ago. Your click changed nothing."


def test_a_replayed_request_decides_once(scene):
    posted = scene.waits()
    approver = scene.somebody(team.APPROVER)
    approver.presses(posted, APPROVE)

    answer = approver.repeats()

    assert answer.status == 200
    assert len(scene.decisions) == 1


def test_a_callback_that_closed_when_the_page_expired_says_so(scene):
    page = two_groups(expires_at=int(scene.clock.now) + 1)
    posted = scene.waits(page)
    scene.engine.closed.add(page.callback_id)
    scene.cloud.faults.meanwhile("GetObject", lambda: scene.clock.passes(1), nth=2)

    assert presses(scene, posted=posted).startswith("This expired on")


# A run that is over.


def over(scene, status, page=None, **of_run):
    posted = scene.waits(page)
    scene.runs(execution_status=status, status="waiting", message_ts=posted.ts, **of_run)
    return posted


@pytest.mark.parametrize("status", ["STOPPED", "TIMED_OUT", "FAILED", "DELETING", None])
@pytest.mark.parametrize("who", [team.APPROVER, team.MEMBER, team.GUEST])
def test_the_first_click_on_a_run_that_ended_without_words_removes_its_buttons(scene, status, who):
    posted = over(scene, status)
    if status is None:
        scene.engine.statuses.clear()
    scene.engine.closed.add(two_groups().callback_id)

    told = presses(scene, who, posted=posted)

    assert told == f"This run ended without a decision. Nothing was deleted. {FRESH_LIST}"
    assert len(scene.slack.calls_of("chat.update")) == 1
    now = scene.current(posted)
    assert not [block for block in now.blocks if block["type"] in {"actions", "input"}]
    assert "This run ended without a decision" in now.text
    assert (status or "GONE") in now.text


def test_of_a_later_page_only_this_page_is_spoken_of(scene):
    posted = over(scene, "STOPPED", two_groups(**SECOND_PAGE))
    scene.engine.closed.add(two_groups().callback_id)

    assert "Nothing on this page was deleted." in presses(scene, posted=posted)


def test_a_run_that_ended_in_words_but_not_in_slack_is_given_its_last_words(scene):
    posted = scene.waits()
    scene.records(decided(replace(two_groups(), message_ts=posted.ts)))
    scene.runs(execution_status="SUCCEEDED", status="ended", ending="approved", ending_words="9 deleted")

    told = presses(scene, team.MEMBER, posted=posted)

    assert told.startswith("Already decided")
    assert "It ended: 9 deleted." in scene.current(posted).text


def test_a_screen_that_has_not_caught_up_does_not_bring_an_old_message_back(scene):
    posted = scene.waits()
    closed = scene.workspace.edit(replace(posted, text="done", blocks=[]))
    scene.runs(execution_status="SUCCEEDED", status="ended")
    scene.engine.closed.add(two_groups().callback_id)

    presses(scene, posted=posted)

    assert scene.slack.calls_of("chat.update") == []
    assert scene.current(posted) == closed


@pytest.mark.parametrize("status", ["RUNNING", "PAUSING", "PAUSED"])
def test_an_execution_that_may_still_speak_for_itself_keeps_its_message(scene, status):
    posted = scene.waits()
    scene.runs(execution_status=status)
    scene.engine.closed.add(two_groups().callback_id)

    assert presses(scene, posted=posted) == "Somebody decided this a moment ago. Your click changed nothing."
    assert scene.slack.calls_of("chat.update") == []


def test_when_the_last_words_cannot_be_put_the_person_is_answered_all_the_same(scene):
    posted = over(scene, "STOPPED")
    scene.slack.faults.add("chat.update", SlackError("is_archived"))

    assert presses(scene, team.MEMBER, posted=posted).startswith("You cannot decide this.")


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
