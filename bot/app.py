"""The wiring: settings, clients, Bolt, and the handler that Lambda calls. Nothing happens until it is asked for."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import botocore.session
from botocore.config import Config
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError

from bot import handlers
from bot.authorisation import Approvers
from bot.context import Context
from bot.credentials import Credentials, NoCredentials, Secrets
from bot.deadline import Deadline, OutOfTime
from bot.executions import Executions
from bot.signature import NotSigned, Rejected, SignedRequest, read_signed_request, verify
from bot.slack_client import Slack, SlackCallError
from orchestrator.domain.settings import BotSettings
from orchestrator.slack.message.click import APPROVE, CHECKUP, KEEP_DAYS, REJECT, STOP, TICKS, WHY_HELD, UnreadableClick

if TYPE_CHECKING:
    handler: Callable[[Any, Any], dict[str, Any]]

logger = logging.getLogger(__name__)

DECIDE_WITHIN = 2.0
"""Seconds for everything before a decision is passed on; Slack gives up after three."""
TELLING = 0.8
"""Seconds beyond that in which the person is told."""
CALL_TIMEOUT = 2
"""Seconds after which a single call is given up, if nobody else gave it up before."""
THREADS = 8
ONE_ATTEMPT = Config(
    connect_timeout=1, read_timeout=CALL_TIMEOUT, retries={"mode": "standard", "total_max_attempts": 1}
)
"""Somebody waits, and presses again sooner than a retry would come."""

QUIET = {"slack_sdk": logging.CRITICAL, "botocore": logging.WARNING, "urllib3": logging.WARNING}
"""Libraries that log bodies, tokens or addresses when they may; what goes wrong is logged by us, without any."""


def __getattr__(name: str) -> Any:
    """Build the handler when Lambda looks it up, so that bad settings stop the process at its start."""
    if name != "handler":
        raise AttributeError(name)
    globals()["handler"] = built = build(os.environ).handler
    return built


def build(
    environ: Mapping[str, str],
    *,
    client: Callable[..., Any] | None = None,
    clock: Callable[[], float] = time.time,
    threads: Executor | None = None,
    decide_within: float = DECIDE_WITHIN,
) -> Bot:
    """The bot that this environment asks for. Raises SettingsError that names every problem.

    `client` makes an AWS client of a service's name and a `config`, `clock` tells seconds since 1970,
    `threads` make the calls.
    """
    logging.getLogger("bot").setLevel(logging.INFO)
    for library, level in QUIET.items():
        logging.getLogger(library).setLevel(level)
    settings = BotSettings.from_environ(environ)
    client = partial(client or _aws(settings.aws_region), config=ONE_ATTEMPT)
    secrets = Secrets(_reading(settings, client), clock=clock)
    with suppress(NoCredentials):  # a request that comes later tries again
        secrets.current()
    context = Context(
        settings=settings,
        approvers=Approvers.of(settings.approvers),
        slack=Slack(
            api_url=settings.slack_api_url,
            token=lambda: secrets.current().bot_token,
            doubted=secrets.doubted,
            timeout=CALL_TIMEOUT,
        ),
        executions=Executions(
            s3=client("s3"),
            functions=client("lambda"),
            bucket=settings.report_bucket,
            orchestrator_arn=settings.orchestrator_arn,
        ),
        clock=clock,
    )
    logger.info("release %s hears channel %s", settings.release_id, settings.channel_id)
    threads = threads or ThreadPoolExecutor(THREADS, thread_name_prefix="bot")
    return Bot(context, secrets, threads, decide_within=decide_within)


class Bot:
    """The front door's handler: believes only what is signed, and answers everything."""

    def __init__(self, context: Context, secrets: Secrets, threads: Executor, *, decide_within: float) -> None:
        self._context = context
        self._secrets = secrets
        self._decide_within = decide_within
        self._threads = threads
        self._bolt = self._listening()

    def handler(self, event: Any, _context: Any = None) -> dict[str, Any]:
        """Answer one request. Raises nothing: who is not Slack learns nothing from us."""
        now = self._context.clock()
        try:
            signed = read_signed_request(event, now)
            deadline = Deadline(self._decide_within - (now - signed.arrived_at), self._threads)
            form = dict(parse_qsl(self._believed(signed), keep_blank_values=True))
            if _only_checks_the_address(form):
                return _plain(200, "")
            request = _bolt_request(form, deadline)
        except Rejected as rejected:
            return _plain(rejected.status, rejected.words)
        except NoCredentials:
            return _plain(503, "not ready")
        response = self._bolt.dispatch(request)
        return {"statusCode": response.status, "headers": response.first_headers(), "body": response.body}

    def _believed(self, signed: SignedRequest) -> str:
        try:
            return verify(signed, self._secrets.current().signing_secret)
        except NotSigned:
            if not self._secrets.doubted():
                raise
            return verify(signed, self._secrets.current().signing_secret)

    def _listening(self) -> App:
        app = App(
            name="snapstart-cleaner",
            logger=_silent(),
            process_before_response=True,
            raise_error_for_unhandled_request=True,
            request_verification_enabled=False,  # done on the raw bytes before Bolt reads anything
            authorize=_as_ourselves,
            ssl_check_enabled=False,
            ignoring_self_events_enabled=False,
            url_verification_enabled=False,
            attaching_function_token_enabled=False,
            listener_executor=self._threads,
        )
        app.error(_say_what_went_wrong)
        app.command(self._context.settings.slack_command)(self._on_command)
        for action in (APPROVE, REJECT, STOP):
            app.action(action)(self._on_press(handlers.decide))
        app.action(WHY_HELD)(self._on_press(handlers.why_held))
        app.action(CHECKUP)(self._on_press(handlers.check))
        for action in (TICKS, KEEP_DAYS):
            app.action(action)(self._on_press(handlers.note))
        return app

    def _on_command(self, ack: Callable[..., Any], body: dict[str, Any], context: Mapping[str, Any]) -> None:
        from bot.commands import command  # noqa: PLC0415 - a click, the commoner start, waits for none of this

        words = command(self._context, body, context["deadline"])
        ack({"response_type": "ephemeral", "text": words})

    def _on_press(self, listener: Callable[[Context, Mapping[str, Any], Deadline], str | None]) -> Callable[..., None]:
        def pressed(ack: Callable[..., Any], body: dict[str, Any], context: Mapping[str, Any]) -> None:
            words = listener(self._context, body, context["deadline"])
            if words is not None:
                self._whisper(body, words, context["deadline"].longer(TELLING))
            ack()

        return pressed

    def _whisper(self, body: Mapping[str, Any], words: str, deadline: Deadline) -> None:
        response_url, thread_ts = body.get("response_url"), body["container"].get("thread_ts")
        if not isinstance(response_url, str) or not isinstance(thread_ts, str | None):
            logger.warning("could not tell the person: the click came without an address to answer to")
            return
        try:
            deadline.ask(self._context.slack.whisper, response_url, words, thread_ts=thread_ts)
        except (SlackCallError, OutOfTime) as trouble:
            logger.warning("could not tell the person: %s", str(trouble) or type(trouble).__name__)


def _only_checks_the_address(form: Mapping[str, str]) -> bool:
    """Whether Slack only wants to know that somebody answers here."""
    return form.get("ssl_check") == "1" and "payload" not in form and "command" not in form


def _bolt_request(form: Mapping[str, str], deadline: Deadline) -> BoltRequest:
    """The request as Bolt wants it. Raises Rejected for what is no command and no press or tick.

    Bolt's own parser takes any body with the word "payload" in it for an interaction, so it is given what ours made.
    """
    try:
        body = _interaction(form)
        return BoltRequest(body=body, mode="socket_mode", context={"deadline": deadline})
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        # what the parsers and Bolt make of shapes that Slack does not send
        raise Rejected(400, "not a request of Slack's") from None


def _interaction(form: Mapping[str, str]) -> dict[str, Any]:
    if "payload" not in form:
        if "command" not in form:
            raise ValueError("neither a command nor an interaction")
        return dict(form)
    payload: dict[str, Any] = json.loads(form["payload"])
    (action,) = payload["actions"]
    if payload["type"] != "block_actions" or not all(isinstance(action[name], str) for name in ("type", "action_id")):
        raise ValueError("not a press or a tick")
    return payload


def _say_what_went_wrong(error: Exception) -> BoltResponse:
    """Turn an error into a status, and name it in the log without what it may quote: bodies stay out of logs."""
    if isinstance(error, BoltUnhandledRequestError):
        return BoltResponse(status=404, body="nobody listens to that")
    if isinstance(error, UnreadableClick):
        return BoltResponse(status=400, body="not a request of Slack's")
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "an unknown place"
    logger.error("%s at %s", type(error).__name__, where)
    return BoltResponse(status=500, body="something went wrong")


def _as_ourselves() -> AuthorizeResult:
    """Bolt asks whose token to use; the listeners bring their own client."""
    return AuthorizeResult(enterprise_id=None, team_id=None)


def _silent() -> logging.Logger:
    """Bolt's loggers take their level from this one: its warnings quote bodies, and its errors come to us."""
    silent = logging.getLogger("bot.bolt")
    silent.setLevel(logging.CRITICAL)
    return silent


def _aws(region: str) -> Callable[..., Any]:
    """Real clients, of botocore's own session: boto3 brings more than a click needs, and 40 ms of it."""
    return partial(botocore.session.get_session().create_client, region_name=region)


def _reading(settings: BotSettings, client: Callable[[str], Any]) -> Callable[[], Credentials]:
    """How Slack's credentials are read: as given, or from Secrets Manager."""
    token, signing_secret = settings.slack_bot_token, settings.slack_signing_secret
    if token is not None and signing_secret is not None:
        given = Credentials(bot_token=token, signing_secret=signing_secret)
        return lambda: given
    vault = client("secretsmanager")
    return lambda: Credentials.from_json(vault.get_secret_value(SecretId=settings.slack_secret_id)["SecretString"])


def _plain(status: int, words: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "text/plain; charset=utf-8"}, "body": words}
