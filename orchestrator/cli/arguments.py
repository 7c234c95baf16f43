"""Read what was typed: every mistake named at once, by the option, its value and what is accepted."""

from __future__ import annotations

import argparse
import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from orchestrator.domain.policy import SHORTEST_LOOKBACK_DAYS, Policy
from orchestrator.domain.request import RefusedRequest, read_request
from orchestrator.domain.settings import MOST_DELETIONS, SHARED_QUOTA, SHARED_RATE

PROGRAM = "python -m orchestrator scan"
FORMATS = ("table", "json", "csv")
DEFAULTS = Policy()
WIDEST_HELP = 80

FIELD_OF: Mapping[str, str] = {
    "--region": "region",
    "--min-age-days": "min_age_days",
    "--keep-last-n": "keep_last_n",
    "--lookback-days": "lookback_days",
    "--period-seconds": "period_seconds",
    "--function-activity": "function_activity",
    "--prefix": "function_name_prefix",
}
"""The options that are fields of a scan request, and so obey its rules."""
_NUMBERS = frozenset({"--min-age-days", "--keep-last-n", "--lookback-days", "--period-seconds", "--max-deletions"})

_ACTIVITY = """\
attributed (the default): calls that known versions and aliases explain hold no other version; strict: any call of a
function in the last --min-age-days holds all its versions"""
_GROUPS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "where and what": {
        "--region": ("REGION", "the region; without it AWS_REGION or the profile's"),
        "--prefix": ("PREFIX", "only functions whose names begin like this"),
    },
    "when a version counts as idle": {
        "--min-age-days": ("N", f"published at least N days ago (default {DEFAULTS.min_age_days})"),
        "--keep-last-n": ("N", f"not among the newest N of its function (default {DEFAULTS.keep_last_n})"),
        "--lookback-days": ("N", f"no call in the last N days (default {DEFAULTS.lookback_days})"),
        "--period-seconds": ("N", f"compare calls in periods of N seconds (default {DEFAULTS.period_seconds})"),
        "--function-activity": ("RULE", _ACTIVITY),
    },
    "how far and how fast": {
        "--max-deletions": (
            "N",
            f"look for N idle versions, dearest first (default {DEFAULTS.max_deletions}, at most {MOST_DELETIONS:,})",
        ),
        "--shared-rate": (
            "RATE",
            f"calls a second to take of the account's shared quota (default {SHARED_RATE:g}, at most {SHARED_QUOTA:g})",
        ),
    },
    "what comes out": {
        "--format": ("FORMAT", "table (the default), json or csv"),
        "--output": ("FILE", "write there instead of to standard output"),
    },
}
"""Every option that takes a value, as the help shows it."""
_SWITCHES: Mapping[str, str] = {
    "--quiet": "no progress on standard error",
    "--print-policy": "print the IAM policy that a scan needs, and stop",
    "--help": "show this",
}
_VALUES = tuple(option for group in _GROUPS.values() for option in group)
OPTIONS = (*_VALUES, *_SWITCHES)

_DESCRIPTION = """\
Say for every SnapStart version of a region what may go, what stays, and why.
Nothing is changed: ordinary AWS credentials with read-only permissions do.
"""
_EPILOG = f"""\
exit status:
  0 judged   1 failed   2 bad arguments   3 credentials or permissions missing
  4 some versions could not be judged (the report says which)   130 interrupted

AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and their like work as everywhere.

for example:
  {PROGRAM} --region us-west-2 --prefix orders-
  {PROGRAM} --region us-west-2 --format csv --output idle.csv
"""

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}")
_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,15}", re.ASCII)
_FIELD_IN_WORDS = re.compile(r"`(\w+)`")
_NO_VALUE: Final = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanArguments:
    """What a scan was asked to do."""

    region: str
    policy: Policy
    shared_rate: float
    """Calls a second of the account's shared control-plane quota."""
    format: str
    output: Path | None
    """Where the result goes; None for standard output."""
    quiet: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted instead of a scan: `help` or `policy`."""

    what: str


class RefusedArguments(ValueError):
    """What was typed cannot be carried out; `problems` names every option, its value and what is accepted."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def read_arguments(argv: Sequence[str], default_region: Callable[[], str | None]) -> ScanArguments | Wanted:
    """Read the arguments after the program's name. `default_region` is asked only when none was typed.

    Raises RefusedArguments with all problems at once.
    """
    if not argv:
        raise RefusedArguments(["nothing was asked for: the command is scan"])
    if argv[0] in {"-h", "--help", "help"}:
        return Wanted("help")
    if argv[0] != "scan":
        raise RefusedArguments([f"{argv[0]!r} is not a command: the command is scan"])
    typed, unknown = _parser(values_optional=True).parse_known_args(list(argv[1:]))
    given: dict[str, Any] = {f"--{name.replace('_', '-')}": value for name, value in vars(typed).items()}
    if given["--help"]:
        return Wanted("help")
    problems = list(_unknown(unknown))
    problems += [f"{option} has no value" for option, value in given.items() if value is _NO_VALUE]
    said = {option: value for option, value in given.items() if value is not None and value is not _NO_VALUE}
    if said["--print-policy"]:
        if problems:
            raise RefusedArguments(problems)
        return Wanted("policy")
    return _scan_arguments(said, problems, given["--region"], default_region)


def _scan_arguments(
    said: Mapping[str, Any], problems: list[str], region: object, default_region: Callable[[], str | None]
) -> ScanArguments:
    region_said = said.get("--region") or (default_region() if region is None else None)
    if region_said is None and region is None:
        problems.append("--region is missing: name one, such as us-west-2, or set AWS_REGION")
    elif region_said is not None and not _REGION.fullmatch(region_said):
        problems.append(f"--region {region_said!r}: must be a region, such as us-west-2")
    policy = _policy(said, problems)
    most = _most_deletions(said.get("--max-deletions"), problems)
    rate = _shared_rate(said.get("--shared-rate"), problems)
    form = said.get("--format", FORMATS[0])
    if form not in FORMATS:
        problems.append(f"--format {form!r}: must be {', '.join(FORMATS[:-1])} or {FORMATS[-1]}")
    output = Path(said["--output"]) if said.get("--output") else None
    if "--output" in said and (refusal := _unwritable(said["--output"])):
        problems.append(f"--output {said['--output']!r}: cannot be written, {refusal}")
    if problems:
        raise RefusedArguments(problems)
    return ScanArguments(
        region=str(region_said),
        policy=replace(policy, max_deletions=most),
        shared_rate=rate,
        format=form,
        output=output,
        quiet=said["--quiet"],
    )


def help_text() -> str:
    """What `--help` prints."""
    return _parser(values_optional=False).format_help()


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RefusedArguments([message])


def _parser(*, values_optional: bool) -> argparse.ArgumentParser:
    """The options, by group. Where values are optional, one that is missing does not hide the other mistakes."""
    parser = _Parser(
        prog=PROGRAM,
        usage="%(prog)s --region REGION [options]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=lambda prog: argparse.RawDescriptionHelpFormatter(
            prog, max_help_position=28, width=WIDEST_HELP
        ),
        add_help=False,
        allow_abbrev=False,
    )
    lenient: dict[str, Any] = {"nargs": "?", "const": _NO_VALUE} if values_optional else {}
    for title, options in _GROUPS.items():
        group = parser.add_argument_group(title)
        for option, (metavar, words) in options.items():
            group.add_argument(option, metavar=metavar, help=words, **lenient)
    for switch, words in _SWITCHES.items():
        group.add_argument(*((switch, "-h") if switch == "--help" else (switch,)), action="store_true", help=words)
    return parser


def _unknown(words: Sequence[str]) -> Iterator[str]:
    """What belongs to no option; a word after an unknown option is taken for its value."""
    after_option = False
    for word in words:
        if word.startswith("-"):
            name = word.partition("=")[0]
            close = difflib.get_close_matches(name, OPTIONS, n=1)
            yield f"{name} is not an option" + (f"; did you mean {close[0]}?" if close else "")
        elif not after_option:
            hint = f"; for the region: --region {word}" if _REGION.fullmatch(word) else ""
            yield f"{word!r} belongs to no option{hint}"
        after_option = word.startswith("-") and "=" not in word


def _policy(said: Mapping[str, Any], problems: list[str]) -> Policy:
    """Read the policy by the rules of a scan request, against a stack that allows everything a request may say."""
    fields = {field: _value(option, said[option]) for option, field in FIELD_OF.items() if option in said}
    fields.pop("region", None)
    laxest = replace(
        DEFAULTS,
        min_age_days=1,
        keep_last_n=1,
        lookback_days=SHORTEST_LOOKBACK_DAYS if "lookback_days" in fields else DEFAULTS.lookback_days,
    )
    asked = {"min_age_days": DEFAULTS.min_age_days, "keep_last_n": DEFAULTS.keep_last_n, **fields}
    try:
        return read_request(asked, regions=("",), policy=laxest).policy
    except RefusedRequest as refused:
        problems += [_as_option(problem) for problem in refused.problems]
        return DEFAULTS


def _value(option: str, text: str) -> int | str:
    return int(text) if option in _NUMBERS and _WHOLE_NUMBER.fullmatch(text) else text


def _as_option(problem: str) -> str:
    """A problem of a request's field as one of the option that fills it."""
    options = {field: option for option, field in FIELD_OF.items()}
    return _FIELD_IN_WORDS.sub(lambda named: options.get(named[1], named[1]), problem)


def _most_deletions(text: str | None, problems: list[str]) -> int:
    if text is None:
        return DEFAULTS.max_deletions
    most = _value("--max-deletions", text)
    if not isinstance(most, int) or not 1 <= most <= MOST_DELETIONS:
        problems.append(f"--max-deletions {most!r}: must be a whole number from 1 to {MOST_DELETIONS}")
        return DEFAULTS.max_deletions
    return most


def _shared_rate(text: str | None, problems: list[str]) -> float:
    if text is None:
        return SHARED_RATE
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= SHARED_QUOTA:
        problems.append(f"--shared-rate {text!r}: must be a number above 0 and at most {SHARED_QUOTA:g}")
        return SHARED_RATE
    return rate


def _unwritable(text: str) -> str | None:
    """Why a file cannot be written, found without leaving a trace; None when it can be."""
    path = Path(text)
    if path.exists() and not path.is_file() and not path.is_dir():  # a pipe or a device: opening it would be noticed
        return None if os.access(path, os.W_OK) else "permission denied"
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return None
