"""Ask for one function's usage as the scan does."""

from datetime import UTC, datetime, timedelta

from orchestrator.aws.lookback import window
from orchestrator.aws.usage import read_usage, seen_qualifiers
from orchestrator.aws.usage_reading import UsageQuestion
from orchestrator.domain.versions import Missing
from tests.executors import OneAfterTheOther

HOUR = timedelta(hours=1)
AT_ONCE = OneAfterTheOther(1)
DAY = timedelta(days=1)


def hour_of(moment):
    return moment.replace(minute=0, second=0, microsecond=0)


def ask(cloud, cloudwatch, function="orders", *, survivors=None, aliases=None, seen=None, **given):
    """Read one function's usage as the scan does: its numbers, its aliases, what ListMetrics has seen."""
    asked = question(cloud, cloudwatch, function, survivors, aliases, seen)
    return read_usage(cloudwatch, [asked], a_window(**given), AT_ONCE)[function]


def question(cloud, cloudwatch, function="orders", survivors=None, aliases=None, seen=None):
    held = cloud.functions[function]
    seen = seen_qualifiers(cloudwatch, function) if seen is None else seen
    return UsageQuestion(
        function_name=function,
        numbers=tuple(held.numbers),
        survivors=tuple(held.numbers if survivors is None else survivors),
        qualifiers=frozenset(held.aliases if aliases is None else aliases)
        | (frozenset() if isinstance(seen, Missing) else seen),
        targets=tuple((alias.name, alias.version) for alias in held.aliases.values()),
        unseen=seen if isinstance(seen, Missing) else None,
    )


def a_window(lookback_days=35, period_seconds=3600, now=datetime(2026, 11, 20, 12, 34, tzinfo=UTC)):
    return window(now, lookback_days, period_seconds)
