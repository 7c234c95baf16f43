"""The workspace the demo and the tests play in: one review channel, one app, people named for their parts."""

from __future__ import annotations

import time

from fakes.slack.things import App, Channel, Member, UserGroup
from fakes.slack.workspace import Clock, Workspace

ASKER = "U0ASKER"
APPROVER = "U0APPROVER"
OTHER = "U0OTHER"
MEMBER = "U0MEMBER"
GUEST = "U0GUEST"
OUTSIDER = "W0OUTSIDER"
DEACTIVATED = "U0LEFTUS"
ROBOT = "U0ROBOT"
BOT_USER = "U0CLEANER"

ONCALL = "S0ONCALL"
REVIEW = "C0REVIEW"
ELSEWHERE = "C0GENERAL"

TEAM = "T0WORKSHOP"
OTHER_TEAM = "T0OTHERS"
APP = "A0CLEANER"
BOT_TOKEN = "xoxb-local-0000000000"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
SCOPES = (
    "chat:write",
    "commands",
    "files:write",
    "usergroups:read",
    "users:read",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
)


def review_workspace(clock: Clock = time.time) -> Workspace:
    """A fresh workspace with the whole cast, nobody having said anything yet."""
    people = (
        Member(id=ASKER, name="asker", part="platform engineer"),
        Member(id=APPROVER, name="approver", part="approver, on call"),
        Member(id=OTHER, name="other", part="second approver, on call"),
        Member(id=MEMBER, name="member", part="member, no approver"),
        Member(id=GUEST, name="guest", part="guest of one channel", is_restricted=True, is_ultra_restricted=True),
        Member(id=OUTSIDER, name="outsider", part="another organisation", team_id=OTHER_TEAM, is_stranger=True),
        Member(id=DEACTIVATED, name="former", part="left", deleted=True),
        Member(id=ROBOT, name="robot", part="another app's bot", is_bot=True),
        Member(id=BOT_USER, name="snapstart-cleaner", part="this app", is_bot=True),
    )
    present = (ASKER, APPROVER, OTHER, MEMBER, GUEST, OUTSIDER, ROBOT, BOT_USER)
    return Workspace(
        team_id=TEAM,
        domain="workshop",
        members=people,
        groups=[UserGroup(id=ONCALL, handle="platform-oncall", members=(APPROVER, OTHER))],
        channels=[
            Channel(id=REVIEW, name="lambda-review", members=present),
            Channel(id=ELSEWHERE, name="general", members=present),
        ],
        apps=[
            App(
                id=APP,
                name="SnapStart cleaner",
                bot_id="B0CLEANER",
                bot_user_id=BOT_USER,
                token=BOT_TOKEN,
                signing_secret=SIGNING_SECRET,
                scopes=SCOPES,
                commands=("/snapstart",),
            )
        ],
        clock=clock,
    )
