from __future__ import annotations

from dataclasses import replace

import pytest

from fakes.slack import team
from tests.bot.scene import types


@pytest.mark.parametrize("text", ["scan", "status", "scna", "scan --bogus"])
def test_everything_but_help_belongs_into_the_review_channel(scene, text):
    assert types(scene, text, channel=team.ELSEWHERE) == (f"Please type this in <#{team.REVIEW}>. Nothing was started.")
    assert scene.engine.started == []
    assert scene.slack.calls == []


def test_all_mistakes_are_named_at_once_and_nothing_is_asked_of_anybody(scene):
    told = types(scene, "scan --min-age 3 --keep-last-n 0").split("\n")

    assert told[:3] == [
        "Nothing was started. Please correct this:",
        "• `--min-age` is not an option. Did you mean `--min-age-days`?",
        "• `--keep-last-n 0`: must be 1 or more.",
    ]
    assert told[3].startswith("The form: `/snapstart scan [region] [--min-age-days N]")
    assert told[3].endswith("For example: `/snapstart scan us-west-2 --min-age-days 30`")
    assert scene.engine.started == []
    assert scene.slack.calls == []


def test_what_was_mistyped_is_shown_and_calls_nobody(scene):
    told = types(scene, "scan &lt;!channel&gt; --prefix &lt;@U0OTHER&gt;")

    assert "&lt;!channel&gt;" in told
    assert "<!channel>" not in told
    assert "<@U0OTHER>" not in told


@pytest.mark.parametrize(
    ("text", "who", "channel"),
    [
        ("help", team.ASKER, team.REVIEW),
        ("", team.MEMBER, team.ELSEWHERE),
        ("  ", team.OUTSIDER, team.REVIEW),
        ("HELP me", team.GUEST, team.ELSEWHERE),
    ],
)
def test_help_is_for_everybody_everywhere(scene, text, who, channel):
    told = types(scene, text, who, channel)

    assert told.startswith("Finds Lambda versions that still pay for SnapStart though nothing uses them")
    assert "`/snapstart scan [region]" in told
    assert scene.slack.calls == []


def test_every_answer_is_for_the_person_alone(scene):
    types(scene, "scan")

    assert scene.workspace.messages(team.REVIEW) == []
    assert scene.told(team.OTHER) == []


def test_another_words_command_is_named_as_a_mistake(scene):
    assert "`scna` is not a command. Did you mean `scan`?" in types(scene, "scna")


def test_a_word_that_bolts_own_parser_stumbles_over_is_read_like_any_other(scene):
    types(scene, "scan --prefix payload-api")

    assert scene.engine.started[0][1]["function_name_prefix"] == "payload-api"


def test_a_second_stack_hears_and_names_its_own_command(scene):
    app = scene.workspace.app
    scene.workspace.put(replace(app, commands=("/cleaner",)))
    scene.deploys(SLACK_COMMAND="/cleaner")
    scene.somebody(team.ASKER).types("/cleaner stauts", channel=team.REVIEW)

    assert scene.told(team.ASKER)[-1].endswith("The form: `/cleaner status [region]`")
    assert "/snapstart" not in types(scene, "help", command="/cleaner")
