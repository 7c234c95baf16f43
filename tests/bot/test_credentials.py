from __future__ import annotations

import json
import logging

import pytest

from bot.credentials import Credentials, NoCredentials, Secrets
from tests.fakes.slack.builders import Clock

OLD, NEW = Credentials("xoxb-old", "old-secret"), Credentials("xoxb-new", "new-secret")


class Vault:
    """A secret that somebody may change or lock, and how often it was read."""

    def __init__(self, held=OLD):
        self.held = held
        self.reads = 0

    def __call__(self):
        self.reads += 1
        if isinstance(self.held, Exception):
            raise self.held
        return self.held


def test_credentials_are_read_once_however_often_they_are_needed():
    vault = Vault()
    secrets = Secrets(vault, clock=Clock())

    assert [secrets.current() for _ in range(3)] == [OLD] * 3
    assert vault.reads == 1


def test_a_doubt_reads_again_after_a_minute_and_no_sooner():
    vault, clock = Vault(), Clock()
    secrets = Secrets(vault, clock=clock)
    secrets.current()
    vault.held = NEW

    assert not secrets.doubted()
    clock.passes(59)
    assert not secrets.doubted()
    clock.passes(1)
    assert secrets.doubted()
    assert secrets.current() == NEW
    assert vault.reads == 2


def test_a_doubt_without_a_change_says_so_and_costs_one_reading_a_minute():
    vault, clock = Vault(), Clock()
    secrets = Secrets(vault, clock=clock)
    secrets.current()
    clock.passes(60)

    assert [secrets.doubted() for _ in range(5)] == [False] * 5
    assert vault.reads == 2


def test_a_failed_reading_keeps_what_is_known(caplog):
    vault, clock = Vault(), Clock()
    secrets = Secrets(vault, clock=clock)
    secrets.current()
    clock.passes(60)
    vault.held = RuntimeError("no access to xoxb-old")

    assert not secrets.doubted()
    assert secrets.current() == OLD
    assert "xoxb" not in caplog.text


def test_while_nothing_is_known_it_is_tried_again_every_few_seconds():
    vault, clock = Vault(NoCredentials("the Slack secret has no bot_token")), Clock()
    secrets = Secrets(vault, clock=clock)

    for _ in range(3):
        with pytest.raises(NoCredentials, match="no bot_token"):
            secrets.current()
    assert vault.reads == 1

    clock.passes(5)
    vault.held = OLD
    assert secrets.current() == OLD


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ("", "not JSON"),
        ("xoxb-bare-token", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no bot_token and no signing_secret"),
        ('{"bot_token": "xoxb-bare-token", "signing_secret": ""}', "no signing_secret"),
        ('{"bot_token": 7, "signing_secret": "s"}', "no bot_token"),
    ],
)
def test_a_secret_that_cannot_be_used_says_what_is_missing_and_shows_nothing(stored, words):
    with pytest.raises(NoCredentials, match=words) as problem:
        Credentials.from_json(stored)

    assert "xoxb" not in str(problem.value)


def test_a_stored_secret_is_read_and_never_shown(caplog):
    caplog.set_level(logging.DEBUG)
    credentials = Credentials.from_json(json.dumps({"bot_token": "xoxb-1", "signing_secret": "s3cret", "note": 1}))

    assert (credentials.bot_token, credentials.signing_secret) == ("xoxb-1", "s3cret")
    assert "xoxb" not in repr(credentials)
    assert "s3cret" not in repr(credentials)
