"""What a SnapStart version costs a month for as long as it exists.

Price: memory in GB x seconds x the region's cache price. AWS Lambda pricing: Java managed runtimes are free, and a
snapshot is paid for while its version is Active (https://aws.amazon.com/lambda/pricing/, SnapStart).
"""

from __future__ import annotations

from dataclasses import dataclass

SECONDS_IN_A_MONTH = 30 * 24 * 3600
MB_IN_A_GB = 1024


@dataclass(frozen=True, slots=True)
class Price:
    """The cache price of one region, in US dollars a GB-second, and where it comes from."""

    usd_per_gb_second: float
    region: str
    published: str
    """The day the price was published, as YYYY-MM-DD."""
    source: str
    """`price list`, or `built-in table` when the Price List API did not answer."""


def monthly_cost(*, runtime: str | None, memory_mb: int, state: str | None, price: Price) -> float:
    """US dollars in a 30-day month, rounded to cents, so that what people see adds up.

    A State that was not asked (None) counts as Active.
    """
    if is_free(runtime) or state not in (None, "Active"):
        return 0.0
    return round(memory_mb / MB_IN_A_GB * SECONDS_IN_A_MONTH * price.usd_per_gb_second, 2)


def is_free(runtime: str | None) -> bool:
    """Whether AWS charges nothing for the snapshot, whatever its State."""
    return runtime is not None and runtime.startswith("java")


def is_upper_bound(*, runtime: str | None, package_type: str) -> bool:
    """Whether the cost is only an upper bound: a container image does not tell its runtime, which may be free."""
    return runtime is None or package_type == "Image"
