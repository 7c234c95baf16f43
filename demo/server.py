"""The demo's one port: the page and what it asks for, and, on the same address, all of AWS and all of Slack."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from demo.steps import steps
from demo.what_if import WhatIf
from demo.world import SMALL, World
from fakes.slack import Message, team, wire

Json = dict[str, Any]
Act = Callable[[Json], Json]

PAGE = Path(__file__).parent / "page"
PORTS_TRIED = 20
BACKLOG = 128
LOOK_EVERY = 0.1
KEEP_ALIVE_EVERY = 15.0
RECONNECT_AFTER = 500
"""Milliseconds after which a page asks again when the demo was stopped."""
CONNECTIONS_END_WITHIN = 2
PEOPLE = (team.APPROVER, team.OTHER, team.MEMBER, team.GUEST)
ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "DELETE")


class Site:
    """Everything that can be asked of the demo. `closing` says when live connections are to end."""

    def __init__(self, world: World, closing: Callable[[], bool]) -> None:
        self._world = world
        self._closing = closing
        self._what_if = WhatIf(world)
        self._drawn: dict[str, tuple[int, str]] = {}
        self._screens: dict[tuple[str, str | None], Message] = {}

    def application(self) -> Starlette:
        """The routes."""
        acts: list[Act] = [self.type, self.tick, self.choose, self.press, self.close_modal, self.dismiss]
        acts += [self.start_over, self.dry_run, self.what_if, self.kill, self.pass_time, self.call]
        acts += [self.second_account, self.sweep]
        return Starlette(
            routes=[
                Route("/live", self.live),
                *(Route(f"/do/{_dashed(act.__name__)}", _act(act), methods=["POST"]) for act in acts),
                Route("/aws", self.aws, methods=ANY_METHOD),
                Route("/aws/{path:path}", self.aws, methods=ANY_METHOD),
                Route("/slack/archives/{channel}/{message}", self.permalink),
                Route("/slack/{path:path}", self.slack, methods=["GET", "POST"]),
                Mount("/", StaticFiles(directory=PAGE, html=True)),
            ],
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        )

    # AWS and Slack, as the two functions meet them.

    async def aws(self, request: Request) -> Response:
        """Answer an AWS client."""
        status, headers, body = await run_in_threadpool(
            self._world.endpoint.answer,
            request.method,
            _below(request, "/aws") or "/",
            request.url.query,
            dict(request.headers),
            await request.body(),
        )
        return Response(body, status, headers)

    async def slack(self, request: Request) -> Response:
        """Answer a Slack client."""
        path = _below(request, "/slack")
        answer = await run_in_threadpool(
            self._world.web_api.answer,
            request.method,
            f"{path}?{request.url.query}" if request.url.query else path,
            dict(request.headers),
            await request.body(),
        )
        return Response(answer.body, answer.status, answer.headers)

    async def permalink(self, request: Request) -> Response:
        """Lead a permalink to its message on the page."""
        return RedirectResponse(f"/#{request.path_params['message']}")

    # What the page sees.

    async def live(self, request: Request) -> Response:
        """Tell one person's page everything, and again whatever changes."""
        user = request.query_params.get("person", team.APPROVER)
        if user not in PEOPLE:
            raise HTTPException(404, "nobody of that id plays here")
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(self._told(user), media_type="text/event-stream", headers=headers)

    async def _told(self, user: str) -> AsyncIterator[str]:
        yield f"retry: {RECONNECT_AFTER}\n\n"
        sent: dict[str, str] = {}
        changes, touched, silent = -1, -1, 0.0
        while not self._closing():
            news: dict[str, str] = {}
            latest, now = self._world.workspace.latest_change, self._world.touched
            if latest != changes and (changes < 0 or self._world.workspace.changes_since(changes, user)):
                news["screen"] = await run_in_threadpool(self._screen, user)
            if now != touched:
                for name, draw in (("stage", self._stage), ("account", self._account), ("run", self._run)):
                    news[name] = await run_in_threadpool(self._draw, name, draw)
            changes, touched = latest, now
            for name, data in news.items():
                if sent.get(name) != data:
                    sent[name], silent = data, 0.0
                    yield f"event: {name}\ndata: {data}\n\n"
            await asyncio.sleep(LOOK_EVERY)
            silent += LOOK_EVERY
            if silent >= KEEP_ALIVE_EVERY:
                silent = 0.0
                yield ": still here\n\n"

    def _draw(self, name: str, draw: Callable[[], Json]) -> str:
        """Draw what is the same for everybody once, however many pages look."""
        touched = self._world.touched
        known = self._drawn.get(name)
        if known is None or known[0] != touched:
            with self._world.changing:
                known = self._drawn[name] = (touched, json.dumps(draw()))
        return known[1]

    def _screen(self, user: str) -> str:
        workspace = self._world.workspace
        for message in workspace.messages(team.REVIEW):
            self._screens[message.ts, message.edited_ts] = message
        about = {root.ts: self._world.account_of(root).cloud.account_id for root in workspace.roots(team.REVIEW)}
        screen = wire.screen(workspace, user, team.REVIEW)
        for shown in screen["messages"]:
            shown["account_id"] = about.get(shown["ts"])
        return json.dumps(screen)

    def _stage(self) -> Json:
        workspace = self._world.workspace
        open_in_dry_run = self._world.open_in_dry_run()
        return {
            "people": [
                {"id": member.id, "name": member.name, "part": member.part}
                for member in (workspace.members[user] for user in PEOPLE)
            ],
            "app": {"name": workspace.app.name, "user": workspace.app.bot_user_id},
            "names": {
                **{member.id: f"@{member.name}" for member in workspace.members.values()},
                **{group.id: f"@{group.handle}" for group in workspace.groups.values()},
                **{channel.id: f"#{channel.name}" for channel in workspace.channels.values()},
            },
            "dry_run": self._world.dry_run,
            "what_if": self._what_if.on,
            "days_ahead": self._world.days_ahead,
            "open_for_real": self._world.dry_run and False in open_in_dry_run,
            "open_in_rehearsal": not self._world.dry_run and True in open_in_dry_run,
            "second_account": self._world.has_second_account,
            "working": self._world.orchestrator.busy > 0,
        }

    def _account(self) -> Json:
        return {"accounts": [{**account.shown(), "name": name} for name, account in self._world.accounts.items()]}

    def _run(self) -> Json:
        executions = self._world.engine.executions()
        if not executions:
            return {**steps([]), "status": "NONE"}
        arn = self._world.sweeping or str(executions[-1].durable_execution_arn)
        return {"id": arn[:6], **steps(self._world.engine.history(arn))}

    # What a person does.

    def type(self, given: Json) -> Json:
        """Type into the channel."""
        self._world.person(given["person"]).types(given["text"], channel=team.REVIEW)
        return {}

    def tick(self, given: Json) -> Json:
        """Tick or untick one box."""
        person, message = self._world.person(given["person"]), self._shown(given)
        if given["on"]:
            person.ticks(message, given["value"])
        else:
            person.unticks(message, given["value"])
        return {}

    def choose(self, given: Json) -> Json:
        """Choose one option of a menu."""
        self._world.person(given["person"]).chooses(self._shown(given), given["value"])
        return {}

    def press(self, given: Json) -> Json:
        """Press a button; what it asked was answered with yes on the page."""
        self._world.person(given["person"]).presses(self._shown(given), given["action_id"])
        return {}

    def close_modal(self, given: Json) -> Json:
        """Close the person's modal."""
        self._world.workspace.close_modal(given["person"])
        return {}

    def dismiss(self, given: Json) -> Json:
        """Take a private message away."""
        self._world.workspace.dismiss(given["person"], given["ts"])
        return {}

    def start_over(self, given: Json) -> Json:
        """Forget everything that happened, and begin with the fleet that was chosen."""
        self._what_if.forget()
        self._screens.clear()
        self._world.start_over(given.get("fleet", SMALL))
        return {}

    def dry_run(self, given: Json) -> Json:
        """Deploy both functions anew, with deletes on or off."""
        self._world.dry_run = bool(given["on"])
        self._world.touch()
        return {}

    def what_if(self, given: Json) -> Json:
        """Turn a switch of the drawer."""
        return {"words": self._what_if.turn(given["switch"], on=bool(given["on"]), user=given["person"])}

    def kill(self, _given: Json) -> Json:
        """Kill the orchestrator."""
        return {"words": self._what_if.kill()}

    def pass_time(self, given: Json) -> Json:
        """Let some days pass."""
        return {"words": self._what_if.pass_time(int(given["days"]))}

    def call(self, given: Json) -> Json:
        """Call a version once."""
        return {"words": self._what_if.call(given["version"], given["account_id"])}

    def second_account(self, given: Json) -> Json:
        """Give the stack two target accounts, or one again."""
        self._world.has_second_account = bool(given["on"])
        return {}

    def sweep(self, _given: Json) -> Json:
        """Let the weekly schedule strike."""
        started = self._world.sweep()
        return {"words": "The weekly sweep has begun." if started else "A sweep is at work already."}

    def _shown(self, given: Json) -> Message:
        """The message as it stands on the screen that was clicked, which may not have caught up."""
        return self._screens[given["ts"], given.get("edited_ts")]


class Server(uvicorn.Server):
    """Serves a world on a socket that is bound already. `announcement` is printed once all is ready."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.announcement = ""
        self.ready = threading.Event()
        site = Site(world, lambda: self.should_exit)
        super().__init__(
            uvicorn.Config(
                site.application(),
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=CONNECTIONS_END_WITHIN,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then let the world begin: it calls itself over this address."""
        await super().startup(sockets)
        try:
            await run_in_threadpool(self._world.open)
        finally:
            self.ready.set()
        if self.announcement:
            print(self.announcement, flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the world first: what it waits for would hold connections open."""
        await run_in_threadpool(self._world.close)
        await super().shutdown(sockets)


def _act(act: Act) -> Callable[[Request], Any]:
    """An endpoint that hands a JSON body to an act; only the page itself may ask for one."""

    async def endpoint(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.url.scheme}://{request.url.netloc}":
            raise HTTPException(403, "only the page may do that")
        try:
            done = await run_in_threadpool(act, await request.json())
        except (KeyError, LookupError, ValueError) as error:
            raise HTTPException(400, f"{type(error).__name__}: {error}") from error
        return JSONResponse(done)

    return endpoint


def _below(request: Request, prefix: str) -> str:
    """The path below a prefix, percent-encoded as it was sent."""
    raw: bytes = request.scope["raw_path"]
    return raw.decode().removeprefix(prefix)


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def listen(port: int) -> socket.socket:
    """A loopback socket on a port, or on the next one that is free."""
    for candidate in range(port, port + PORTS_TRIED):
        listening = socket.socket(proto=socket.IPPROTO_TCP)  # without it asyncio leaves Nagle on: 40 ms a call
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", candidate))
        except OSError:
            listening.close()
            continue
        listening.listen(BACKLOG)
        return listening
    raise OSError(f"every port from {port} to {port + PORTS_TRIED - 1} is taken")


def origin(listening: socket.socket) -> str:
    """Where a browser finds it."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def served(world: World, listening: socket.socket) -> Iterator[None]:
    """Serve a world in the background while the block runs."""
    server = Server(world)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="server")
    thread.start()
    try:
        server.ready.wait()
        yield
    finally:
        server.should_exit = True
        thread.join()
