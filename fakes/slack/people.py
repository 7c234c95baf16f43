"""What a person does in Slack: type a command, tick a box, press a button. Each is a signed request to the app."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from urllib.parse import urlencode

from fakes.slack import payloads
from fakes.slack.answer import Answer
from fakes.slack.arguments import Refused
from fakes.slack.elements import checkbox_groups, elements_of
from fakes.slack.function_url import FunctionContext, Handler, answered, signed_event
from fakes.slack.things import App, Channel, Ephemeral, Json, Message
from fakes.slack.web_api import respond
from fakes.slack.workspace import Workspace

SECONDS_TO_ANSWER = 3.0
OK = 200


class Person:
    """Somebody in front of Slack, whose clicks reach the app's endpoint as signed Function URL events.

    `endpoint` is a Lambda handler, called with an event and a context; what it raises comes through. `clock` dates and
    signs the requests. `signing_secret`, `app_id` and `team_id` are the workspace's own unless something is to be wrong
    with them. `untouched_groups_arrive` says whether Slack sends checkbox groups nobody touched, which is not known.
    """

    def __init__(
        self,
        workspace: Workspace,
        user_id: str,
        endpoint: Handler,
        *,
        signing_secret: str | None = None,
        app_id: str | None = None,
        team_id: str | None = None,
        clock: Callable[[], float] | None = None,
        untouched_groups_arrive: bool = True,
    ) -> None:
        self.workspace = workspace
        self.user_id = user_id
        self.sent: list[Json] = []
        self._endpoint = endpoint
        self._signing_secret = signing_secret
        self._app_id = app_id
        self._team_id = team_id
        self._clock = clock or workspace.clock
        self._untouched_groups_arrive = untouched_groups_arrive

    # What they see.

    @property
    def told(self) -> list[Ephemeral]:
        """What they alone were told, oldest first."""
        return self.workspace.ephemerals(self.user_id)

    def ticked(self, message: Message) -> list[str]:
        """The option values ticked on their screen, in the order shown."""
        values = self.workspace.state_values(self.user_id, message)
        return [
            option["value"]
            for group in values.values()
            for element in group.values()
            for option in element.get("selected_options", ())
        ]

    # What they do.

    def types(self, text: str, *, channel: str, instead: Mapping[str, str] | None = None) -> Answer | None:
        """Type into a channel: a command goes to the app, all else is a message; None when no app was asked.

        `instead` replaces fields of the form, as a tampering client would.
        """
        place = self.workspace.channels[channel]
        app = self._app
        if not text.startswith("/"):
            self.workspace.post(Message(channel=channel, ts="", user=self.user_id, text=text))
            return None
        command = text.split(maxsplit=1)[0]
        if command not in app.commands:
            self._slack_says(place, f"`{command}` is not a valid command.")
            return None
        response_url = self.workspace.new_response_url(self.user_id, app.id, channel)
        fields = payloads.slash_command(
            self.workspace,
            app,
            self.workspace.members[self.user_id],
            place,
            text,
            trigger_id=self.workspace.new_trigger(self.user_id, app.id).id,
            response_url=response_url,
        )
        if self._app_id is not None:
            fields["api_app_id"] = self._app_id
        if self._team_id is not None:
            fields["team_id"] = self._team_id
        answer, seconds = self._sends_body(urlencode({**fields, **(instead or {})}))
        if seconds > SECONDS_TO_ANSWER:
            self._slack_says(place, f"{command} failed with the error “operation_timeout”")
        elif answer.status != OK:
            self._slack_says(place, f"{command} failed with the error “dispatch_failed”")
        else:
            self._reads(answer, response_url)
        return answer

    def ticks(self, message: Message, *options: str) -> list[Answer]:
        """Tick boxes, named by value or text, one request each. Boxes in an input block send nothing."""
        return [answer for option in options for answer in self._turns(message, option, on=True)]

    def unticks(self, message: Message, *options: str) -> list[Answer]:
        """Take ticks away, one request each."""
        return [answer for option in options for answer in self._turns(message, option, on=False)]

    def chooses(self, message: Message, option: str) -> Answer:
        """Choose one option of a select, named by value or text."""
        for block in message.blocks:
            for element in elements_of(block, "static_select"):
                for choice in element["options"]:
                    if option in {choice["value"], choice["text"]["text"]}:
                        place = (block["block_id"], element["action_id"])
                        self.workspace.tick(self.user_id, message, *place, [choice["value"]])
                        action = {
                            "type": "static_select",
                            "action_id": element["action_id"],
                            "selected_option": choice,
                        }
                        return self._acts(message, block["block_id"], action, {})
        raise LookupError(f"no option {option!r} in this message")

    def presses(
        self,
        shown: Message | Ephemeral,
        button: str,
        *,
        confirmed: bool = True,
        instead: Mapping[str, object] | None = None,
    ) -> Answer | None:
        """Press a button, named by its action id or text; None when a confirm dialog came up and was declined.

        `shown` may be an older copy: a screen that has not caught up. `instead` replaces top-level fields of the
        payload, as a tampering client would.
        """
        block, element = _button(shown, button)
        if "confirm" in element and not confirmed:
            return None
        action = {name: part for name, part in element.items() if name not in {"url", "accessibility_label"}}
        return self._acts(shown, block["block_id"], action, instead or {})

    def sends(self, event: Json) -> Answer:
        """Let an event reach the endpoint as it is, arriving now."""
        context = event.get("requestContext")
        if isinstance(context, dict) and "timeEpoch" in context:
            context["timeEpoch"] = int(self._clock() * 1000)
        self.sent.append(deepcopy(event))
        return answered(self._endpoint(event, FunctionContext()))

    def repeats(self) -> Answer:
        """Send the last request once more, byte for byte: a replay."""
        return self.sends(deepcopy(self.sent[-1]))

    def closes_modal(self) -> None:
        """Close what is open on their screen."""
        self.workspace.close_modal(self.user_id)

    # How it gets there.

    @property
    def _app(self) -> App:
        return self.workspace.app

    def _turns(self, message: Message, option: str, *, on: bool) -> list[Answer]:
        block, element = _group_with(message, option)
        values = self.workspace.state_values(self.user_id, message)
        before = {chosen["value"] for chosen in values[block["block_id"]][element["action_id"]]["selected_options"]}
        meant = {
            choice["value"] for choice in element["options"] if option in {choice["value"], choice["text"]["text"]}
        }
        after = before | meant if on else before - meant
        chosen = [choice for choice in element["options"] if choice["value"] in after]
        self.workspace.tick(
            self.user_id, message, block["block_id"], element["action_id"], [choice["value"] for choice in chosen]
        )
        if block["type"] == "input" and not block.get("dispatch_action", False):
            return []
        action = {"type": "checkboxes", "action_id": element["action_id"], "selected_options": chosen}
        return [self._acts(message, block["block_id"], action, {})]

    def _acts(self, shown: Message | Ephemeral, block_id: str, action: Json, instead: Mapping[str, object]) -> Answer:
        workspace, app = self.workspace, self._app
        state_values = (
            workspace.state_values(self.user_id, shown, with_untouched=self._untouched_groups_arrive)
            if isinstance(shown, Message)
            else {}
        )
        payload = payloads.block_actions(
            workspace,
            app,
            workspace.members[self.user_id],
            shown,
            action={**action, "block_id": block_id, "action_ts": f"{self._clock():.6f}"},
            state_values=state_values,
            trigger_id=workspace.new_trigger(self.user_id, app.id).id,
            response_url=workspace.new_response_url(
                self.user_id,
                app.id,
                shown.channel,
                message_ts=shown.ts,
                is_ephemeral=isinstance(shown, Ephemeral),
            ),
        )
        if self._app_id is not None:
            payload["api_app_id"] = self._app_id
        if self._team_id is not None:
            payload["team"] = {**payload["team"], "id": self._team_id}
            payload["user"] = {**payload["user"], "team_id": self._team_id}
        answer, seconds = self._sends_body(urlencode({"payload": json.dumps({**payload, **instead})}))
        if seconds > SECONDS_TO_ANSWER or answer.status != OK:
            self._slack_says(workspace.channels[shown.channel], "This app did not respond.", shown.thread_ts)
        return answer

    def _sends_body(self, body: str) -> tuple[Answer, float]:
        secret = self._signing_secret or self._app.signing_secret
        started = self._clock()
        answer = self.sends(signed_event(body, secret, timestamp=int(started)))
        return answer, self._clock() - started

    def _reads(self, answer: Answer, response_url: str) -> None:
        """Show what a command was answered with: JSON of a message, or plain words, or nothing."""
        if not answer.text.strip():
            return
        right = self.workspace.response_url(response_url.rpartition("/")[2])
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        given = json.loads(answer.text) if is_json else {"text": answer.text}
        if right is not None and given:
            try:
                respond(self.workspace, right, given)
            except Refused as refused:
                self._slack_says(self.workspace.channels[right.channel], f"failed with the error “{refused.error}”")

    def _slack_says(self, channel: Channel, text: str, thread_ts: str | None = None) -> None:
        self.workspace.whisper(Ephemeral(channel=channel.id, ts="", user=self.user_id, text=text, thread_ts=thread_ts))


def _button(shown: Message | Ephemeral, button: str) -> tuple[Json, Json]:
    found = [
        (block, element)
        for block in shown.blocks
        for element in [*block.get("elements", []), block.get("accessory")]
        if isinstance(element, dict) and element.get("type") == "button"
    ]
    for block, element in found:
        if button in {element["action_id"], element["text"]["text"]}:
            return block, element
    raise LookupError(f"no button {button!r} here, only {[element['text']['text'] for _, element in found]}")


def _group_with(message: Message, option: str) -> tuple[Json, Json]:
    for block in message.blocks:
        for element in checkbox_groups(block):
            if any(option in {choice["value"], choice["text"]["text"]} for choice in element["options"]):
                return block, element
    raise LookupError(f"no box {option!r} in this message")
