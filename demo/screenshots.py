"""`python -m demo.screenshots`: take the pictures in docs/ by playing the demo in a real browser."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from demo import server
from demo.__main__ import cut_off
from demo.pace import QUICK
from demo.png import repacked
from demo.world import World

DOCS = Path(__file__).resolve().parents[1] / "docs"
COMMAND = "/snapstart scan us-west-2"
"""What a newcomer types first."""
UNTICKED = "orders-api:114"
WIDE, PHONE = {"width": 1320, "height": 1110}, {"width": 400, "height": 860}
SHARPNESS = 1
SETTLED = 900
PATIENCE = 120_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-lcd-text", "--no-first-run")


def take(browser: Browser, address: str, folder: Path) -> None:
    """Play the story up to its end, with a picture at each stage."""
    page = _open(browser, address, WIDE)
    composer = page.get_by_label("Message #lambda-review")
    composer.fill(COMMAND)
    composer.press("Enter")
    page.locator(".step.waiting").wait_for()
    page.locator(f'.checkboxes input[data-value="{UNTICKED}"]').uncheck()
    page.locator(".hint-close").click()
    page.locator(".messages > .message:not(.ephemeral)").last.evaluate("shown => shown.scrollIntoView()")
    _shoot(page, folder / "message.png")
    page.emulate_media(color_scheme="dark")
    _shoot(page, folder / "message-dark.png")
    page.emulate_media(color_scheme="light")

    phone = _open(browser, address, PHONE)
    phone.locator(".hint-close").click()
    phone.locator(".messages > .message:not(.ephemeral)").last.evaluate("shown => shown.scrollIntoView()")
    _shoot(phone, folder / "phone.png")

    page.locator('[data-action="approve"]').first.click()
    page.get_by_role("dialog").get_by_role("button", name="Delete ticked versions").click()
    page.locator('.step.done[data-name="close-run"]').wait_for()
    page.mouse.move(0, 0)
    _shoot(page, folder / "done.png")


def _open(browser: Browser, address: str, size: dict[str, int]) -> Page:
    page = browser.new_page(viewport=size, device_scale_factor=SHARPNESS)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.locator("body.ready").wait_for()
    page.locator(".row").first.wait_for(state="attached")
    return page


def _shoot(page: Page, file: Path) -> None:
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(SETTLED)
    file.write_bytes(repacked(page.screenshot()))
    print(f"{file.relative_to(DOCS.parent)}: {file.stat().st_size // 1024} KB")


def main() -> int:
    """Take the pictures. Returns the exit code."""
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        print(f"No browser: none of {', '.join(CHROMIUM)} is installed.", file=sys.stderr)
        return 1
    cut_off()
    listening = server.listen(0)
    with tempfile.TemporaryDirectory(prefix="snapstart-pictures-") as folder, sync_playwright() as playwright:
        world = World(Path(folder), origin=server.origin(listening), pace=QUICK)
        with (
            server.served(world, listening),
            playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS)) as browser,
        ):
            take(browser, server.origin(listening), DOCS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
