"""The Slack app: what it may do, and where Slack finds the bot."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from deployment.slack_app import PLACEHOLDER, UnusableAddressError, manifest_for

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


def test_the_bots_address_is_filled_in_everywhere(text: str) -> None:
    filled = yaml.safe_load(manifest_for(ADDRESS, text))

    assert filled["features"]["slash_commands"][0]["url"] == ADDRESS
    assert filled["settings"]["interactivity"]["request_url"] == ADDRESS
    assert PLACEHOLDER not in manifest_for(ADDRESS, text)


@pytest.mark.parametrize(
    "address", ["", "bot", "http://bot.example/", "https://bot/", "https://bot.example/?x=1", 'https://bot.example/"\n']
)
def test_an_address_slack_could_not_call_is_refused(address: str, text: str) -> None:
    with pytest.raises(UnusableAddressError, match="plain https address"):
        manifest_for(address, text)
