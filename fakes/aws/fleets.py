"""Fleets to look at and to measure with: one that a platform engineer would recognise, and one that is simply big."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from fakes.aws.account import Function
from fakes.aws.cloud import Cloud

HOUR = timedelta(hours=1)
A_WEEK, FIVE_WEEKS = timedelta(days=7), timedelta(days=35)
"""How long ago this fleet was cleaned, twice."""
OPT_OUT_TAG = "snapstart-cleaner:keep"


def believable(cloud: Cloud) -> None:
    """Seed seventeen functions of a shop whose deployments pile up: ages relative to the cloud's clock at this moment.

    Busy services whose old versions nobody calls, canaries, a queue on a number, a failed build, Java that is free, a
    container image, versions that were deleted a week and five weeks ago, a team that opted out, one whose metrics
    CloudWatch does not hand out, traffic nobody can explain.
    """
    _busy_services(cloud)
    _held_for_a_reason(cloud)
    _odd_ones(cloud)


def busy_through_alias(cloud: Cloud, *, functions: int = 100, versions: int = 50) -> None:
    """Seed functions whose every call goes through `live` to their newest version, hourly for 35 days.

    All versions are older than 35 days: all but the kept ones are idle.
    """
    for index in range(functions):
        function = cloud.function(f"service-{index:04d}", memory_mb=1024)
        function.publish(versions, age_days=40)
        function.alias("live", versions).invoked("live", every=HOUR, count=100)


def of_several_pages(cloud: Cloud) -> None:
    """Seed the believable fleet and thirty services more: what is idle needs several pages."""
    believable(cloud)
    for index in range(1, 31):
        service = cloud.function(f"service-{index:02d}", memory_mb=512 * (1 + index % 3), tags={"team": "platform"})
        service.publish(14, number=20 + index, age_days=0.5, apart=timedelta(days=4))
        released(service, calls_an_hour=10 * index)


def of_a_second_account(cloud: Cloud) -> None:
    """Seed three functions of a search team; two bear names and numbers that the believable fleet has too."""
    team = {"team": "search"}
    orders = cloud.function("orders-api", memory_mb=512, tags=team)
    released(orders.publish(12, number=110, age_days=2.2, apart=timedelta(days=5)), calls_an_hour=40)
    catalog = cloud.function("catalog-search", runtime="python3.13", memory_mb=1024, tags=team)
    released(catalog.publish(10, number=57, age_days=4.1, apart=timedelta(days=6)), calls_an_hour=300)
    ranking = cloud.function("query-ranking", runtime="dotnet8", memory_mb=3008, tags=team)
    released(ranking.publish(9, number=3, age_days=1.4, apart=timedelta(days=7)), calls_an_hour=80)


def released(function: Function, alias: str = "live", *, calls_an_hour: int = 20) -> Function:
    """Point an alias at the newest version and tell its past: each version served it until the next."""
    moments = [function.published_at(number) for number in function.numbers]
    for number, since, until in zip(function.numbers, moments, [*moments[1:], None], strict=True):
        function.invoked(alias, version=number, every=HOUR, since=since, until=until, count=calls_an_hour)
        function.alias(alias, number, at=since)
    return function


DEPLOYS: Mapping[str, tuple[str, timedelta]] = {
    "orders-api": ("live", timedelta(days=1.6)),
    "checkout-api": ("live", timedelta(days=0.9)),
    "catalog-search": ("live", timedelta(days=4.5)),
    "price-rules": ("production", timedelta(days=2)),
}
"""How often the busy services of the believable fleet are deployed, and by which alias they are called."""


def days_pass(cloud: Cloud, since: datetime) -> None:
    """Let the believable fleet have gone on since a moment: deployments, and calls through every alias."""
    for name, function in cloud.functions.items():
        alias, apart = DEPLOYS.get(name, ("", None))
        while apart is not None and function.published_at(function.numbers[-1]) + apart <= cloud.now():
            moment = function.published_at(function.numbers[-1]) + apart
            function.publish(last_modified=moment)
            function.alias(alias, function.numbers[-1], at=moment)
            function.invoked(alias, every=HOUR, since=max(moment, since), count=60)
        for called in function.aliases:
            function.invoked(called, every=HOUR, since=since, count=2)


def _busy_services(cloud: Cloud) -> None:
    """Where the bill comes from: a deployment every few days, the long tail behind `live` never called again."""
    shop = {"team": "shop"}
    orders = cloud.function("orders-api", memory_mb=1536, tags=shop)
    released(orders.publish(28, number=112, age_days=1.3, apart=timedelta(days=1.6)), calls_an_hour=420)

    checkout = cloud.function("checkout-api", runtime="python3.13", memory_mb=1024, architecture="arm64", tags=shop)
    checkout.publish(46, number=301, age_days=0.4, apart=timedelta(days=0.9))
    released(checkout, calls_an_hour=610)
    newest = checkout.numbers[-1]
    checkout.alias("live", newest - 1, weights={newest: 0.1}).invoked("live", version=newest - 1, every=HOUR, count=9)

    search = cloud.function("catalog-search", runtime="dotnet8", memory_mb=2048, tags={"team": "catalog"})
    released(search.publish(15, number=57, age_days=3.2, apart=timedelta(days=4.5)), calls_an_hour=150)

    pricing = cloud.function("price-rules", runtime="dotnet10", memory_mb=1024, tags={"team": "catalog"})
    released(pricing.publish(24, number=9, age_days=2.1, apart=timedelta(days=2)), "production")
    pricing.alias("staging", 24)

    for function, earlier, last_week in (
        (orders, range(28, 98), range(98, 112)),
        (checkout, range(210, 290), range(290, 301)),
        (search, range(10, 50), range(50, 57)),
    ):
        published = cloud.now() - timedelta(days=200)
        function.went(earlier, published=published, at=cloud.now() - FIVE_WEEKS)
        function.went(last_week, published=published, at=cloud.now() - A_WEEK)

    sessions = cloud.function("session-store", memory_mb=256, snap_start=False, tags=shop)
    released(sessions.publish(30, age_days=1.0), calls_an_hour=900)


def _held_for_a_reason(cloud: Cloud) -> None:
    """One function for each thing that protects a version."""
    billing = cloud.function("billing-events", memory_mb=768, tags={"team": "billing"})
    billing.publish(12, number=21, age_days=9, apart=timedelta(days=6))
    billing.event_source(25, queue="billing-events").invoked(25, every=HOUR, count=3)

    exports = cloud.function("invoice-export", memory_mb=1024, tags={"team": "billing"})
    released(exports.publish(10, number=4, age_days=6, apart=timedelta(days=9)), calls_an_hour=1)
    exports.policy(6).alias("live", 13, weights={5: 0.05})

    nightly = cloud.function("nightly-report", memory_mb=512, tags={"team": "finance"})
    nightly.publish(6, number=1, age_days=30, apart=timedelta(days=21))
    nightly.invoked(3, every=timedelta(days=1), count=1)

    webhook = cloud.function("payments-webhook", memory_mb=512, tags={"team": "payments", OPT_OUT_TAG: "true"})
    released(webhook.publish(14, number=40, age_days=4, apart=timedelta(days=5)), calls_an_hour=75)

    loyalty = cloud.function("loyalty-points", memory_mb=512, tags={"team": "shop"})
    loyalty.publish(4, number=17, age_days=16, apart=timedelta(days=9)).alias("live", 17)
    two_days_ago = cloud.now() - timedelta(days=2)
    loyalty.alias("live", 20, at=two_days_ago).invoked("live", every=HOUR, since=two_days_ago, count=2)

    refunds = cloud.function("refund-flow", memory_mb=1024, tags={"team": "payments"})
    released(refunds.publish(5, number=1, age_days=33, apart=timedelta(days=12)), calls_an_hour=3)
    cloud.stack("refunds", "UPDATE_ROLLBACK_FAILED", functions=[refunds])

    onboarding = cloud.function("onboarding-flow", runtime="python3.13", memory_mb=512, durable=True)
    released(onboarding.publish(7, number=2, age_days=8, apart=timedelta(days=10)), calls_an_hour=2)
    onboarding.running_execution(4, name="customer-4711")


def _odd_ones(cloud: Cloud) -> None:
    """Versions that are free, failed, of no known runtime, or not to be judged."""
    ledger = cloud.function("ledger-posting", runtime="java21", memory_mb=2048, tags={"team": "billing"})
    released(ledger.publish(9, number=80, age_days=5, apart=timedelta(days=6)), calls_an_hour=90)

    fraud = cloud.function("fraud-score", memory_mb=1024, tags={"team": "payments"})
    fraud.publish(7, number=14, age_days=16, apart=timedelta(days=8))
    fraud.publish(age_days=13, state="Failed", state_reason_code="FunctionError.InitTimeout")
    fraud.publish(2, age_days=6, apart=timedelta(days=4))
    released(fraud, calls_an_hour=35)

    resize = cloud.function("image-resize", memory_mb=1536, package_type="Image", tags={"team": "media"})
    released(resize.publish(8, number=30, age_days=7, apart=timedelta(days=8)), calls_an_hour=12)

    render = cloud.function("pdf-render", memory_mb=3008, tags={"team": "media"})
    released(render.publish(14, number=66, age_days=11, apart=timedelta(days=7)), calls_an_hour=4)
    cloud.faults.blur("InternalError", "Rate exceeded", function="pdf-render")

    cloud.function("legacy-import", memory_mb=1024).publish(11, age_days=25, apart=timedelta(days=12)).invoked(
        "v1", version=2, every=timedelta(days=2), until=cloud.now() - timedelta(days=20)
    )
