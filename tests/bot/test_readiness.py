from __future__ import annotations

import pytest

from bot.readiness import findings, in_the_way
from bot.slack_client import Installation, SlackCallError
from orchestrator.domain.readiness import Mark
from tests.bot.builders import the_settings

EVERY_SCOPE = frozenset(
    {
        "chat:write",
        "commands",
        "files:write",
        "users:read",
        "usergroups:read",
        "channels:history",
        "groups:history",
        "channels:read",
        "groups:read",
    }
)
FIT = {"is_private": False, "is_archived": False, "is_ext_shared": False, "is_org_shared": False, "is_member": True}


def looked_at(channel=FIT, scopes=EVERY_SCOPE, **settings):
    installation = Installation(team_id="T0", bot_id="B0", user_id=None, scopes=scopes)
    return findings(installation, channel, the_settings(**settings))


def test_what_is_as_it_must_be_is_not_in_the_way():
    assert [finding.mark for finding in looked_at()] == [Mark.PASSES, Mark.PASSES]
    assert in_the_way(looked_at()) == []


@pytest.mark.parametrize(
    ("scopes", "channel"),
    [
        (None, FIT),
        (EVERY_SCOPE, SlackCallError("ratelimited")),
        (EVERY_SCOPE, {}),
    ],
)
def test_what_slack_did_not_say_is_not_in_the_way(scopes, channel):
    assert in_the_way(looked_at(channel, scopes)) == []


@pytest.mark.parametrize(
    ("private", "unused"),
    [(True, {"channels:read", "channels:history"}), (False, {"groups:read", "groups:history"})],
)
def test_only_the_scopes_for_this_kind_of_channel_count(private, unused):
    channel = FIT | {"is_private": private}

    assert in_the_way(looked_at(channel, EVERY_SCOPE - unused)) == []
    assert in_the_way(looked_at(channel, unused)) != []


def test_the_scope_for_groups_counts_where_an_approver_is_one():
    without = EVERY_SCOPE - {"usergroups:read"}

    assert in_the_way(looked_at(scopes=without, APPROVERS="U0ONE")) == []
    assert "`usergroups:read`" in in_the_way(looked_at(scopes=without, APPROVERS="U0ONE,S0TEAM"))[0]


def test_one_scope_that_is_missed_twice_is_said_once():
    channel = SlackCallError("missing_scope", needed="channels:read")

    (said,) = in_the_way(looked_at(channel, EVERY_SCOPE - {"channels:read"}))

    assert "lacks the scope `channels:read`" in said


def test_a_channel_that_nobody_can_name_the_bot_in_says_this_app():
    assert in_the_way(looked_at(FIT | {"is_member": False}))[0].startswith("This app is not in <#C0REVIEW>")
