"""What a run costs at most, in US cents."""

from __future__ import annotations

from datetime import timedelta

from live_check.resources import MEMORY_MB
from live_check.scene import Scene
from orchestrator.aws.pricing import cache_price

SHORTEST = timedelta(hours=3)
"""A snapshot's cache is charged for at least so long, however soon the version goes."""
USD_PER_RESTORED_GB = 0.0001397998
USD_PER_METRIC_ASKED = 0.01 / 1000
GB = MEMORY_MB / 1024


def in_words(scene: Scene) -> str:
    """Say what a run cost: snapshots kept and restored, and metrics asked; the rest is nothing to speak of.

    Credits, a free tier and what is billed otherwise here would make it less.
    """
    now = scene.world.clock()
    price = cache_price(scene.clients.prices, scene.world.region, now.date())
    kept = max(now - scene.started, SHORTEST).total_seconds()
    snapshots = scene.snapshots * kept * GB * price.usd_per_gb_second
    restored = scene.sent.total() * GB * USD_PER_RESTORED_GB
    metrics = scene.metrics_asked * USD_PER_METRIC_ASKED
    cents = 100 * (snapshots + restored + metrics)
    return (
        f"It cost at most {cents:.1f} cents: {scene.snapshots} snapshots kept for three hours "
        f"{100 * snapshots:.1f}, calls {100 * restored:.1f}, metrics {100 * metrics:.1f}."
    )
