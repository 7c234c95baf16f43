"""Slack's side of HTTP: one function from a request to an answer, behind whatever server carries it.

Paths: `/api/<method>`, `/upload/v1/<file>` for bytes, `/response/<token>` for response URLs, `/files/<file>/<name>` to
download. JSON and form bodies are taken as slack_sdk sends them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from fakes.slack.answer import Answer
from fakes.slack.arguments import Arguments, Refused
from fakes.slack.blocks import MESSAGE_TEXT
from fakes.slack.faults import (
    Call,
    ConnectionLost,
    Failure,
    Faults,
    Meanwhile,
    RateLimited,
    ServerError,
    SlackError,
    Slow,
)
from fakes.slack.methods import METHODS, message_blocks, need_scope
from fakes.slack.rates import RateLimits
from fakes.slack.things import App, Ephemeral, Json, Message, ResponseUrl
from fakes.slack.workspace import RESPONSE_URL_USES, Workspace


class NoAnswer(Exception):
    """The server must close this connection without answering."""


class WebApi:
    """Slack's Web API over a workspace.

    `rates` are off unless given; `sleep` waits when an answer is to be slow.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        faults: Faults | None = None,
        rates: RateLimits | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self.workspace = workspace
        self.faults = faults or Faults()
        self.calls: list[Call] = []
        self._rates = rates
        self._sleep = sleep

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request. Raises `NoAnswer` when the connection is to be dropped."""
        lower = {name.lower(): value for name, value in headers.items()}
        route = urlsplit(path).path.strip("/").split("/")
        match method, route:
            case "POST" | "GET", ["api", name]:
                try:
                    given = _arguments(lower.get("content-type", ""), urlsplit(path).query, body)
                except Refused as refused:
                    return _json(200, {"ok": False, "error": refused.error})
                return self._call(name, lower, given)
            case "POST", ["upload", "v1", file_id]:
                return self._guarded("upload", {"file_id": file_id}, lambda: self._upload(file_id, body))
            case "POST", ["response", token]:
                return self._answer_to_interaction(token, body)
            case "GET", ["files", file_id, _]:
                return self._download(file_id)
        return _text(404, "not found")

    def calls_of(self, *methods: str) -> list[Call]:
        """The calls of these methods, in order."""
        return [call for call in self.calls if call.method in methods]

    # A method's call, from the token to the answer.

    def _call(self, name: str, headers: Mapping[str, str], given: Mapping[str, object]) -> Answer:
        def carried_out() -> Answer:
            try:
                app, result = self._result(name, headers, given)
                told = _json(200, {"ok": True, **result})
                return told._replace(headers={**told.headers, "x-oauth-scopes": ",".join(app.scopes)})
            except Refused as refused:
                return _json(200, {"ok": False, "error": refused.error, **refused.beside})

        return self._guarded(name, given, carried_out)

    def _result(self, name: str, headers: Mapping[str, str], given: Mapping[str, object]) -> tuple[App, Json]:
        app = self._app(headers, given)
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        if method.scope is not None:
            need_scope(app, method.scope)
        return app, method.run(self.workspace, app, Arguments(given))

    def _app(self, headers: Mapping[str, str], given: Mapping[str, object]) -> App:
        token = headers.get("authorization", "").removeprefix("Bearer ") or str(given.get("token", ""))
        if not token:
            raise Refused("not_authed")
        app = next((app for app in self.workspace.apps.values() if app.token == token), None)
        if app is None:
            raise Refused("invalid_auth")
        if app.token_revoked:
            raise Refused("token_revoked")
        return app

    def _guarded(self, name: str, given: Mapping[str, object], carry_out: Callable[[], Answer]) -> Answer:
        """Carry a call out unless rates or faults have it otherwise, and write down how it went."""
        answer, note = self._with_faults(name, given, carry_out)
        self.calls.append(Call(name, {key: value for key, value in given.items() if key != "token"}, note))
        if answer is None:
            raise NoAnswer
        return answer

    def _with_faults(
        self, name: str, given: Mapping[str, object], carry_out: Callable[[], Answer]
    ) -> tuple[Answer | None, str]:
        if wait := self._seconds_to_wait(name, given):
            return _instead(RateLimited(wait))
        fault = self.faults.of(name, given)
        if isinstance(fault, Failure):
            if fault.done:
                carry_out()
            return _instead(fault)
        if isinstance(fault, Slow):
            self._sleep(fault.seconds)
        if isinstance(fault, Meanwhile) and not fault.done:
            fault.happens()
        answer = carry_out()
        if isinstance(fault, Meanwhile) and fault.done:
            fault.happens()
        return answer, _note(answer)

    def _seconds_to_wait(self, name: str, given: Mapping[str, object]) -> int:
        method = METHODS.get(name)
        if self._rates is None or method is None:
            return 0
        return self._rates.seconds_to_wait(name, a_minute=method.a_minute, channel=str(given.get("channel", "")))

    # Files and response URLs.

    def _upload(self, file_id: str, body: bytes) -> Answer:
        file = self.workspace.files.get(file_id)
        if file is None:
            return _text(404, "not found")
        if len(body) != file.length:
            return _text(400, f"{len(body)} bytes came, {file.length} were announced")
        self.workspace.keep_file(replace(file, content=body))
        return _text(200, f"OK - {len(body)}")

    def _download(self, file_id: str) -> Answer:
        file = self.workspace.files.get(file_id)
        if file is None or file.content is None:
            return _text(404, "not found")
        headers = {
            "Content-Type": "text/csv; charset=utf-8" if file.name.endswith(".csv") else "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{file.name}"',
        }
        return Answer(200, headers, file.content)

    def _answer_to_interaction(self, token: str, body: bytes) -> Answer:
        try:
            given = _arguments("application/json", "", body)
        except Refused:
            return _text(400, "invalid_payload")
        return self._guarded("response_url", given, lambda: self._respond(token, given))

    def _respond(self, token: str, given: Mapping[str, object]) -> Answer:
        right = self.workspace.response_url(token)
        if right is None:
            return _text(404, "no_service")
        if self.workspace.clock() > right.expires_at:
            return _text(404, "expired_url")
        if right.uses >= RESPONSE_URL_USES:
            return _text(404, "used_url")
        try:
            respond(self.workspace, right, given)
        except Refused as refused:
            return _text(400, refused.error)
        self.workspace.use_response_url(token)
        return _text(200, "ok")


def respond(workspace: Workspace, right: ResponseUrl, given: Mapping[str, object]) -> None:
    """Answer an interaction as the right allows: privately, in the channel, or in place of the message clicked on."""
    arguments = Arguments(given)
    app = workspace.apps[right.app_id]
    if arguments.flag("delete_original"):
        _delete_original(workspace, right)
        return
    text = arguments.maybe_text("text")
    if len(text) > MESSAGE_TEXT:
        raise Refused("msg_too_long")
    blocks = message_blocks(given["blocks"]) if "blocks" in arguments else []
    if not text.strip() and not blocks:
        raise Refused("no_text")
    if arguments.flag("replace_original"):
        _replace_original(workspace, right, text, blocks)
        return
    thread_ts = arguments.maybe_text("thread_ts") or None
    if given.get("response_type") == "in_channel":
        workspace.post(
            Message(
                channel=right.channel,
                ts="",
                user=app.bot_user_id,
                app_id=app.id,
                text=text,
                blocks=blocks,
                thread_ts=thread_ts,
            )
        )
        return
    workspace.whisper(
        Ephemeral(
            channel=right.channel,
            ts="",
            user=right.user,
            app_id=app.id,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
        )
    )


def _delete_original(workspace: Workspace, right: ResponseUrl) -> None:
    if right.message_ts is None:
        raise Refused("message_not_found")
    if right.is_ephemeral:
        workspace.dismiss(right.user, right.message_ts)
    elif workspace.message(right.channel, right.message_ts) is not None:
        workspace.delete(right.channel, right.message_ts)


def _replace_original(workspace: Workspace, right: ResponseUrl, text: str, blocks: list[Json]) -> None:
    if right.message_ts is None:
        raise Refused("message_not_found")
    if right.is_ephemeral:
        shown = next((e for e in workspace.ephemerals(right.user) if e.ts == right.message_ts), None)
        if shown is None:
            raise Refused("message_not_found")
        workspace.dismiss(right.user, shown.ts)
        workspace.whisper(replace(shown, text=text, blocks=blocks))
        return
    message = workspace.message(right.channel, right.message_ts)
    if message is None:
        raise Refused("message_not_found")
    workspace.edit(replace(message, text=text, blocks=blocks))


def _arguments(content_type: str, query: str, body: bytes) -> dict[str, object]:
    """A call's arguments from its query and its body of JSON or form fields."""
    given: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True))
    if not content_type.startswith("application/json"):
        try:
            return given | dict(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            raise Refused("invalid_form_data") from None
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(parsed, dict):
        raise Refused("json_not_object")
    return given | parsed


def _json(status: int, value: Json) -> Answer:
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(value).encode())


def _text(status: int, value: str) -> Answer:
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8"}, value.encode())


def _instead(failure: Failure) -> tuple[Answer | None, str]:
    """What comes instead of the call's own answer (None: nothing), and how it is written down."""
    match failure:
        case SlackError(error, beside):
            return _json(200, {"ok": False, "error": error, **beside}), error
        case RateLimited(seconds):
            told = _json(429, {"ok": False, "error": "ratelimited"})
            return told._replace(headers={**told.headers, "Retry-After": str(seconds)}), "429"
        case ServerError(status):
            return _text(status, "server error"), str(status)
        case ConnectionLost():
            return None, "connection lost"


def _note(answer: Answer) -> str:
    if not answer.headers["Content-Type"].startswith("application/json"):
        return answer.body.decode() if answer.status != 200 else "ok"  # noqa: PLR2004
    told = json.loads(answer.body)
    return "ok" if told["ok"] else str(told["error"])
