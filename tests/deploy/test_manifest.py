"""The Slack app: what it may do, and where Slack finds the bot."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment.slack_app import COMMAND, NAME, PLACEHOLDER, UnusableManifestError, manifest_for
from deployment.template import Template

from bot.slash_command import Verb

ADDRESS = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-west-2.on.aws/"


@pytest.fixture
def text(root: Path) -> str:
    return (root / "manifest.yaml").read_text()


@pytest.fixture
def manifest(text: str) -> dict[str, Any]:
    return yaml.safe_load(text)


def test_the_app_asks_for_exactly_these_scopes(manifest: dict[str, Any]) -> None:
    assert manifest["oauth_config"] == {
        "scopes": {
            "bot": [
                "chat:write",
                "commands",
                "files:write",
                "users:read",
                "usergroups:read",
                "channels:history",
                "groups:history",
                "channels:read",
                "groups:read",
            ]
        }
    }


def test_the_app_has_one_command_and_buttons_and_nothing_else(manifest: dict[str, Any]) -> None:
    assert manifest.keys() == {"display_information", "features", "oauth_config", "settings"}
    assert manifest["features"].keys() == {"bot_user", "slash_commands"}
    (command,) = manifest["features"]["slash_commands"]
    assert command["command"] == "/snapstart"
    assert command["should_escape"] is True
    assert command["url"] == PLACEHOLDER
    assert manifest["settings"] == {
        "interactivity": {"is_enabled": True, "request_url": PLACEHOLDER},
        "org_deploy_enabled": False,
        "socket_mode_enabled": False,
        "token_rotation_enabled": False,
    }


def test_the_app_fits_what_slack_allows(manifest: dict[str, Any]) -> None:
    shown = manifest["display_information"]
    (command,) = manifest["features"]["slash_commands"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000


def test_the_hint_names_every_command_the_bot_knows(manifest: dict[str, Any]) -> None:
    (command,) = manifest["features"]["slash_commands"]

    assert {part.split()[0] for part in command["usage_hint"].split(" | ")} == {verb.value for verb in Verb}


def test_the_bots_address_is_filled_in_everywhere(text: str) -> None:
    filled = yaml.safe_load(manifest_for(ADDRESS, text))

    assert filled["features"]["slash_commands"][0]["url"] == ADDRESS
    assert filled["settings"]["interactivity"]["request_url"] == ADDRESS
    assert PLACEHOLDER not in manifest_for(ADDRESS, text)


def test_a_second_stack_gets_a_command_and_a_name_of_its_own(text: str) -> None:
    filled = yaml.safe_load(manifest_for(ADDRESS, text, command="/snapstart-staging", name="Cleaner: staging"))
    usual = yaml.safe_load(manifest_for(ADDRESS, text))
    (command,) = filled["features"]["slash_commands"]

    assert command["command"] == "/snapstart-staging"
    assert filled["display_information"]["name"] == filled["features"]["bot_user"]["display_name"] == "Cleaner: staging"
    assert filled["oauth_config"] == usual["oauth_config"]
    assert (usual["features"]["slash_commands"][0]["command"], usual["display_information"]["name"]) == (COMMAND, NAME)


def test_the_command_slack_is_told_is_one_that_the_stack_accepts(template: Template) -> None:
    assert template.parameters["SlackCommand"]["Default"] == COMMAND
    assert re.fullmatch(template.parameters["SlackCommand"]["AllowedPattern"], COMMAND)


@pytest.mark.parametrize(
    "given", [{"command": "snapstart"}, {"command": "/Snap Start"}, {"name": " "}, {"name": "x" * 36}]
)
def test_a_command_or_a_name_slack_would_refuse_is_refused_here(given: dict[str, str], text: str) -> None:
    with pytest.raises(UnusableManifestError, match="Slack needs"):
        manifest_for(ADDRESS, text, **given)


@pytest.mark.parametrize(
    "address", ["", "bot", "http://bot.example/", "https://bot/", "https://bot.example/?x=1", 'https://bot.example/"\n']
)
def test_an_address_slack_could_not_call_is_refused(address: str, text: str) -> None:
    with pytest.raises(UnusableManifestError, match="plain https address"):
        manifest_for(address, text)
