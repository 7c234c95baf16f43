"""What was mistyped, in words: plain text with names in backticks, each mistake in a sentence of its own."""

from __future__ import annotations

from collections.abc import Sequence

from orchestrator.domain.accounts import Account

LONGEST_SHOWN = 40
MOST_LISTED = 10


def shown(word: str) -> str:
    """A word as it was typed, short, and unable to end its own backticks."""
    plain = word.replace("`", "")
    return f"`{plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + '…'}`"


def did_you_mean(guess: str | None) -> str:
    """The word it looks like, if it looks like one."""
    return f" Did you mean `{guess}`?" if guess else ""


def no_command(word: str, guess: str | None) -> str:
    """The first word is no command."""
    return f"{shown(word)} is not a command.{did_you_mean(guess)}"


def no_option(name: str, guess: str | None) -> str:
    """An option that there is not."""
    return f"{shown(name)} is not an option.{did_you_mean(guess)}"


def option_of_a_scan(name: str, verb: str) -> str:
    """An option of `scan`, typed after another command."""
    return f"`{name}` belongs to `scan`; `{verb}` does not take it."


def given_twice(name: str) -> str:
    """The same option again."""
    return f"`{name}` is given twice."


def no_value(name: str) -> str:
    """An option at the end, or before another one."""
    return f"`{name}` needs a value."


def no_number(name: str, value: str) -> str:
    """Something else where a number belongs."""
    return f"{shown(f'{name} {value}')}: must be a whole number."


def no_place(word: str, guess: str | None, accounts: Sequence[Account], regions: Sequence[str]) -> str:
    """Neither an account nor a region that may be looked at; without a guess, those that may."""
    what = "an account or region" if len(accounts) > 1 else "a region"
    known = ""
    if guess is None and len(accounts) > 1:
        known += _listed("Accounts", [account.label for account in accounts])
    if guess is None:
        known += _listed("Regions" if known else "Regions that may be scanned", regions)
    return f"{shown(word)} is not {what} this app may scan.{did_you_mean(guess) or known}"


def _listed(what: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f" {what}: {', '.join(names[:MOST_LISTED])}{more}."


def one_at_a_time(word: str, what: str) -> str:
    """A second account or region."""
    return f"{shown(word)}: one {what} at a time."


def nothing_follows(word: str, verb: str) -> str:
    """A word after a command that stands alone."""
    return f"{shown(word)}: nothing follows `{verb}`."


def no_function(typed: str = "") -> str:
    """A *why* without a function."""
    return f"`why` needs a function{f', not {shown(typed)}' if typed else ''}: `why orders-api` or `why orders-api:12`."


def no_version(typed: str) -> str:
    """What follows a function's name is no published version."""
    return f"{shown(typed)} is not the number of a published version."


def no_day(typed: str) -> str:
    """What follows `until` is no day."""
    day = f"{shown(typed)} is not a day." if typed else "`until` needs a day."
    return f"{day} Type it as `until 2027-01-31`; that day is included, in UTC."


def day_is_over(typed: str) -> str:
    """A pause that would end before it began."""
    return f"{shown(typed)} is over already: a pause ends today at the earliest."
