from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bot import app as bot_app
from orchestrator.domain.environment import SettingsError
from tests.bot.builders import environ

NOT_NEEDED = (
    "boto3",
    "s3transfer",
    "aws_durable_execution_sdk_python",
    "slack_bolt.adapter",
    "aiohttp",
    "orchestrator.workflow",
    "orchestrator.aws",
    "orchestrator.slack.messenger",
    "orchestrator.slack.message.candidates",
    "orchestrator.slack.message.endings",
    "orchestrator.domain.decisions",
    "orchestrator.domain.memory",
    "orchestrator.domain.versions",
    "bot.commands",
    "bot.slash_command",
    "statistics",
    "fakes",
    "demo",
    "benchmark",
    "tests",
)


def in_a_fresh_process(code: str, **settings: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLACK_"))}
    credentials = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-W", "error", "-c", code],
        env=inherited | credentials | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_handler_is_built_when_it_is_looked_up_and_answers_with_what_a_click_needs_and_no_more():
    run = in_a_fresh_process(
        "import sys\n"
        "import bot.app\n"
        "assert 'handler' not in vars(bot.app)\n"
        "print(bot.app.handler({}, None)['statusCode'], bot.app.handler is bot.app.handler)\n"
        "print(*sys.modules)\n",
        **environ(),
    )

    answered, modules = run.stdout.splitlines()
    assert answered == "405 True"
    assert [name for name in NOT_NEEDED if name in modules.split()] == []


def test_bad_settings_stop_the_process_at_its_start_with_every_problem_named():
    run = in_a_fresh_process("import bot.app; bot.app.handler", APPROVERS="@asker")

    last_line = run.stderr.splitlines()[-1]
    assert run.returncode != 0
    assert last_line.startswith("orchestrator.domain.environment.SettingsError: the environment cannot be used: ")
    for name in ("SLACK_BOT_TOKEN", "SLACK_CHANNEL_ID", "REPORT_BUCKET", "ORCHESTRATOR_ARN", "APPROVERS"):
        assert name in last_line


def test_the_module_has_no_other_names_to_look_up():
    with pytest.raises(AttributeError, match="nothing_like_it"):
        bot_app.nothing_like_it  # noqa: B018 - looking it up is what is tested


def test_building_names_problems_without_a_process():
    with pytest.raises(SettingsError, match="REPORT_BUCKET is not set"):
        bot_app.build(environ(REPORT_BUCKET=""))


def test_real_clients_ask_once_and_where_the_orchestrator_lives():
    asked = []

    def client(service, *, config):
        asked.append((service, config.retries, config.connect_timeout, config.read_timeout))

    bot_app.build(environ(), client=client)

    once = {"mode": "standard", "total_max_attempts": 1}
    assert asked == [("s3", once, 1, 2), ("lambda", once, 1, 2)]
