"""README's deploy section, followed to the letter: every command in its order, on the local AWS and the local Slack."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from deployment.template import Template

from bot import app as bot_app
from fakes.aws import Cloud
from fakes.aws.faults import Fault
from fakes.aws.upkeep import Schedule
from fakes.slack import team
from tests.deploy.service import OUTPUTS, SAM, DeployedStack
from tests.deploy.test_steps import code_in, document
from tests.harness import ORCHESTRATOR_ARN, REGION, Harness, a_clock, harness
from tests.workflow.fleets import two_functions
from tests.workflow.seen import headline

ANSWERS = f"{team.REVIEW}\n{REGION}\n{team.ONCALL}\n"
"""What is typed when `make deploy` asks: the review channel, the regions, the approvers."""
CHOSEN = {"DeletablePrefix": "orders-"}
"""What README leaves to whoever deploys."""
THE_DOCS_STEP = {"aws secretsmanager put-secret-value": 3}
"""Commands that README only names, and the step of docs/deploy.md that has them whole."""
DOCTORS_LINES = (
    "takes the bot token",
    "every scope",
    "in the review channel",
    "approvers are there",
    "s3://reports",
    "schedule cleaner/cleaner-scan is on",
    "everything a scan reads may be read in us-west-2",
    "deletes are on, and AWS allows them in us-west-2",
)
"""What the stack says of itself in the end, line by line."""
NOT_TYPED = frozenset({"samconfig.toml", '{"bot_token", "signing_secret"}'})
ENVIRONMENT = ("SLACK_CHANNEL_ID", "TARGET_REGIONS", "APPROVERS", "DELETE_DRY_RUN", "DELETABLE_PREFIX", "RELEASE_ID")
"""What of a deployment reaches the harness; the rest is its own: addresses, the bucket, the secret's name."""

AWS = f"""#!{sys.executable}
import sys
import botocore.session
from botocore import xform_name
_, service, operation, *rest = sys.argv
given = {{}}
for option, value in zip(rest[::2], rest[1::2], strict=True):
    text = open(value.removeprefix("file://")).read() if value.startswith("file://") else value
    given["".join(word.capitalize() for word in option.removeprefix("--").split("-"))] = text
client = botocore.session.get_session().create_client(service, region_name=given.pop("Region", {REGION!r}))
print(getattr(client, operation.replace("-", "_"))(**given))
"""
"""As much of AWS's command line as README and docs/deploy.md use: options of one value, and `file://`."""


class Newcomer:
    """Somebody who types what README says, and what there is to see of it."""

    def __init__(self, project: Path, root: Path, stack: DeployedStack, play: Harness) -> None:
        self._project = project
        self._root = root
        self._stack = stack
        self.play = play
        self._denied: Fault | None = None
        self._started = ""
        self.printed: list[str] = []
        """What each command at the terminal printed."""
        stack.engine = self._engine
        channel = play.workspace.channels[team.REVIEW]
        without = tuple(who for who in channel.members if who != team.BOT_USER)
        play.workspace.channels[team.REVIEW] = replace(channel, members=without)

    def follows(self, typed: str) -> None:
        """Do what stands in code in one step."""
        setting = re.fullmatch(r"([A-Z][A-Za-z]+)(?:=(\w+))?", typed)
        if setting is not None:
            self._sets(setting[1], setting[2] or CHOSEN[setting[1]])
        elif typed in THE_DOCS_STEP:
            self._runs(self._block(THE_DOCS_STEP[typed]))
        elif typed.startswith("make "):
            self._runs(typed)
        elif typed == "/invite":
            channel = self.play.workspace.channels[team.REVIEW]
            self.play.workspace.channels[team.REVIEW] = replace(channel, members=(*channel.members, team.BOT_USER))
        elif typed.startswith("/"):
            self._types(typed)
        else:
            assert typed in NOT_TYPED, f"nobody knows what to do with `{typed}`"

    def _block(self, step: int) -> str:
        text = document(self._root, "docs/deploy.md").split(f"\n## {step}. ")[1].split("\n## ")[0]
        (block,) = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        return block.replace("xoxb-…", team.BOT_TOKEN).replace('"…"', f'"{team.SIGNING_SECRET}"')

    def _runs(self, script: str) -> None:
        script = re.sub(r"<[^<>]*\b([A-Z][A-Za-z]+)>", lambda named: OUTPUTS[named[1]], script)
        terminal, stdin = pty.openpty()
        with os.fdopen(terminal, "w") as typing:
            typing.write(ANSWERS)
            typing.flush()
            ran = subprocess.run(  # noqa: S603 - the project's own documents
                ["/bin/sh", "-ec", script],
                cwd=self._project,
                stdin=stdin,
                capture_output=True,
                text=True,
                check=False,
                env={
                    "PATH": f"{self._project / 'bin'}:{os.environ['PATH']}",
                    "AWS_ACCESS_KEY_ID": "nobody",
                    "AWS_SECRET_ACCESS_KEY": "nothing",
                    "AWS_ENDPOINT_URL": self._stack.address,
                },
            )
            os.close(stdin)
        assert ran.returncode == 0, f"{script}\n{ran.stdout}{ran.stderr}"
        self.printed.append(ran.stdout)

    def _sets(self, name: str, value: str) -> None:
        file = self._project / "samconfig.toml"
        text = re.sub(rf"^(# )?{name} = .*\n", "", file.read_text(), flags=re.MULTILINE)
        file.write_text(f'{text.rstrip()}\n{name} = "{value}"\n')

    def _types(self, command: str) -> None:
        self._in_service()
        before = len(self.play.runs)
        self.play.somebody(team.ASKER).types(command, channel=team.REVIEW)
        (run,) = self.play.runs[before:]
        play = self.play
        play.eventually(lambda: play.is_over(run) or {"ticks submitter", "approval submitter"} & {*play.steps(run)})
        who, button = (team.ASKER, "checkup") if "doctor" in command else (team.APPROVER, "approve")
        play.somebody(who).presses(play.root, button)
        play.result(run)

    def _in_service(self) -> None:
        """Let the functions run with what was deployed last, and the role hold what it then holds."""
        deployed, play = self._stack.variables("Orchestrator"), self.play
        play.environ |= {name: deployed[name] for name in ENVIRONMENT}
        if self._denied is not None:
            self._denied.lift()
        dry_run = deployed["DELETE_DRY_RUN"] == "true"
        self._denied = play.cloud.faults.deny("DeleteFunction") if dry_run else None
        if self._stack.secret is not None:
            play.cloud.client("secretsmanager").put_secret_value(SecretId="slack", SecretString=self._stack.secret)
        play.restart()
        play.bot = bot_app.build(play.environ, client=play.cloud.client, clock=play.clock.seconds)

    def _engine(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        if method == "POST":
            self._in_service()
        else:
            self.play.result(self._started)
        answered = self.play._durable(method, path, "", headers, body)
        assert answered is not None
        self._started = self.play.runs[-1]
        return answered


@pytest.fixture
def newcomer(tmp_path: Path, root: Path, template: Template) -> Iterator[Newcomer]:
    for entry in root.iterdir():
        if entry.name not in {".venv", ".venv-deploy", ".aws-sam", ".git", "samconfig.toml"}:
            (tmp_path / entry.name).symlink_to(entry)
    for name, text in (
        ("bin/aws", AWS),
        (".venv-deploy/bin/sam", SAM),
        (".venv-deploy/bin/python", f'#!/bin/sh\nexec {sys.executable} "$@"\n'),
        (".venv-deploy/.deploy", ""),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    clock = a_clock()
    cloud = Cloud(clock=clock)
    two_functions(cloud)
    cloud.schedules["cleaner", "cleaner-scan"] = Schedule(ORCHESTRATOR_ARN)
    cloud.client("secretsmanager").create_secret(Name="slack", SecretString="{}")
    stack = DeployedStack(tmp_path, template)
    of_the_secret = {"SLACK_SECRET_ID": "slack", "SLACK_BOT_TOKEN": "", "SLACK_SIGNING_SECRET": ""}
    with ExitStack() as leaving:
        play = leaving.enter_context(harness(cloud, clock, SCHEDULE_NAME="cleaner/cleaner-scan", **of_the_secret))
        threading.Thread(target=stack.server.serve_forever, args=(0.01,)).start()
        leaving.callback(stack.server.server_close)
        leaving.callback(stack.server.shutdown)
        yield Newcomer(tmp_path, root, stack, play)


def steps_of(root: Path) -> list[list[str]]:
    """What stands in code in each step of README's deploy section, in its order."""
    section = document(root, "README.md").split("## Deploy\n")[1].split("\n## ")[0]
    return [code_in(step) for step in re.split(r"^\d\. ", section, flags=re.MULTILINE)[1:]]


def test_who_follows_the_readme_rehearses_in_step_5_and_is_told_in_the_end_that_everything_passes(
    newcomer: Newcomer, root: Path
) -> None:
    play, seen = newcomer.play, []
    for step in steps_of(root):
        for typed in step:
            newcomer.follows(typed)
        seen.append(headline(play) if play.roots else "")
    deployed, manifest, _secret, *_later, last = newcomer.printed

    assert "is in service." in deployed
    assert f"make --silent manifest URL={OUTPUTS['BotUrl']}" in deployed
    assert f"url: {OUTPUTS['BotUrl']}" in manifest
    assert seen[3] == "Doctor: everything passes"
    assert seen[4].startswith("Dry run: would delete 4 of 4 versions")
    assert play.deleted == []
    *lines, closing = last.splitlines()[-len(DOCTORS_LINES) - 1 :]
    assert [line.split()[0] for line in lines] == ["ok"] * len(DOCTORS_LINES)
    assert [part for part, line in zip(DOCTORS_LINES, lines, strict=True) if part not in line] == []
    assert closing == "Type /snapstart doctor in the review channel: it checks the rest from inside."
