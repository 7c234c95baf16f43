from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bot.slack_client import Installation, Slack, SlackCallError
from tests.bot.builders import Clock


class Mouth(BaseHTTPRequestHandler):
    """Says one thing to whoever asks."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, body = self.server.says
        self.send_response(status)
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
    doubts = []
    slack = Slack(
        api_url=f"{address}api/", token=lambda: "xoxb-1", doubted=lambda: doubts.append(1), timeout=2, clock=Clock()
    )

    def to(status, body):
        server.says = (status, body)
        return slack

    to.address, to.doubts = address, doubts
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


def test_an_unreadable_group_is_asked_for_again(says):
    trouble(says(429, b"").members, "S0TEAM")

    assert says(200, b'{"ok": true, "users": ["U0ONE", 7]}').members("S0TEAM") == {"U0ONE"}


@pytest.mark.parametrize("missing", [b'"bot_id": "B0"', b'"team_id": "T0"', b'"team_id": "T0", "bot_id": ""'])
def test_an_installation_is_whole_or_unknown(says, missing):
    assert trouble(says(200, b'{"ok": true, ' + missing + b"}").installation).startswith("an answer without the ")

    whole = says(200, b'{"ok": true, "team_id": "T0", "bot_id": "B0"}')
    assert whole.installation() == Installation("T0", "B0")


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "token_expired", "not_authed", "account_inactive"])
def test_a_token_that_is_not_taken_is_doubted(says, code):
    trouble(says(200, b'{"ok": false, "error": "%s"}' % code.encode()).user, "U0ONE")
    trouble(says(200, b'{"ok": false, "error": "fatal_error"}').user, "U0ONE")

    assert says.doubts == [1]


@pytest.mark.parametrize(
    "address", ["", "no address", "file:///etc/passwd", "ftp://slack", "http://[", "http://127.0.0.1:1/"]
)
def test_an_address_that_cannot_be_answered_to_is_no_answer(says, address):
    assert trouble(says(200, b"").whisper, address, "words", thread_ts=None) == "no answer"


def test_an_address_that_is_used_up_says_so(says):
    assert trouble(says(404, b"used_url").whisper, f"{says.address}response", "words", thread_ts=None) == "HTTP 404"
