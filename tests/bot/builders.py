"""Small things the tests of the bot are made of."""

from __future__ import annotations

from orchestrator.domain.settings import BotSettings

CHANNEL = "C0REVIEW"
ELSEWHERE = "C0ELSEWHERE"
ASKER, APPROVER, OTHER, GUEST = "U0ASKER", "U0APPROVER", "U0OTHER", "U0GUEST"
ONCALL = "S0ONCALL"
SIGNING_SECRET = "the-signing-secret"
BOT_TOKEN = "xoxb-the-bot-token"
ORCHESTRATOR_ARN = "arn:aws:lambda:us-west-2:111122223333:function:snapstart-cleaner-orchestrator:live"


def environ(**changes: str) -> dict[str, str]:
    """The environment of a bot that works, with some of it changed."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_CHANNEL_ID": CHANNEL,
        "REPORT_BUCKET": "snapstart-reports",
        "ORCHESTRATOR_ARN": ORCHESTRATOR_ARN,
        "TARGET_REGIONS": "us-west-2",
    } | changes


def the_settings(**changes: str) -> BotSettings:
    """What a bot that works was told, with some of it changed; members' roles are never the bot's."""
    return BotSettings.from_environ(environ(EXTERNAL_ID="an-id", **changes))
