"""Slack's bot token and signing secret: read once, and again when a signature makes us doubt them."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

logger = logging.getLogger(__name__)

DOUBT_AGAIN_AFTER = 60.0
"""Seconds between two readings while credentials are known: a stranger's bad signatures cost one call a minute."""
TRY_AGAIN_AFTER = 5.0
"""Seconds between two readings while none are known yet."""


class NoCredentials(Exception):
    """Slack's credentials cannot be read now; the message says why, without any of them."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves that Slack speaks, and what lets us speak to Slack. Neither is ever shown."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)

    @classmethod
    def from_json(cls, text: str) -> Credentials:
        """The credentials of a stored secret. Raises NoCredentials that names what is missing."""
        try:
            stored = json.loads(text)
        except ValueError:
            raise NoCredentials("the Slack secret is not JSON") from None
        if not isinstance(stored, dict):
            raise NoCredentials("the Slack secret is not a JSON object")
        missing = [name for name in ("bot_token", "signing_secret") if not _is_text(stored.get(name))]
        if missing:
            raise NoCredentials(f"the Slack secret has no {' and no '.join(missing)}")
        return cls(bot_token=stored["bot_token"], signing_secret=stored["signing_secret"])


class Secrets:
    """Holds the credentials for the life of the process, safe to use from several threads.

    `read` fetches them, as from Secrets Manager; whatever it raises becomes NoCredentials.
    """

    def __init__(self, read: Callable[[], Credentials], *, clock: Callable[[], float]) -> None:
        self._read = read
        self._clock = clock
        self._known: Credentials | None = None
        self._problem = "not read yet"
        self._read_at = float("-inf")
        self._lock = threading.Lock()

    def current(self) -> Credentials:
        """The credentials, read now if none are known. Raises NoCredentials."""
        with self._lock:
            if self._known is None:
                self._read_unless_tried_within(TRY_AGAIN_AFTER)
            if self._known is None:
                raise NoCredentials(self._problem)
            return self._known

    def doubted(self) -> bool:
        """Something did not fit: read again, if that is due. Returns whether the credentials changed."""
        with self._lock:
            before = self._known
            self._read_unless_tried_within(DOUBT_AGAIN_AFTER)
            return self._known != before

    def _read_unless_tried_within(self, seconds: float) -> None:
        now = self._clock()
        if 0 <= now - self._read_at < seconds:
            return
        self._read_at = now
        try:
            self._known = self._read()
        except NoCredentials as problem:
            self._problem = str(problem)
            logger.error("no Slack credentials: %s", problem)  # noqa: TRY400 - the message says it all
        except Exception as error:  # noqa: BLE001 - AWS's errors are many, and each means: not readable now
            self._problem = type(error).__name__
            logger.error("the Slack secret could not be read: %s", _in_words(error))  # noqa: TRY400 - as above


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _in_words(error: Exception) -> str:
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    return str(code or type(error).__name__)
