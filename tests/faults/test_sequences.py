"""Weeks of scans, answers and silence in any order: nothing kept is news before its end, and no news goes unseen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from fakes.aws import Cloud
from fakes.slack import team
from tests.faults.conftest import Count
from tests.faults.law import Breaches, live_buttons, locks_left, whole_functions
from tests.harness import Harness, a_clock, harness
from tests.workflow.fleets import KEPT, a_function
from tests.workflow.seen import ticks

KEEP_DAYS = 30
SCANS = 4
SEQUENCES = 30
IN_THE_SUITE = 1
SHARDS = 10
SILENT_FROM = 4
"""Expiries in a row after which the schedule asks once a month."""
DIES_AMONG = 25
"""How many checkpoints a scan and its answer write."""


@dataclass(slots=True)
class Year:
    """One account over many scans, and what its approvers said in so many words."""

    play: Harness
    chance: random.Random
    kept: dict[str, date] = field(default_factory=dict)
    """The last day that each version is kept."""
    approved: set[str] = field(default_factory=set)
    expired_in_a_row: int = 0
    told: list[str] = field(default_factory=list)
    """What happened, for whoever reads a failure."""

    @property
    def today(self) -> date:
        return self.play.clock.now.date()

    def news(self) -> set[str]:
        """What costs money, is idle, and is not kept today."""
        idle = {
            f"{function.name}:{number}"
            for function in self.play.cloud.functions.values()
            for number in sorted(function.numbers)[:-KEPT]
            if not any(alias.refers_to(number) for alias in function.aliases.values())
        }
        return {label for label in idle if self.kept.get(label, date.min) < self.today}

    def scans(self, number: int) -> Breaches:
        """Scan once, answer somehow, and judge what was shown and what is remembered."""
        play, news = self.play, self.news()
        scheduled = self.chance.random() < 2 / 3
        posted = len(play.posts)
        if self.chance.random() < 1 / 3:
            play.dies_after(len(play.checkpoints) + self.chance.randint(1, DIES_AMONG))
        arn = play.starts({"request_id": f"week-{number}"} if scheduled else {"requested_by": team.ASKER})
        play.eventually(lambda: "approval submitter" in play.steps(arn) or play.is_over(arn))
        if play.is_over(arn):
            self.told.append("nothing to ask" if scheduled else "nothing idle")
            may_be_silent = not news or (scheduled and self.expired_in_a_row >= SILENT_FROM)
            return Breaches(
                messages_lost=int(not may_be_silent),
                messages_doubled=int(scheduled and len(play.posts) > posted),
                without_an_end=int(not play.result(arn).result),
            ) + self._judged(arn)
        offered = ticks(play)
        settled = [label for label, ticked in offered.items() if ticked and label in self.kept]
        shown = Breaches(
            remembered_wrongly=len(settled) + int(scheduled and not news),
            messages_lost=len(news - set(offered)),
        )
        self._answers(arn, offered, scheduled=scheduled)
        return shown + self._judged(arn)

    def _answers(self, arn: str, offered: Mapping[str, bool], *, scheduled: bool) -> None:
        ways: list[Callable[[str, Mapping[str, bool]], None]] = [
            self._approves,
            self._unticks_some,
            self._rejects,
            self._is_silent,
            self._stops,
        ]
        way = self.chance.choice(ways if any(offered.values()) else [self._rejects, self._is_silent, self._stops])
        self.told.append(f"{'scheduled' if scheduled else 'asked'}: {way.__name__.strip('_')} of {sorted(offered)}")
        way(arn, offered)
        if way == self._is_silent:
            self.expired_in_a_row += scheduled
        elif way != self._stops:
            self.expired_in_a_row = 0

    def _approves(self, _arn: str, offered: Mapping[str, bool]) -> None:
        self._presses("approve")
        self.approved |= {label for label, ticked in offered.items() if ticked}

    def _unticks_some(self, arn: str, offered: Mapping[str, bool]) -> None:
        ticked = sorted(label for label, is_ticked in offered.items() if is_ticked)
        unticked = self.chance.sample(ticked, len(ticked) // 2)
        approver = self.play.somebody(team.APPROVER)
        for label in unticked:
            approver.unticks(self.play.root, label)
        self._keep(unticked)
        self._approves(arn, {label: True for label in ticked if label not in unticked})

    def _rejects(self, _arn: str, offered: Mapping[str, bool]) -> None:
        self._presses("reject")
        self._keep(offered)

    def _is_silent(self, arn: str, _offered: Mapping[str, bool]) -> None:
        self.play.nobody_decides(arn)

    def _stops(self, _arn: str, _offered: Mapping[str, bool]) -> None:
        self.play.somebody(team.APPROVER).types("/snapstart stop", channel=team.REVIEW)

    def _presses(self, button: str) -> None:
        self.play.somebody(team.APPROVER).presses(self.play.root, button)

    def _keep(self, labels: Mapping[str, bool] | list[str]) -> None:
        until = self.today + timedelta(days=KEEP_DAYS)
        self.kept |= {label: max(until, self.kept.get(label, until)) for label in labels}

    def _judged(self, arn: str) -> Breaches:
        play = self.play
        play.result(arn)
        for other in play.runs:
            play.result(other)
        deleted = set(play.deleted)
        self.kept = {label: until for label, until in self.kept.items() if label not in deleted}
        remembered = {
            f"{keep['function_name']}:{keep['version']}": date.fromisoformat(keep["until"])
            for key in play.keys(f"memory/{play.cloud.account_id}/")
            for keep in play.record(key)["keeps"]
        }
        in_force = {label: until for label, until in self.kept.items() if until >= self.today}
        said_by_nobody = [label for label, until in remembered.items() if self.kept.get(label) != until]
        forgotten = [label for label in in_force if label not in remembered]
        return Breaches(
            messages_doubled=sum(times - 1 for times in Counter(play.posts).values()),
            wrongly_deleted=len(deleted - self.approved) + whole_functions(play),
            not_deleted=len(self.approved - deleted),
            remembered_wrongly=len(said_by_nobody) + len(forgotten),
            live_buttons=live_buttons(play),
            locks_left=locks_left(play),
            without_an_end=int(not (play.result(arn).result or play.result(arn).error)),
        )

    def passes(self) -> None:
        """Let days go by, and now and then a release be published."""
        self.play.clock.passes(days=self.chance.randint(1, 20))
        if self.chance.random() < 1 / 2:
            name = self.chance.choice(["orders-api", "mailer"])
            self.play.cloud.functions[name].publish(1, age_days=20)


def judged(seed: int) -> tuple[Breaches, list[str]]:
    clock, chance = a_clock(), random.Random(seed)
    cloud = Cloud(clock=clock)
    a_function(cloud, "orders-api", idle=3)
    a_function(cloud, "mailer", idle=1, memory_mb=1024)
    with harness(cloud, clock, KEEP_DAYS=str(KEEP_DAYS)) as play:
        year, breaches = Year(play, chance), Breaches()
        for number in range(SCANS):
            breaches += year.scans(number)
            year.passes()
        return breaches, year.told


def test_whatever_is_decided_in_whatever_order_memory_holds_what_approvers_said_and_no_more(
    shard: int, of: int, every: bool, count: Count
) -> None:
    chosen = range(SEQUENCES if every else IN_THE_SUITE)[shard::of]

    told = {seed: judged(seed) for seed in chosen}

    count("a sequence", len(chosen) * SCANS, sum((breaches for breaches, _ in told.values()), Breaches()))
    assert {seed: (str(breaches), story) for seed, (breaches, story) in told.items() if breaches} == {}
