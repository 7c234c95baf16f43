"""The state behind the local Slack: timestamps, ticks per person, the change feed, and disk."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fakes.slack import Ephemeral, Message, Workspace
from fakes.slack.team import APP, APPROVER, ASKER, BOT_USER, OTHER, REVIEW, review_workspace
from fakes.slack.wire import screen
from tests.fakes.slack.builders import boxes, divider, header, modal, section


@pytest.fixture
def post(workspace):
    def post(*blocks, **more):
        return workspace.post(
            Message(channel=REVIEW, ts="", user=BOT_USER, app_id=APP, text="text", blocks=blocks, **more)
        )

    return post


def ticked(workspace, user, message, **how):
    values = workspace.state_values(user, message, **how)
    return {
        block_id: [option["value"] for option in group["boxes"]["selected_options"]]
        for block_id, group in values.items()
    }


def test_every_message_has_its_own_ts_even_when_the_clock_stands_still(post, clock):
    first, second = post(), post()
    assert first.ts < second.ts
    clock.passes(-3600)
    assert post().ts > second.ts


def test_a_ts_tells_the_clocks_time(post, clock):
    clock.now = 1_700_000_000.25
    assert post().ts == "1700000000.250000"


def test_an_edit_leaves_copies_taken_earlier_as_they_were(workspace, post):
    before = post(header("before"))
    workspace.edit(replace(before, blocks=[header("after")]))
    assert before.blocks[0]["text"]["text"] == "before"
    assert workspace.message(REVIEW, before.ts).blocks[0]["text"]["text"] == "after"


def test_replies_stand_in_the_thread_and_only_broadcast_ones_in_the_channel(workspace, post):
    root = post()
    reply, broadcast = post(thread_ts=root.ts), post(thread_ts=root.ts, broadcast=True)
    assert workspace.roots(REVIEW) == [root, broadcast]
    assert workspace.thread(REVIEW, root.ts) == [reply, broadcast]


def test_slack_fills_in_block_ids_action_ids_and_text_flags(post):
    message = post(divider(), header(), section(), boxes("a"))
    ids = [block["block_id"] for block in message.blocks]
    assert len(set(ids)) == 4
    assert message.blocks[1]["text"]["emoji"] is True
    assert message.blocks[2]["text"]["verbatim"] is False


def test_what_the_poster_keeps_is_not_what_slack_keeps(post):
    own = [header("posted")]
    message = post(*own)
    own[0]["text"]["text"] = "changed afterwards"
    assert message.blocks[0]["text"]["text"] == "posted"


def test_boxes_start_as_they_were_posted(workspace, post):
    message = post(boxes("a", "b", "c", ticked=("a", "b")))
    assert ticked(workspace, ASKER, message) == {"group-1": ["a", "b"]}


def test_a_tick_is_on_one_persons_screen_only(workspace, post):
    message = post(boxes("a", "b", ticked=("a", "b")))
    workspace.tick(ASKER, message, "group-1", "boxes", ["b"])
    assert ticked(workspace, ASKER, message) == {"group-1": ["b"]}
    assert ticked(workspace, APPROVER, message) == {"group-1": ["a", "b"]}


def test_untouched_groups_may_be_made_not_to_arrive(workspace, post):
    message = post(boxes("a", ticked=("a",)), boxes("b", ticked=("b",), block_id="group-2"))
    workspace.tick(ASKER, message, "group-2", "boxes", [])
    assert ticked(workspace, ASKER, message, with_untouched=True) == {"group-1": ["a"], "group-2": []}
    assert ticked(workspace, ASKER, message, with_untouched=False) == {"group-2": []}


def test_an_edit_with_the_same_block_id_keeps_stale_ticks(workspace, post):
    message = post(boxes("a", "b", ticked=("a", "b")))
    workspace.tick(ASKER, message, "group-1", "boxes", ["a"])
    edited = workspace.edit(replace(message, blocks=[boxes("a", "b", ticked=("b",))]))
    assert ticked(workspace, ASKER, edited) == {"group-1": ["a"]}


def test_an_edit_with_a_new_block_id_starts_over(workspace, post):
    message = post(boxes("a", "b", ticked=("a", "b")))
    workspace.tick(ASKER, message, "group-1", "boxes", ["a"])
    edited = workspace.edit(replace(message, blocks=[boxes("a", "b", ticked=("b",), block_id="group-2")]))
    assert ticked(workspace, ASKER, edited) == {"group-2": ["b"]}


def test_a_reload_forgets_what_lived_in_the_client_alone(workspace, post):
    message = post(boxes("a", ticked=("a",)))
    workspace.tick(ASKER, message, "group-1", "boxes", [])
    workspace.whisper(Ephemeral(channel=REVIEW, ts="", user=ASKER, text="psst"))
    workspace.show_modal(ASKER, APP, modal(divider()))
    workspace.reload(ASKER)
    assert ticked(workspace, ASKER, message) == {"group-1": ["a"]}
    assert workspace.ephemerals(ASKER) == []
    assert workspace.modal(ASKER) is None


def test_the_feed_numbers_every_change_once(workspace, post):
    message = post()
    workspace.edit(replace(message, text="new"))
    workspace.delete(REVIEW, message.ts)
    assert [(change.n, change.kind) for change in workspace.changes_since(0)] == [
        (1, "message"),
        (2, "message"),
        (3, "deleted"),
    ]
    assert workspace.changes_since(3) == []
    assert workspace.latest_change == 3


def test_the_feed_hides_from_a_person_what_only_others_see(workspace, post):
    message = post(boxes("a"))
    workspace.whisper(Ephemeral(channel=REVIEW, ts="", user=ASKER, text="psst"))
    workspace.tick(OTHER, message, "group-1", "boxes", ["a"])
    workspace.show_modal(OTHER, APP, modal(divider()))
    assert [change.kind for change in workspace.changes_since(0, user=ASKER)] == ["message", "ephemeral"]
    assert [change.kind for change in workspace.changes_since(0, user=OTHER)] == ["message", "ticks", "modal"]


def test_a_change_wakes_whoever_waits_for_it(workspace, post):
    assert not workspace.wait_for_change(0, seconds=0)
    post()
    assert workspace.wait_for_change(0, seconds=0)


def test_a_snapshot_is_json_and_brings_everything_back(workspace, post, clock):
    root = post(boxes("a", "b", ticked=("a",)), metadata={"event_type": "run", "event_payload": {"n": 1}})
    file = workspace.new_file(APP, "report.csv", 3)
    workspace.keep_file(replace(file, content=b"\xff,1"))
    post(thread_ts=root.ts, files=(file.id,))
    workspace.whisper(Ephemeral(channel=REVIEW, ts="", user=ASKER, text="psst"))
    workspace.tick(ASKER, root, "group-1", "boxes", ["b"])
    workspace.show_modal(OTHER, APP, modal(divider()))
    workspace.new_trigger(ASKER, APP)
    workspace.new_response_url(ASKER, APP, REVIEW)
    written = json.dumps(workspace.snapshot())

    restarted = Workspace(clock=clock)
    restarted.restore(json.loads(written))
    assert {**restarted.snapshot(), "last_change": 0} == {**workspace.snapshot(), "last_change": 0}
    assert restarted.messages(REVIEW) == workspace.messages(REVIEW)
    assert ticked(restarted, ASKER, root) == {"group-1": ["b"]}
    assert restarted.files[file.id].content == b"\xff,1"


def test_the_feed_goes_on_after_a_restart_and_says_load_everything(workspace, post, clock):
    post()
    post()
    restarted = Workspace(clock=clock)
    restarted.restore(workspace.snapshot())
    (change,) = restarted.changes_since(2)
    assert (change.n, change.kind) == (3, "everything")
    assert [change.kind for change in restarted.changes_since(1)] == ["everything"]
    assert restarted.changes_since(3) == []


def test_a_page_from_a_later_life_is_told_to_load_everything(workspace, post):
    post()
    assert [(change.n, change.kind) for change in workspace.changes_since(99)] == [(1, "everything")]


def test_starting_over_is_restoring_the_first_snapshot(clock):
    workspace = review_workspace(clock)
    first = workspace.snapshot()
    message = workspace.post(Message(channel=REVIEW, ts="", user=ASKER, text="hello"))
    workspace.restore(first)
    assert workspace.messages(REVIEW) == []
    assert [change.kind for change in workspace.changes_since(0)] == ["everything"]
    again = workspace.post(Message(channel=REVIEW, ts="", user=ASKER, text="hello"))
    assert again.ts > message.ts


def test_a_screen_is_what_one_person_sees(workspace, post):
    root = post(boxes("a", "b", ticked=("a",)))
    post(thread_ts=root.ts)
    workspace.tick(ASKER, root, "group-1", "boxes", ["b"])
    workspace.whisper(Ephemeral(channel=REVIEW, ts="", user=ASKER, text="psst"))
    seen, others = screen(workspace, ASKER, REVIEW), screen(workspace, OTHER, REVIEW)
    (message,) = seen["messages"]
    assert [option["value"] for option in message["values"]["group-1"]["boxes"]["selected_options"]] == ["b"]
    assert len(message["replies"]) == message["reply_count"] == 1
    assert [ephemeral["text"] for ephemeral in seen["ephemerals"]] == ["psst"]
    assert others["ephemerals"] == []
    assert seen["n"] == workspace.latest_change


def test_a_screen_is_json(workspace, post):
    post(header(), boxes("a"))
    workspace.show_modal(ASKER, APP, modal(divider()))
    assert json.loads(json.dumps(screen(workspace, ASKER, REVIEW)))["modal"]["type"] == "modal"
