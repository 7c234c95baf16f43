"""What somebody typed after the slash command, read kindly: any dash, any quote, and every mistake named at once."""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Self

from bot.replies import mistakes as say
from bot.typed_day import read_typed_day
from orchestrator.domain.accounts import Account
from orchestrator.domain.policy import Policy
from orchestrator.domain.request import Kind, RefusedRequest, Request, read_request
from orchestrator.domain.settings import BotSettings


class Verb(StrEnum):
    """The first word: what somebody wants."""

    SCAN = "scan"
    STATUS = "status"
    WHY = "why"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    SAVED = "saved"
    DOCTOR = "doctor"
    HELP = "help"


OPTIONS: Mapping[str, str] = {
    "--min-age-days": "min_age_days",
    "--keep-last-n": "keep_last_n",
    "--lookback-days": "lookback_days",
    "--prefix": "function_name_prefix",
}
"""What a scan may be told, and the field of the request it fills."""
PLACES = ("--account", "--region")
"""What may stand before an account or a region, and need not."""
ALONE = frozenset({Verb.RESUME, Verb.SAVED, Verb.DOCTOR, Verb.HELP})
"""What nothing follows."""

MOST_MISTAKES = 10

_KINDS = frozenset(kind.value for kind in Kind)
_HELP_OPTIONS = frozenset({"--help", "--h"})
_HELP = _HELP_OPTIONS | {"help", "?"}
_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"  # noqa: RUF001 - phones turn straight quotes into these
_DIGITS = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_ARN = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):([0-9]{12}):function:(.+)", re.ASCII | re.IGNORECASE)
_FIELD_IN_WORDS = re.compile(r"`(\w+)` ([^:]+): ")


@dataclass(frozen=True, slots=True)
class Targets:
    """What a command is read against: where may be looked, and how strictly at least."""

    accounts: Sequence[Account]
    regions: Sequence[str]
    policy: Policy

    @classmethod
    def of(cls, settings: BotSettings) -> Self:
        """The targets of a stack."""
        return cls(settings.target_accounts, settings.target_regions, settings.policy)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that can be carried out."""

    verb: Verb
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What was typed, as fields of a request. An account stands here only where there are several."""
    request: Request | None = None
    """What that asks for, as the orchestrator will read it; None for what starts nothing: `help`, `status`."""


@dataclass(frozen=True, slots=True)
class Mistyped:
    """What cannot be used, each mistake in words; plain text with names in backticks."""

    mistakes: tuple[str, ...]
    verb: Verb | None
    """What was meant, as far as that is clear."""


def read_command(text: str, targets: Targets, today: date) -> Command | Mistyped:
    """Read what was typed after the slash command; nothing typed asks for help. `today` is the day in UTC."""
    words = _words(text)
    if not words or words[0].lower() in _HELP:
        return Command(Verb.HELP)
    first = words[0].lower()
    if first != Verb.PAUSE and not _HELP_OPTIONS.isdisjoint(word.lower() for word in words[1:]):
        return Command(Verb.HELP)
    meant = first if first in list(Verb) else _closest(first, list(Verb))
    verb = None if meant is None else Verb(meant)
    mistakes = [] if meant == first else [_not_a_verb(words, meant, targets)]
    typed = _Typed(verb or Verb.SCAN, targets)
    if verb is Verb.PAUSE:
        typed.take_pause(html.unescape(text).split()[1:], today)
    elif verb is not None or any(_is_option(word) for word in words[1:]):
        typed.take(words[1:])
    mistakes += [*typed.mistakes, *typed.refused()]
    if mistakes:
        return Mistyped(tuple(mistakes[:MOST_MISTAKES]), verb)
    return Command(typed.verb, typed.fields, typed.request())


def _not_a_verb(words: Sequence[str], meant: str | None, targets: Targets) -> str:
    """The first word is no command: the one it looks like, or a scan of the place or with the option it is."""
    first = words[0]
    if meant is None and (_place(first, targets) is not None or _is_option(first)):
        meant = " ".join([Verb.SCAN, *words])[: say.LONGEST_SHOWN]
    return say.no_command(first, meant)


class _Typed:
    """What was typed so far, as fields of a request, and what is wrong with it."""

    def __init__(self, verb: Verb, targets: Targets) -> None:
        self.verb = verb
        self.fields: dict[str, Any] = {}
        self.mistakes: list[str] = []
        self._targets = targets
        self._account_id: str | None = None

    def take(self, words: Sequence[str]) -> None:
        """Take the words after the command."""
        left = list(words)
        while left:
            word = left.pop(0)
            if self.verb in ALONE:
                self.mistakes.append(say.nothing_follows(word, self.verb))
                return
            name = self._option(word)
            if name is None:
                self._take_word(word, left)
                continue
            _, has_value, value = word.partition("=")
            if not has_value and left and not _is_option(left[0]):
                value = left.pop(0)
            self._take_option(name, value)
        if self.verb is Verb.WHY and "function_name" not in self.fields and not self.mistakes:
            self.mistakes.append(say.no_function())

    def take_pause(self, words: Sequence[str], today: date) -> None:
        """Take `[until DATE] [reason]`, in either order; the reason stays as it was typed."""
        said = list(words)
        for index, word in enumerate(words):
            name, has_value, value = _plain(word).lstrip("-").partition("=")
            if name.lower() != "until":
                continue
            after = [value, *words[index + 1 :]] if has_value else words[index + 1 :]
            day = read_typed_day([_plain(part) for part in after], today)
            if day is None:
                self.mistakes.append(say.no_day(_plain(after[0]) if after else ""))
                return
            if day[0] < today:
                self.mistakes.append(say.day_is_over(" ".join(after[: day[1]])))
                return
            self.fields["until"] = day[0].isoformat()
            said = [*words[:index], *after[day[1] :]]
            break
        if reason := " ".join(said).strip(_QUOTES + " "):
            self.fields["reason"] = reason

    def request(self) -> Request | None:
        """What was typed, as the orchestrator will read it. Raises RefusedRequest."""
        if self.verb.value not in _KINDS:
            return None
        return self._read({"kind": self.verb.value, **self.fields})

    def refused(self) -> list[str]:
        """What the orchestrator would refuse: each value by itself, and then all of them together."""
        if self.verb.value not in _KINDS:
            return []
        needed = {"kind": self.verb.value} | ({"function_name": "any"} if self.verb is Verb.WHY else {})
        each = [words for name, value in self.fields.items() for words in self._problems({**needed, name: value})]
        together = [words for words in self._problems({**needed, **self.fields}) if words not in each]
        return [_as_typed(words) for words in [*each, *together]]

    def _problems(self, raw: Mapping[str, Any]) -> tuple[str, ...]:
        try:
            self._read(raw)
        except RefusedRequest as refused:
            return refused.problems
        return ()

    def _read(self, raw: Mapping[str, Any]) -> Request:
        targets = self._targets
        return read_request(raw, regions=targets.regions, policy=targets.policy, accounts=targets.accounts)

    def _option(self, word: str) -> str | None:
        """The option that a word is, with its two dashes; None when it is no option."""
        name = word.partition("=")[0].lower()
        if _is_option(word):
            return name
        if "=" in word:
            return f"--{name}"
        awaits_a_function = self.verb is Verb.WHY and "function_name" not in self.fields
        bare = f"--{name}"
        is_one = (bare in OPTIONS or bare in PLACES) and _place(word, self._targets) is None
        return bare if is_one and not awaits_a_function else None

    def _take_option(self, name: str, value: str) -> None:
        field_name = OPTIONS.get(name)
        if name in PLACES and self.verb is not Verb.PAUSE:
            self._take_place(value, name.lstrip("-")) if value else self.mistakes.append(say.no_value(name))
        elif field_name is None:
            self.mistakes.append(say.no_option(name, _closest(name, [*OPTIONS, *PLACES])))
        elif self.verb is not Verb.SCAN:
            self.mistakes.append(say.option_of_a_scan(name, self.verb))
        elif field_name in self.fields:
            self.mistakes.append(say.given_twice(name))
        elif not value:
            self.mistakes.append(say.no_value(name))
        elif field_name != "function_name_prefix" and not _DIGITS.fullmatch(value):
            self.mistakes.append(say.no_number(name, value))
        else:
            self.fields[field_name] = value if field_name == "function_name_prefix" else int(value)

    def _take_word(self, word: str, left: list[str]) -> None:
        if self.verb is Verb.WHY and "function_name" not in self.fields:
            self._take_function(word)
        elif _place(word, self._targets) is not None:
            self._take_place(word)
        elif (guess := _closest(f"--{word.lower()}", [*OPTIONS, *PLACES], cutoff=0.7)) is not None:
            self.mistakes.append(say.no_option(word, guess))
            if left and _DIGITS.fullmatch(left[0]):
                left.pop(0)
        else:
            self._take_place(word)

    def _take_place(self, word: str, kind: str = "") -> None:
        found = _place(word, self._targets)
        if found is None or (kind and found[0] != kind):
            accounts, regions = self._targets.accounts, self._targets.regions
            names = [account.name or account.id for account in accounts] if len(accounts) > 1 else []
            guess = _closest(word.lower(), [*names, *regions])
            self.mistakes.append(say.no_place(word, guess, accounts, regions))
        elif found[0] == "region":
            if self.fields.setdefault("region", found[1]) != found[1]:
                self.mistakes.append(say.one_at_a_time(word, "region"))
        else:
            if self._account_id not in (None, found[1]):
                self.mistakes.append(say.one_at_a_time(word, "account"))
            self._account_id = found[1]
            if len(self._targets.accounts) > 1:
                self.fields.setdefault("account_id", found[1])

    def _take_function(self, word: str) -> None:
        arn = _ARN.fullmatch(word)
        if arn is not None:
            self._take_place(arn[1], "region")
            self._take_place(arn[2], "account")
        name, _, version = (arn[3] if arn else word).partition(":")
        if not name:
            self.mistakes.append(say.no_function(word))
            return
        self.fields["function_name"] = name
        if version and not _NUMBER.fullmatch(version):
            self.mistakes.append(say.no_version(version))
        elif version:
            self.fields["version"] = version


def _place(word: str, targets: Targets) -> tuple[str, str] | None:
    """What account or region a word names: `("account", its id)` or `("region", its name)`; None for another word."""
    wanted = word.lower()
    if wanted in targets.regions:
        return "region", wanted
    for exactly in (True, False):
        for account in targets.accounts:
            name = account.name or ""
            if word in (account.id, name) or (not exactly and wanted == name.lower() != ""):
                return "account", account.id
    return None


def _words(text: str) -> list[str]:
    """The words typed. Slack escapes `&`, `<` and `>`; phones turn `--` into a long dash and quotes into curly ones."""
    words = (_plain(word) for word in html.unescape(text).split())
    return [_with_two_dashes(word) for word in words if word]


def _plain(word: str) -> str:
    """A word with every dash a hyphen, and without quotes around it."""
    return "".join("-" if _is_dash(sign) else sign for sign in word).strip(_QUOTES)


def _is_dash(sign: str) -> bool:
    return unicodedata.category(sign) == "Pd" or sign in "\N{MINUS SIGN}\N{HYPHEN BULLET}"


def _with_two_dashes(word: str) -> str:
    if not word.startswith("-") or _DIGITS.fullmatch(word):
        return word
    name, equals, value = word.lstrip("-").partition("=")
    return f"--{name}{equals}{value.strip(_QUOTES)}"


def _is_option(word: str) -> bool:
    return word.startswith("--")


def _closest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str | None:
    close = difflib.get_close_matches(word[: say.LONGEST_SHOWN], known, n=1, cutoff=cutoff)
    return str(close[0]) if close else None


def _as_typed(problem: str) -> str:
    """A problem with a field, said of what was typed."""
    typed = {name: option for option, name in OPTIONS.items()}

    def option(found: re.Match[str]) -> str:
        name, value = typed.get(found[1], ""), found[2].strip("'\"").replace("`", "")
        return f"`{f'{name} {value}'.strip()}`: "

    words = _FIELD_IN_WORDS.sub(option, problem, count=1)
    for name, option_name in typed.items():
        words = words.replace(f"`{name}`", f"`{option_name}`")
    return f"{words}."
