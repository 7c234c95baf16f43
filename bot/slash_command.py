"""What somebody typed after `/snapstart`, read kindly: any dash, any quote, and every mistake named at once."""

from __future__ import annotations

import difflib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestrator.domain.policy import Policy
from orchestrator.domain.request import RefusedRequest, Request, read_request

SCAN, STATUS, HELP = "scan", "status", "help"
VERBS = (SCAN, STATUS, HELP)
OPTIONS: Mapping[str, str] = {
    "--min-age-days": "min_age_days",
    "--keep-last-n": "keep_last_n",
    "--lookback-days": "lookback_days",
    "--prefix": "function_name_prefix",
}
"""What may be typed, and the field of the request it fills."""

LONGEST_SHOWN = 40
MOST_MISTAKES = 10

_QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"  # noqa: RUF001 - phones turn straight quotes into these
_DIGITS = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_FIELD_IN_WORDS = re.compile(r"`(\w+)` ([^:]+): ")


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan to start: the request as it is sent, and as the orchestrator will read it."""

    fields: Mapping[str, Any]
    request: Request


@dataclass(frozen=True, slots=True)
class Mistyped:
    """What cannot be used, each mistake in words; plain text with names in backticks."""

    mistakes: tuple[str, ...]


def verb_of(text: str) -> str | None:
    """The command typed: `scan`, `status` or `help`, which is also what nothing typed means; None for another word."""
    words = _words(text)
    verb = words[0].lower() if words else HELP
    return verb if verb in VERBS else None


def unknown_verb(text: str) -> Mistyped:
    """A word that is no command, and the one it looks like."""
    word = _words(text)[0]
    return Mistyped((f"{_shown(word)} is not a command.{_did_you_mean(word.lower(), VERBS)}",))


def read_scan(text: str, *, regions: Sequence[str], policy: Policy) -> Scan | Mistyped:
    """Read what follows `scan`, against the stack's regions and policy."""
    fields: dict[str, Any] = {}
    mistakes: list[str] = []
    words = _words(text)[1:]
    while words:
        word = words.pop(0)
        if not _is_option(word):
            mistakes += _take_region(word, fields, regions)
            continue
        name, has_value, value = word.partition("=")
        name = name.lower()
        if not has_value and words and not _is_option(words[0]):
            value = words.pop(0)
        mistakes += _take_option(name, value, fields)
    mistakes += _refused(fields, regions, policy)
    if mistakes:
        return Mistyped(tuple(mistakes[:MOST_MISTAKES]))
    return Scan(fields, read_request(fields, regions=regions, policy=policy))


def _words(text: str) -> list[str]:
    """The words typed. Slack escapes `&`, `<` and `>`; phones turn `--` into a long dash and quotes into curly ones."""
    plain = "".join("-" if _is_dash(signed) else signed for signed in html.unescape(text))
    words = (word.strip(_QUOTES) for word in plain.split())
    return [_with_two_dashes(word) for word in words if word]


def _is_dash(signed: str) -> bool:
    return unicodedata.category(signed) == "Pd" or signed in "\N{MINUS SIGN}\N{HYPHEN BULLET}"


def _with_two_dashes(word: str) -> str:
    if not word.startswith("-") or _DIGITS.fullmatch(word):
        return word
    name, equals, value = word.lstrip("-").partition("=")
    return f"--{name}{equals}{value.strip(_QUOTES)}"


def _is_option(word: str) -> bool:
    return word.startswith("--")


def _take_region(word: str, fields: dict[str, Any], regions: Sequence[str]) -> list[str]:
    region = word.lower()
    if region not in regions:
        known = f" Regions that may be scanned: {', '.join(regions)}." if len(regions) <= MOST_MISTAKES else ""
        return [f"{_shown(word)} is not a region this app may scan.{_did_you_mean(region, regions) or known}"]
    if fields.setdefault("region", region) != region:
        return [f"{_shown(word)}: one region at a time."]
    return []


def _take_option(name: str, value: str, fields: dict[str, Any]) -> list[str]:
    field = OPTIONS.get(name)
    if field is None:
        return [f"{_shown(name)} is not an option.{_did_you_mean(name, tuple(OPTIONS))}"]
    if field in fields:
        return [f"`{name}` is given twice."]
    if not value:
        return [f"`{name}` needs a value."]
    if field != "function_name_prefix" and not _DIGITS.fullmatch(value):
        return [f"{_shown(f'{name} {value}')}: must be a whole number."]
    fields[field] = value if field == "function_name_prefix" else int(value)
    return []


def _refused(fields: Mapping[str, Any], regions: Sequence[str], policy: Policy) -> list[str]:
    """What the orchestrator would refuse: each value by itself, and then all of them together."""
    each = [problem for field in fields for problem in _problems({field: fields[field]}, regions, policy)]
    return [_as_typed(problem) for problem in each or _problems(fields, regions, policy)]


def _problems(fields: Mapping[str, Any], regions: Sequence[str], policy: Policy) -> tuple[str, ...]:
    try:
        read_request(fields, regions=regions, policy=policy)
    except RefusedRequest as refused:
        return refused.problems
    return ()


def _as_typed(problem: str) -> str:
    """A problem with a field, said of the option that was typed."""
    typed = {field: option for option, field in OPTIONS.items()}

    def option(found: re.Match[str]) -> str:
        value = found[2].strip("'\"")
        return f"`{typed.get(found[1], found[1])} {value}`: "

    words = _FIELD_IN_WORDS.sub(option, problem, count=1)
    for field, name in typed.items():
        words = words.replace(f"`{field}`", f"`{name}`")
    return f"{words}."


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word[:LONGEST_SHOWN], known, n=1, cutoff=0.6)
    return f" Did you mean `{close[0]}`?" if close else ""


def _shown(word: str) -> str:
    """A word as it was typed, short, and unable to end its own backticks."""
    plain = word.replace("`", "")
    return f"`{plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + '…'}`"
