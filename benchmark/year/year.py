"""Play the year: week after week the scan, the answer, and all that happens in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmark.year.approvers import KEPT_FOR_DAYS, Approver, approver_of
from benchmark.year.calendar import Calendar
from benchmark.year.clock import Clock
from benchmark.year.figures import Cached, Figures, Week
from benchmark.year.installation import REGION, Installation, installed
from benchmark.year.oracle import Oracle
from benchmark.year.receipts import Held, Lives
from benchmark.year.rules import Keeps, Label, Truth
from benchmark.year.services import Service
from benchmark.year.world import AT_REST, IN_MOTION, World
from fakes.aws import Cloud
from fakes.slack import Message, team
from orchestrator.domain.unanswered import reminder_at

FIRST_MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)
RECEIPT = ":receipt:"
"""How the title of a receipt begins."""
REMINDS = "still wait"
"""What a reminder says, whatever the number."""
DAY = timedelta(days=1)


@dataclass(slots=True)
class Year:
    """The world, the product in it, the oracle beside it, and what is written down of all three."""

    world: World
    product: Installation
    calendar: Calendar
    oracle: Oracle
    keeps: Keeps = field(default_factory=Keeps)
    shown: set[Label] = field(default_factory=set)
    news_since: dict[Label, datetime] = field(default_factory=dict)
    approved: set[Label] = field(default_factory=set)
    deleted: dict[Label, datetime] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    stale: set[Label] = field(default_factory=set)
    early: list[str] = field(default_factory=list)
    weeks: list[Week] = field(default_factory=list)
    cached: list[Cached] = field(default_factory=list)
    receipts: list[Held] = field(default_factory=list)
    receipts_a_month: Counter[str] = field(default_factory=Counter)

    def play(self, first: datetime) -> Figures:
        """All weeks, one after the other."""
        self.product.cloud.watchers.append(self._watch)
        self._plan_troubles(first)
        self._look_every_day(first)
        for week, monday in self.calendar.mondays(first):
            self.world.passes_until(monday)
            self.oracle.existing.update(self._new_to_the_oracle())
            self._scan(week, monday)
            self.world.passes_until(monday + 6 * DAY + timedelta(hours=12))
        end = first + timedelta(weeks=self.calendar.weeks)
        self.world.passes_until(end)
        self._ask_what_was_saved(end, scanned=monday)
        return self._figures(end)

    def _plan_troubles(self, first: datetime) -> None:
        calendar, world, faults = self.calendar, self.world, self.product.cloud.faults

        def monday(week: int) -> datetime:
            return first + timedelta(weeks=week)

        fails, mended = calendar.stack_fails
        world.at(monday(fails) - DAY, lambda: world.let_stack("billing", IN_MOTION))
        world.at(monday(mended) - DAY, lambda: world.let_stack("billing", AT_REST))
        world.at(monday(calendar.metrics_fail) - 2 * DAY, lambda: _nothing(faults.blur("InternalError", "Try again")))
        world.at(monday(calendar.metrics_fail) + 5 * DAY, faults.clear)
        world.at(monday(calendar.listing_denied) - timedelta(hours=1), lambda: _nothing(faults.deny("ListAliases")))
        world.at(monday(calendar.listing_denied) + timedelta(hours=23), faults.clear)
        world.at(monday(calendar.deletes_denied) - timedelta(hours=1), lambda: _nothing(faults.deny("DeleteFunction")))
        world.at(monday(calendar.deletes_denied) + timedelta(hours=47), faults.clear)

    def _look_every_day(self, day: datetime) -> None:
        """Write down what is cached, today and from now on every day."""
        truth, cloud = self.world.truth, self.product.cloud
        there = sum(v.build.memory_mb / 1024 for f in cloud.functions.values() for v in f.versions.values() if v.pays)
        ever = sum(truth.releases[label].gb for label in self.world.published)
        gone = sum(truth.releases[label].gb for label in self.oracle.deleted)
        self.cached.append(Cached(day, ever, there, ever - gone))
        self.world.at(day + DAY, lambda: self._look_every_day(day + DAY))

    def _new_to_the_oracle(self) -> Iterator[Label]:
        return (label for label in self.world.published if label not in self.oracle.deleted)

    # One week

    def _scan(self, week: int, monday: datetime) -> None:
        product, approver = self.product, approver_of(week, self.calendar.holidays)
        before = len(product.roots)
        news = self._note_news(monday)
        self.oracle.scan(monday)
        arn = product.start({"region": REGION, "request_id": f"week-{week}"})
        asked = product.is_asked(arn)
        if asked:
            self._shows(product.root, monday)
        self._mark_stale(monday)
        if approver.after is None:
            if asked:
                self._wait_for_the_reminder(arn, monday)
                self.world.passes_until(product.expires_at(arn) + timedelta(minutes=1))
                product.expire(arn)
        else:
            if asked:
                self._wait_for_the_reminder(arn, monday, unless_by=monday + approver.after)
            self.world.passes_until(monday + approver.after)
            self.oracle.answered(approver, self.world.clock.now)
            if asked:
                self._answer(arn, approver)
        until = monday + timedelta(weeks=1)
        reminders = sum(REMINDS in one.text and monday <= _posted(one) < until for one in product.replies())
        came = product.roots[before:]
        receipts = [root for root in came if _is_receipt(root)]
        self.receipts_a_month[f"{monday:%Y-%m}"] += len(receipts)
        for receipt in receipts:
            self._hold(receipt, monday, scanned=monday)
        roots = len(came) - len(receipts)
        self.weeks.append(Week(week, roots, reminders, news or week in self.calendar.troubled))

    def _wait_for_the_reminder(self, arn: str, monday: datetime, unless_by: datetime | None = None) -> None:
        moment = reminder_at(monday, self.product.expires_at(arn))
        if moment is not None and (unless_by is None or moment < unless_by):
            self.world.passes_until(moment)
            self.product.remind(arn)

    def _answer(self, arn: str, approver: Approver) -> None:
        """Untick what is kept, tick what was promised to be asked again, approve; page after page."""
        product, today, page = self.product, self.world.clock.now.date(), 1
        while True:
            person, root = product.approver(), product.root
            ticked = {_label(value) for value in person.ticked(root)}
            for label in _boxes(root):
                if label in ticked and approver.keeps(label):
                    person.unticks(root, _value(label))
                    ticked.discard(label)
                    self.keeps.until[label] = today + timedelta(days=KEPT_FOR_DAYS)
                elif label not in ticked and self.keeps.ever(label):
                    person.ticks(root, _value(label))
                    ticked.add(label)
            if approver.picky:
                person.chooses(root, str(KEPT_FOR_DAYS))
            self.approved |= ticked
            person.presses(root, "approve" if ticked else "reject")
            page += 1
            if not product.is_asked(arn, page):
                return
            self._shows(product.root, self.world.clock.now)

    def _ask_what_was_saved(self, now: datetime, *, scanned: datetime) -> None:
        product = self.product
        product.end_of(product.start({"kind": "saved", "requested_by": team.ASKER}))
        self._hold(product.root, now, scanned=scanned)

    # What is held against it

    def _hold(self, receipt: Message, posted: datetime, *, scanned: datetime) -> None:
        """Hold a receipt against all that had really happened when it was posted."""
        truth = self.world.truth
        lives = Lives(
            releases=truth.releases.values(),
            deleted={label: at for label, at in self.deleted.items() if at < posted},
        )
        self.receipts += lives.hold(receipt.text, on=posted.date(), scanned_on=scanned.date())

    def _note_news(self, now: datetime) -> bool:
        """Note since when everything is news that is so now; whether anything is."""
        idle = self.world.truth.idle(self._existing(), now)
        news = {one.label for one in idle if not one.in_spells and not self.keeps.covers(one.label, now.date())}
        self.news_since = {label: self.news_since.get(label, now) for label in news}
        return bool(news)

    def _mark_stale(self, now: datetime) -> None:
        self.stale |= {
            label
            for label, since in self.news_since.items()
            if label not in self.shown and now - since >= timedelta(weeks=2)
        }

    def _shows(self, message: Message, now: datetime) -> None:
        boxes = _boxes(message)
        self.shown.update(boxes)
        self.early += [_value(label) for label in boxes if self.keeps.covers(label, now.date())]

    def _existing(self) -> set[Label]:
        return {
            (name, number) for name, function in self.product.cloud.functions.items() for number in function.numbers
        }

    def _watch(self, operation: str, parameters: Mapping[str, Any]) -> None:
        """Hold a delete that took effect against everything that is known."""
        if operation != "DeleteFunction":
            return
        name = (
            str(parameters["FunctionName"]).rpartition(":function:")[2].partition(":")[0] or parameters["FunctionName"]
        )
        label, now = (name, int(parameters["Qualifier"])), self.world.clock.now
        if label in self.deleted:
            return
        self.deleted[label] = now
        idle = {release.label for release in self.world.truth.idle(self._existing() | {label}, now)}
        spells = self.world.truth.releases[label].in_spells
        if label not in idle or spells or label not in self.approved or self.keeps.covers(label, now.date()):
            self.wrong.append(_value(label))

    def _figures(self, end: datetime) -> Figures:
        def recovered(deleted: Mapping[Label, datetime]) -> float:
            return sum(
                self.world.truth.releases[label].gb * (end - at).total_seconds() for label, at in deleted.items()
            )

        return Figures(
            weeks=tuple(self.weeks),
            deleted=len(self.deleted),
            oracle_deleted=len(self.oracle.deleted),
            recovered_gb_s=recovered(self.deleted),
            oracle_recovered_gb_s=recovered(self.oracle.deleted),
            wrong_deletes=tuple(self.wrong),
            rollbacks=self.world.rollbacks,
            missed=tuple(self.world.missed),
            never_shown=tuple(map(_value, sorted(self.stale))),
            shown_early=tuple(self.early),
            cached=tuple(self.cached),
            receipts=tuple(self.receipts),
            receipts_a_month=self.receipts_a_month,
            published=len(self.world.published),
        )


def play(
    calendar: Calendar,
    services: Sequence[Service],
    *,
    meanwhile: Callable[[World], None] = lambda _: None,
    **settings: str,
) -> Figures:
    """Play a year, or so many weeks of it, on a fresh account, with these settings beside the stack's defaults.

    `meanwhile` plans what somebody does of whom the truth knows nothing.
    """
    clock = Clock(FIRST_MONDAY)
    cloud = Cloud(region=REGION, clock=clock)
    truth = Truth()
    world = World(cloud, clock, truth, frozen=calendar.frozen)
    world.begin(services)
    meanwhile(world)
    with installed(cloud, clock, settings) as product:
        return Year(world, product, calendar, Oracle(truth)).play(FIRST_MONDAY)


def _boxes(message: Message) -> list[Label]:
    return [
        _label(option["value"])
        for block in message.blocks
        for element in block.get("elements", [])
        if element.get("type") == "checkboxes"
        for option in element["options"]
    ]


def _is_receipt(message: Message) -> bool:
    title: str = message.blocks[0].get("text", {}).get("text", "")
    return title.startswith(RECEIPT)


def _label(value: str) -> Label:
    name, _, number = value.rpartition(":")
    return name, int(number)


def _value(label: Label) -> str:
    return f"{label[0]}:{label[1]}"


def _posted(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)


def _nothing(_: object) -> None:
    """What a fault is, nobody needs to know afterwards."""
