"""What the page makes of Slack's blocks and markup, in a real browser: nothing is left out, nothing is believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.demo.conftest import Demo, Windows

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GOLDEN = sorted((Path(__file__).parents[1] / "slack" / "golden").glob("*.json"))
NAMES = {"U1": "@asker", "S1": "@platform-oncall", "C1": "#lambda-review"}
DRAW = """async ({blocks, names}) => {
  const {know} = await import('/mrkdwn.js'), {blocks: draw} = await import('/blocks.js');
  know(names, 'U1');
  const holder = document.createElement('div');
  holder.append(...draw(blocks, {press() {}, tick() {}}));
  return {text: holder.innerText ?? holder.textContent, html: holder.innerHTML,
          missing: holder.querySelectorAll('.missing').length};
}"""
MARKUP = """async ({text, names}) => {
  const {know, mrkdwn} = await import('/mrkdwn.js');
  know(names, 'U1');
  const holder = document.createElement('div');
  holder.append(...mrkdwn(text));
  return holder.innerHTML;
}"""


ACCOUNT = """async (shown) => {
  const {Account} = await import('/account.js');
  const pane = document.createElement('section');
  pane.innerHTML = '<p class="account-id"></p><div class="bill"></div><div class="map"></div>';
  document.body.append(pane);
  new Account(pane, {call() {}}).draw({...shown, unpriced: []}, {ticked: new Set(), offered: new Set()});
  const words = ['.bill', '.rows'].map((part) => pane.querySelector(part).innerText).join('\\n');
  pane.remove();
  return words;
}"""


@pytest.fixture(scope="module")
def page(demo: Demo, windows: Windows) -> Iterator[Page]:
    """One page for all: nothing here changes it."""
    page = windows.next()
    page.goto(demo.address)
    page.wait_for_selector("body.ready")
    yield page
    windows.clear()


def drawn(page: Page, *blocks: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = page.evaluate(DRAW, {"blocks": list(blocks), "names": NAMES})
    return told


def markup(page: Page, text: str) -> str:
    return str(page.evaluate(MARKUP, {"text": text, "names": NAMES}))


def plain_texts(value: Any) -> Iterator[str]:
    """Every plain text in some blocks that is shown without being asked for."""
    if isinstance(value, list):
        for part in value:
            yield from plain_texts(part)
    elif isinstance(value, dict):
        if value.get("type") in {"plain_text", "raw_text"} and ":" not in value["text"][:1]:
            yield value["text"]
        for name, part in value.items():
            if name not in {"confirm", "initial_options", "initial_option"}:
                yield from plain_texts(part)


def test_every_message_of_the_product_is_drawn_whole(page: Page) -> None:
    assert len(GOLDEN) > 50
    for file in GOLDEN:
        blocks = json.loads(file.read_text())["blocks"]
        told = drawn(page, *blocks)
        assert told["missing"] == 0, file.name
        left_out = [text for text in plain_texts(blocks) if text not in told["text"]]
        assert left_out == [], file.name


def test_a_block_this_page_does_not_know_is_said_to_be_missing(page: Page) -> None:
    told = drawn(page, {"type": "video", "title": "x"})

    assert told["missing"] == 1
    assert "does not draw" in told["text"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* and _italic_ and ~gone~", "<strong>bold</strong> and <em>italic</em> and <s>gone</s>"),
        ("`code *as it is*`", "<code>code *as it is*</code>"),
        ("2 * 3 * 4 and a_b_c", "2 * 3 * 4 and a_b_c"),
        ("one\ntwo", "one<br>two"),
        ("a &lt;b&gt; &amp; c", "a &lt;b&gt; &amp; c"),
        ("<@U1> asks <@U9>", '<span class="mention me">@asker</span> asks <span class="mention">@U9</span>'),
        ("<!subteam^S1>", '<span class="mention">@platform-oncall</span>'),
        ("in <#C1>", 'in <span class="mention">#lambda-review</span>'),
        (
            "<https://example.com/a?b=1&amp;c=2|here>",
            '<a href="https://example.com/a?b=1&amp;c=2" target="_blank" rel="noopener">here</a>',
        ),
        ("<http://127.0.0.1:1/slack/archives/C1/p12|open>", '<a href="#p12">open</a>'),
        ("<javascript:alert(1)|harmless>", "harmless"),
        ("<!date^zzz^{date}|then>", "then"),
        (":not_an_emoji_here:", ":not_an_emoji_here:"),
    ],
)
def test_markup_is_drawn_as_slack_draws_it(page: Page, text: str, shown: str) -> None:
    assert markup(page, text) == shown


def test_a_date_stands_in_the_readers_own_time_zone_with_the_fallback_beside_it(page: Page) -> None:
    shown = markup(page, "<!date^1795225530^{date_short}, {time}|21 Nov, 01:45 UTC>")

    assert 'datetime="2026-11-21T01:45:30.000Z"' in shown
    assert 'title="21 Nov, 01:45 UTC"' in shown
    assert "2026" in shown


def test_what_looks_like_html_stays_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    told = drawn(
        page,
        {"type": "header", "text": {"type": "plain_text", "text": hostile}},
        {"type": "section", "text": {"type": "mrkdwn", "text": hostile.replace("<", "&lt;").replace(">", "&gt;")}},
        {"type": "table", "rows": [[{"type": "raw_text", "text": hostile}]]},
    )

    assert "<img" not in told["html"]
    assert told["text"].count(hostile) == 3


def test_what_nobody_could_judge_costs_nobody_knows_what_and_never_nothing(page: Page) -> None:
    version = {"n": 3, "state": "unjudged", "why": "Rate exceeded", "usd": 0, "idle": False, "approved": False}
    function = {"name": "orders", "runtime": "python3.12", "memory_mb": 512, "versions": [version]}
    told = page.evaluate(ACCOUNT, {"account_id": "1", "region": "us-west-2", "known": True, "functions": [function]})

    assert told.split("\n")[2] == told.split("\n")[-1] == "–"  # noqa: RUF001
    assert "1 version could not be judged" in told
    assert "$0" not in told
