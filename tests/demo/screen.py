"""The page as somebody in front of it uses it: by what stands on it, never by how it is made."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any, Literal

from playwright.sync_api import ElementHandle, Locator, Page, expect

PATIENCE = 90_000
"""Milliseconds that a step of the real product may take on a busy machine."""

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text()
ASK_AXE = """async ({ parts, options }) => {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const { violations } = await axe.run(parts.length ? { include: parts } : document, options);
  return violations.flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.html} ${node.failureSummary}`));
}"""
"""What axe finds once a change of colours is drawn, in parts of the page or in all of it."""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours; they take two thirds of the time."""
COLOURS: tuple[Literal["dark", "light"], ...] = ("dark", "light")

expect.set_options(timeout=PATIENCE)


class Screen:
    """One person's screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)

    # What they see.

    @property
    def root(self) -> Locator:
        """The newest run's message."""
        return self.page.locator(".messages > .message:not(.ephemeral)").last

    def message(self, link: Locator) -> Locator:
        """The message that a link leads to."""
        return self.page.locator(link.get_attribute("href") or "nowhere")

    @property
    def headline(self) -> Locator:
        """Its first line."""
        return self.root.locator("> .message-column > .message-body h3")

    @property
    def thread(self) -> Locator:
        """What was answered to it."""
        return self.root.locator(".replies")

    @property
    def private(self) -> Locator:
        """The newest message that this person alone sees."""
        return self.page.locator(".message.ephemeral").last

    @property
    def bill(self) -> Locator:
        """What the idle versions cost."""
        return self.page.locator(".bill-number")

    def square(self, version: str) -> Locator:
        """One version in the account, such as `orders-api:12`."""
        return self.page.locator(f'.square[data-key="{version}"]')

    def row(self, function: str) -> Locator:
        """The versions of one function in the account."""
        return self.page.locator(f'.row[data-name="{function}"]')

    @property
    def run(self) -> Locator:
        """The durable run, step by step."""
        return self.page.locator(".run")

    def squares(self, kind: str) -> Locator:
        """All versions of a kind: live, held, idle, gone, ticked."""
        return self.page.locator(f".rows .square.{kind}")

    def button(self, name: str) -> Locator:
        """A button in the newest run's message."""
        return self.root.get_by_role("button", name=name).first

    def box(self, version: str) -> Locator:
        """The box of one version, such as `orders-api:12`."""
        return self.root.locator(f'.checkboxes input[data-value="{version}"]')

    def step(self, name: str) -> Locator:
        """A step of the durable run."""
        return self.page.locator(f'.step[data-name="{name}"]')

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    @property
    def in_force(self) -> Locator:
        """What is not as usual at this moment."""
        return self.page.locator(".in-force")

    @property
    def hint(self) -> Locator:
        """What a first-time visitor is told to do next."""
        return self.page.locator(".hint-words")

    def overhang(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def barriers(self, *coloured: Locator) -> list[str]:
        """What axe finds on the page at this moment, and in its colours in both schemes, or in those of some parts."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        found = self._found([], {"rules": {rule: {"enabled": False} for rule in OF_COLOURS}})
        parts = [part.element_handle() for part in coloured]
        for scheme in COLOURS:
            self.page.emulate_media(color_scheme=scheme)
            found += [f"{scheme}: {barrier}" for barrier in self._found(parts, {"runOnly": OF_COLOURS})]
        return found

    def _found(self, parts: list[ElementHandle], options: dict[str, Any]) -> list[str]:
        asked = {"parts": parts, "options": {"resultTypes": ["violations"], **options}}
        return list(self.page.evaluate(ASK_AXE, asked))

    # What they do.

    def types(self, text: str) -> None:
        """Type into the channel, and press Enter."""
        composer = self.page.get_by_label("Message #lambda-review")
        composer.fill(text)
        composer.press("Enter")

    def unticks(self, version: str) -> None:
        """Take a version's tick away."""
        self.box(version).uncheck()

    def presses(self, name: str, *, confirm: str | None = None) -> None:
        """Press a button of the newest run, and what its dialog asks for."""
        self.button(name).click()
        if confirm is not None:
            self.dialog.get_by_role("button", name=confirm).click()

    def becomes(self, part: str) -> None:
        """Be somebody else."""
        self.page.get_by_role("radio", name=part, exact=True).click()
        expect(self.page.get_by_role("radio", name=part, exact=True)).to_be_checked()

    def turns(self, switch: str, *, on: bool = True) -> None:
        """Turn a switch of the drawer."""
        self.page.get_by_role("button", name="What if").click()
        self.dialog.get_by_role("switch", name=re.compile(switch)).set_checked(on)
        self.page.keyboard.press("Escape")

    def passes(self, span: str) -> None:
        """Let time pass."""
        self.page.get_by_role("button", name="What if").click()
        self.dialog.get_by_role("button", name=span, exact=True).click()
        self.page.keyboard.press("Escape")
