"""The Slack app's manifest with the bot's address, and the command and the name of one stack, in it."""

import json
import re

#: Stands in manifest.yaml wherever Slack needs the bot's address.
PLACEHOLDER = "https://bot-url.example/"
#: What manifest.yaml says where nothing else is asked for.
COMMAND, NAME = "/snapstart", "SnapStart cleaner"

_ADDRESS = re.compile(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?(/[A-Za-z0-9._~/-]*)?")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_LONGEST_NAME = 35


class UnusableManifestError(Exception):
    """Slack would refuse the manifest, or could not call the bot."""


def manifest_for(address: str, manifest: str, *, command: str = COMMAND, name: str = NAME) -> str:
    """The manifest's text with the address in every place that needs it, and this command and name.

    Raises `UnusableManifestError` for anything but a plain https address, a slash command and a name Slack accepts.
    """
    if not _ADDRESS.fullmatch(address):
        raise UnusableManifestError(
            f"Slack needs a plain https address such as the stack's output BotUrl, not {address!r}."
        )
    if not _COMMAND.fullmatch(command):
        raise UnusableManifestError(
            f"Slack needs a command of a slash and at most 31 lower-case letters, digits, - and _, not {command!r}."
        )
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise UnusableManifestError(f"Slack needs an app's name of 1 to {_LONGEST_NAME} characters, not {name!r}.")
    text = manifest.replace(PLACEHOLDER, address)
    text = re.sub(r"(?<=- command: ).*", command, text)
    if name == NAME:
        return text
    quoted = json.dumps(name, ensure_ascii=False)
    return re.sub(rf"(?<=name: ){re.escape(NAME)}$", lambda _: quoted, text, flags=re.MULTILINE)
