from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.slack_client import Installation, Slack, SlackCallError


class Mouth(BaseHTTPRequestHandler):
    """Says one thing to whoever asks."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked_with.append(self.headers.get("Authorization", "").removeprefix("Bearer "))
        status, body, headers = self.server.says
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def says():
    """A Slack that says what it is told to say, and the bot's view of it."""
    server = HTTPServer(("127.0.0.1", 0), Mouth)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    server.asked_with, doubts = [], []
    slack = Slack(
        api_url=f"{address}api/",
        token=lambda: to.tokens[min(len(doubts), len(to.tokens) - 1)],
        doubted=lambda: doubts.append(1),
        timeout=2,
    )

    def to(status, body, **headers):
        server.says = (status, body, headers)
        return slack

    to.address, to.doubts, to.tokens, to.asked_with = address, doubts, ["xoxb-1"], lambda: server.asked_with
    yield to
    server.shutdown()
    server.server_close()


def trouble(call, *args, **kwargs):
    with pytest.raises(SlackCallError) as found:
        call(*args, **kwargs)
    return found.value.words


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, b'{"ok": false, "error": "fatal_error"}', "fatal_error"),
        (200, b'{"ok": false, "error": "missing_scope", "needed": "users:read"}', "missing_scope, it needs users:read"),
        (200, b'{"ok": false, "error": "missing_scope", "needed": "<!channel>"}', "missing_scope"),
        (200, b'{"ok": false, "error": "missing_scope", "needed": 7}', "missing_scope"),
        (200, b'{"ok": false, "error": "fatal_error", "needed": "users:read"}', "fatal_error"),
        (200, b'{"ok": false}', "an answer that is not JSON"),
        (200, b'{"ok": true}', "an answer without the user"),
        (200, b'{"ok": true, "user": []}', "an answer without the user"),
        (200, b'{"ok": true, "user": {"id": "U0OTHER"}}', "an answer without the user"),
        (200, b"<html>maintenance</html>", "an answer that is not JSON"),
        (200, b"[1]", "an answer that is not JSON"),
        (200, b"\xff\xfe", "no answer"),
        (429, b"", "ratelimited"),
        (429, b'{"ok": false, "error": "ratelimited"}', "ratelimited"),
        (502, b"<html>bad gateway</html>", "an answer that is not JSON"),
    ],
)
def test_whatever_slack_says_a_person_is_known_or_there_are_words_why_not(says, status, body, words):
    assert trouble(says(status, body).user, "U0ONE") == words


def test_a_person_is_known_by_what_slack_says_of_them(says):
    assert says(200, b'{"ok": true, "user": {"id": "U0ONE", "deleted": false}}').user("U0ONE")["deleted"] is False


@pytest.mark.parametrize("code", [b"user_not_found", b"user_not_visible"])
def test_of_somebody_our_workspace_cannot_see_nothing_is_known_that_would_let_them_in(says, code):
    assert says(200, b'{"ok": false, "error": "' + code + b'"}').user("U0ONE") == {"id": "U0ONE"}


@pytest.mark.parametrize("users", [b"", b', "users": "U0ONE"', b', "users": null'])
def test_a_group_without_its_members_is_not_an_empty_group(says, users):
    assert trouble(says(200, b'{"ok": true' + users + b"}").members, "S0TEAM") == "an answer without the users"


def test_a_group_is_asked_for_every_time(says):
    assert says(200, b'{"ok": true, "users": ["U0ONE", 7]}').members("S0TEAM") == {"U0ONE"}
    assert says(200, b'{"ok": true, "users": []}').members("S0TEAM") == set()


@pytest.mark.parametrize("channel", [b"", b', "channel": []', b', "channel": null'])
def test_an_answer_without_the_channel_says_nothing_of_it(says, channel):
    assert trouble(says(200, b'{"ok": true' + channel + b"}").channel, "C0REVIEW") == "an answer without the channel"


def test_a_message_is_gone_only_when_slack_says_so(says):
    assert says(200, b'{"ok": true, "permalink": "https://slack"}').has_message("C0REVIEW", "1.0") is True
    assert says(200, b'{"ok": false, "error": "message_not_found"}').has_message("C0REVIEW", "1.0") is False
    assert trouble(says(429, b"").has_message, "C0REVIEW", "1.0") == "ratelimited"


@pytest.mark.parametrize("missing", [b'"bot_id": "B0"', b'"team_id": "T0"', b'"team_id": "T0", "bot_id": ""'])
def test_an_installation_is_whole_or_unknown(says, missing):
    assert trouble(says(200, b'{"ok": true, ' + missing + b"}").installation).startswith("an answer without the ")

    whole = says(200, b'{"ok": true, "team_id": "T0", "bot_id": "B0"}')
    assert whole.installation() == Installation(team_id="T0", bot_id="B0", user_id=None, scopes=None)


def test_an_installation_is_known_with_the_scopes_that_a_header_names_and_asked_again_on_demand(says):
    known = b'{"ok": true, "team_id": "T0", "bot_id": "B0", "user_id": "U0BOT"}'
    slack = says(200, known, **{"X-OAuth-Scopes": "chat:write, commands"})
    assert slack.installation() == Installation(
        team_id="T0", bot_id="B0", user_id="U0BOT", scopes=frozenset({"chat:write", "commands"})
    )

    says(200, known, **{"x-oauth-scopes": "chat:write"})
    assert slack.installation().scopes == {"chat:write", "commands"}
    assert slack.installation_now().scopes == slack.installation().scopes == {"chat:write"}


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "token_expired", "not_authed", "account_inactive"])
def test_a_token_that_is_not_taken_is_doubted(says, code):
    trouble(says(200, b'{"ok": false, "error": "%s"}' % code.encode()).user, "U0ONE")
    trouble(says(200, b'{"ok": false, "error": "fatal_error"}').user, "U0ONE")

    assert says.doubts == [1]


def test_a_call_that_was_refused_its_token_is_made_once_more_with_another(says):
    says.tokens = ["xoxb-old", "xoxb-new"]
    trouble(says(200, b'{"ok": false, "error": "token_revoked"}').user, "U0ONE")

    assert says.asked_with() == ["xoxb-old", "xoxb-new"]


@pytest.mark.parametrize(
    "address", ["", "no address", "file:///etc/passwd", "ftp://slack", "http://[", "http://127.0.0.1:1/"]
)
def test_an_address_that_cannot_be_answered_to_is_no_answer(says, address):
    assert trouble(says(200, b"").whisper, address, "words", thread_ts=None) == "no answer"


def test_an_address_that_is_used_up_says_so(says):
    assert trouble(says(404, b"used_url").whisper, f"{says.address}response", "words", thread_ts=None) == "HTTP 404"
