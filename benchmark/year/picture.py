"""The GB cached through the year, without the product, with it and with the oracle: as bars of text and as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from benchmark.year.figures import Cached, Figures

BAR = 56
"""Characters of the longest bar."""
WEEKS_A_BAR = 2
WIDTH, HEIGHT = 860, 330
LEFT, RIGHT, TOP, BOTTOM = 60, 170, 46, 40
LINES: Sequence[tuple[str, str, str, Callable[[Cached], float]]] = (
    ("without", "#b3261e", "", lambda day: day.without),
    ("with", "#1a56b0", "", lambda day: day.with_product),
    ("oracle", "#4d7c0f", "5 4", lambda day: day.with_oracle),
)
"""Each line's name, colour and dashes, and what it shows."""


def bars(figures: Figures) -> Iterator[str]:
    """A bar every other week: full as far as the product leaves it cached, light as far as it would go without."""
    most = max(day.without for day in figures.cached)
    yield "GB cached:  █ with the product  ░ what it would be more without"
    for day in figures.cached[:: 7 * WEEKS_A_BAR]:
        there, ever = (round(gb / most * BAR) for gb in (day.with_product, day.without))
        yield f"  {day.at:%d %b}  {'█' * there}{'░' * (ever - there)}  {day.with_product:,.0f} of {day.without:,.0f}"


def svg(figures: Figures) -> str:
    """The same as a picture of lines, readable on light and dark pages."""
    days, most = figures.cached, max(day.without for day in figures.cached)
    top = _round_up(most)

    def x(number: int) -> float:
        return LEFT + number / (len(days) - 1) * (WIDTH - LEFT - RIGHT)

    def y(gb: float) -> float:
        return HEIGHT - BOTTOM - gb / top * (HEIGHT - TOP - BOTTOM)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            'font-family="system-ui, sans-serif" font-size="12">'
        ),
        f"<title>GB of snapshots cached over {len(figures.weeks)} weeks</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        (
            f'<text x="{LEFT}" y="24" font-size="15" font-weight="600" fill="#1f2328">'
            f"GB of snapshots cached over {len(figures.weeks)} weeks</text>"
        ),
    ]
    for step in range(5):
        gb = top * step / 4
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(gb):.1f}" y2="{y(gb):.1f}" stroke="#d0d7de"/>'
            f'<text x="{LEFT - 8}" y="{y(gb) + 4:.1f}" text-anchor="end" fill="#57606a">{gb:,.0f}</text>'
        )
    parts += [
        f'<text x="{x(number):.1f}" y="{HEIGHT - 14}" fill="#57606a">{at:%b}</text>'
        for number, at in _months([day.at for day in days])
    ]
    for name, colour, dashes, shown in LINES:
        points = " ".join(f"{x(number):.1f},{y(shown(day)):.1f}" for number, day in enumerate(days))
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        last = shown(days[-1])
        lower = 14 if name == "oracle" else 0
        parts.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{y(last) + 4 + lower:.1f}" fill="{colour}">{name}, {last:,.0f} GB</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _months(days: Sequence[datetime]) -> Iterator[tuple[int, datetime]]:
    return ((number, day) for number, day in enumerate(days) if day.day == 1)


def _round_up(gb: float) -> float:
    step: float = 10.0 ** (len(f"{gb:.0f}") - 1) / 2
    return -(-gb // step) * step
