"""How things are said in Slack's markup: people, times, money, lists of versions; and how that reads aloud."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from orchestrator.domain.accounts import Account
from orchestrator.domain.aws_words import plainly
from orchestrator.domain.candidates import Candidate, VersionKey
from orchestrator.domain.runs import Page, Run
from orchestrator.domain.words import dollars, ranges

APPROVERS_NAMED = 10
SAME_YEAR = timedelta(days=300)
"""A day within so many of today is meant by `9 Aug`."""
CONSOLES = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
"""Where each of AWS's partitions has its console."""
REASON = 300
"""Characters of AWS's words that a message quotes."""

_MEMBER = re.compile(r"[UW][A-Z0-9]+")
_GROUP = re.compile(r"S[A-Z0-9]+")
_VERSION_ARN = re.compile(r"arn:([a-z-]+):lambda:([a-z0-9-]+):\d+:function:([A-Za-z0-9_-]+):\d+")
_DATE = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
_EMOJI = re.compile(r"^:[a-z_]+: ")
_HALF_A_TOKEN = re.compile(r"(&[a-z]*|<[^<>]*)$")
_BOLD = re.compile(r"(?<![\w`])\*([^*\n]+)\*(?![\w`])")


def escape(text: str) -> str:
    """The same text where Slack reads markup: without this, `<!channel>` in an error would call everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def spoken(markup: str) -> str:
    """The same words for a screen reader: no emoji, no asterisks, times in UTC."""
    return _BOLD.sub(r"\1", _DATE.sub(r"\1", _EMOJI.sub("", markup)))


def day_and_time(epoch: int) -> str:
    """A moment in the reader's own time zone."""
    return f"<!date^{epoch}^{{date_short}}, {{time}}|{_utc(epoch, day=True)}>"


def time_of_day(epoch: int) -> str:
    """A moment of today in the reader's own time zone."""
    return f"<!date^{epoch}^{{time}}|{_utc(epoch, day=False)}>"


def day_of(epoch: int) -> str:
    """A day, in UTC: `13 Nov`."""
    at = datetime.fromtimestamp(epoch, UTC)
    return f"{at.day} {at:%b}"


def _utc(epoch: int, *, day: bool) -> str:
    at = datetime.fromtimestamp(epoch, UTC)
    return f"{at.day} {at:%b}, {at:%H:%M} UTC" if day else f"{at:%H:%M} UTC"


def date_in_words(iso: str, *, year: bool = False) -> str:
    """A day given as YYYY-MM-DD: `13 Nov`, or `13 Nov 2026`; as it is when it is no day."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{at.day} {at:%b %Y}" if year else f"{at.day} {at:%b}"


def day_near(iso: str, today: date | None) -> str:
    """A day given as YYYY-MM-DD, with its year where the day alone could be taken for another year's."""
    try:
        far = today is not None and abs(today - date.fromisoformat(iso)) > SAME_YEAR
    except ValueError:
        far = False
    return date_in_words(iso, year=far)


def duration(seconds: int) -> str:
    """How long something took: `1 min 12 s`."""
    minutes, rest = divmod(max(0, seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes and rest:
        return f"{minutes} min {rest} s"
    return f"{minutes} min" if minutes else f"{rest} s"


def person(user_id: str | None) -> str:
    """A mention of a person; nobody is the schedule."""
    if user_id is None:
        return "the schedule"
    return f"<@{user_id}>" if _MEMBER.fullmatch(user_id) else escape(user_id)


def approvers_in_words(approvers: Sequence[str]) -> str:
    """Who may approve, as mentions: users, user groups, or any full member."""
    if "*" in approvers:
        return "any full member"
    named = [_mention(approver) for approver in approvers[:APPROVERS_NAMED]]
    more = len(approvers) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def calls_to(approvers: Sequence[str]) -> str:
    """Mentions that reach the approvers when nobody asked for the run: their groups, or else each of them."""
    groups = [_mention(approver) for approver in approvers if _GROUP.fullmatch(approver)]
    return " ".join(groups or [_mention(approver) for approver in approvers[:APPROVERS_NAMED] if approver != "*"])


def _mention(approver: str) -> str:
    return f"<!subteam^{approver}>" if _GROUP.fullmatch(approver) else person(approver)


def link(url: str, label: str) -> str:
    """A link that shows its label."""
    return f"<{escape(url).replace('|', '%7C')}|{label}>"


def console_link(arn: str, label: str) -> str:
    """A link to the versions of a function in AWS's console, given the ARN of one; `label` alone for other ARNs."""
    named = _VERSION_ARN.fullmatch(arn)
    if named is None:
        return label
    partition, region, name = named.groups()
    console = CONSOLES.get(partition, CONSOLES["aws"])
    return link(f"https://{region}.console.{console}/lambda/home?region={region}#/functions/{name}?tab=versions", label)


def account(of: Run | Page) -> str:
    """The account of a run or page as people read it: `payments (111122223333)`, or `account 111122223333`."""
    named = Account(of.account_id, of.account_name)
    return named.label if named.name else f"account {named.id}"


def place(run: Run) -> str:
    """What a run looks at, as every claim about it says: `us-west-2, functions named orders-…`, a named account too."""
    prefix = run.policy.get("function_name_prefix")
    where = f"{account(run)}, {run.region}" if run.account_name else run.region
    return f"{where}, functions named `{escape(prefix)}…`" if prefix else where


def aws_said(words: str, limit: int = REASON) -> str:
    """AWS's words as sentences and as markup, at most so many characters of them, without a full stop at the end."""
    return escape(cut(plainly(words), limit).rstrip("."))


def scan_command(run: Run) -> str:
    """What to type for a list on fresh facts: the same scan again."""
    where = f"{run.account_name} {run.region}" if run.account_name else run.region
    return scan_again(run.command, where, run.policy.get("function_name_prefix"))


def scan_again(command: str, where: str, prefix: str | None = None) -> str:
    """What to type for a scan of a region, of all its functions or those whose name begins so."""
    return f"`{command} scan {where}{f' --prefix {prefix}' if prefix else ''}`"


def a_month(amount: float) -> str:
    """What something costs a month; nothing is said as `$0 now`, since it may cost again."""
    return f"{dollars(amount)} a month" if amount else "$0 now"


def monthly_sum(candidates: Iterable[Candidate]) -> float:
    """What these versions cost a month together, in US dollars, so that the screen adds up."""
    return round(sum(candidate.monthly_usd for candidate in candidates), 2)


def cut(text: str, limit: int) -> str:
    """At most so many characters, the end left out."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def cut_markup(markup: str, limit: int) -> str:
    """At most so many characters of markup, never ending inside an entity or a mention."""
    return markup if len(markup) <= limit else _HALF_A_TOKEN.sub("", markup[: limit - 1]) + "…"


def cut_in_the_middle(text: str, limit: int) -> str:
    """At most so many characters, the middle left out: names differ at both ends."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - head - 1) :]}"


def by_function(keys: Iterable[VersionKey]) -> list[str]:
    """Versions as readers scan them, functions in the order they come: "`orders-api` 12-31, 33" with an en dash."""
    numbers: dict[str, list[int]] = {}
    for function_name, number in keys:
        numbers.setdefault(function_name, []).append(number)
    return [f"`{name}` {ranges(of_name)}" for name, of_name in numbers.items()]


def packed(items: Iterable[str], separator: str, limit: int) -> Iterator[str]:
    """The items joined into as few texts as fit the limit; an item longer than the limit is cut."""
    text = ""
    for item in items:
        part = cut_markup(item, limit)
        if not text:
            text = part
        elif len(text) + len(separator) + len(part) <= limit:
            text += separator + part
        else:
            yield text
            text = part
    if text:
        yield text


def dry_run_first(run: Run) -> str:
    """What a rehearsal's title begins with."""
    return "Dry run: " if run.dry_run else ""
