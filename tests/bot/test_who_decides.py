"""Who may decide, while nothing is paused, and who was first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fakes.slack import SlackError, UserGroup, team
from fakes.slack.faults import ConnectionLost, RateLimited, ServerError
from orchestrator.domain.runs import Approver
from tests.bot.deciding import APPROVE, REJECT, REJECT_PAGE, SECOND_PAGE, STOP, decided, presses
from tests.bot.scene import two_groups
from tests.builders import NOW
from tests.memories import a_pause

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
