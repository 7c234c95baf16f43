"""The Slack app's manifest with the bot's address in it."""

import re

#: Stands in manifest.yaml wherever Slack needs the bot's address.
PLACEHOLDER = "https://bot-url.example/"

_ADDRESS = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?(/[A-Za-z0-9._~/-]*)?")


class UnusableAddressError(Exception):
    """The address can not be called by Slack."""


def manifest_for(address: str, manifest: str) -> str:
    """The manifest's text with the address in every place that needs it.

    Raises `UnusableAddressError` for anything but a plain https address.
    """
    if not _ADDRESS.fullmatch(address):
        raise UnusableAddressError(
            f"Slack needs a plain https address such as the stack's output BotUrl, not {address!r}."
        )
    return manifest.replace(PLACEHOLDER, address)
