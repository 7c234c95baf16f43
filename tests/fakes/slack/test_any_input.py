"""Whatever comes, the local Slack answers: it never falls over, so what falls over in a test is the product."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.slack import WebApi, problems, view_problems
from fakes.slack.methods import METHODS
from fakes.slack.team import APP, ASKER, BOT_TOKEN, BOT_USER, REVIEW, review_workspace
from fakes.slack.things import Message
from tests.fakes.slack.builders import (
    Clock,
    actions,
    boxes,
    button,
    checkboxes,
    confirm,
    header,
    option,
    section,
    table,
)
from tests.laws import one_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)

PROPER = [
    header(),
    section(accessory=button()),
    table([{"type": "raw_text", "text": "x"}]),
    boxes("a", ticked=("a",)),
    actions(button(confirm=confirm()), checkboxes(option())),
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}]},
]
NAMES = [
    "channel",
    "ts",
    "text",
    "blocks",
    "metadata",
    "thread_ts",
    "user",
    "message_ts",
    "limit",
    "cursor",
    "oldest",
    "latest",
    "usergroup",
    "trigger_id",
    "view",
    "filename",
    "length",
    "files",
    "channel_id",
    "include_all_metadata",
]


@st.composite
def spoilt_blocks(draw):
    """Proper blocks with one value somewhere inside put in the place of another."""
    blocks = json.loads(json.dumps(PROPER))
    place = blocks
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(JSON)
            return blocks
        place = place[key]


@given(spoilt_blocks())
def test_the_checker_names_problems_of_any_blocks_and_never_falls_over(blocks):
    assert all(isinstance(problem, str) for problem in problems(blocks))
    assert all(isinstance(problem, str) for problem in view_problems({"type": "modal", "title": {}, "blocks": blocks}))


@pytest.mark.parametrize("method", sorted(METHODS))
@one_in(4)
@given(
    arguments=st.dictionaries(
        st.sampled_from(NAMES), JSON | st.sampled_from([REVIEW, ASKER, "1.000000"]) | spoilt_blocks(), max_size=6
    )
)
def test_every_method_answers_any_arguments_with_ok_or_an_error_code(method, arguments):
    workspace = review_workspace(Clock())
    workspace.post(Message(channel=REVIEW, ts="", user=BOT_USER, app_id=APP, text="text"))
    headers = {"Authorization": f"Bearer {BOT_TOKEN}", "Content-Type": "application/json"}
    answer = WebApi(workspace).answer("POST", f"/api/{method}", headers, json.dumps(arguments).encode())
    told = json.loads(answer.body)
    assert answer.status == 200
    assert told["ok"] or told["error"]


@given(path=st.sampled_from(["/api/chat.postMessage", "/response/x", "/upload/v1/x"]), body=st.binary(max_size=30))
def test_any_bytes_get_an_answer(path, body):
    api = WebApi(review_workspace(Clock()))
    for content_type in ("application/json", "application/x-www-form-urlencoded", "text/html"):
        assert api.answer("POST", path, {"Content-Type": content_type}, body).status in {200, 400, 404}
