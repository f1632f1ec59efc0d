"""Draws lines of figures as a small SVG: counts to the right in powers of ten, costs upwards."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 60, 230, 44, 44
COLOURS = ("#1d5b8f", "#b3541e", "#3c7a3f", "#7a4b94", "#555555")
STYLE = "font:12px system-ui,sans-serif;fill:#222"


def lines(title: str, below: str, series: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """An SVG of one line for each series of (how many, cost). `below` says what is counted."""
    most = max(cost for points in series.values() for _, cost in points)
    step = 10 ** math.floor(math.log10(most))
    step = next(one for one in (step / 5, step / 2, step, 2 * step) if most / one <= 6)
    top = math.ceil(most / step) * step
    counts = sorted({count for points in series.values() for count, _ in points})

    def x(count: int) -> float:
        first, last = math.log10(counts[0]), math.log10(counts[-1])
        return LEFT + (math.log10(count) - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def y(cost: float) -> float:
        return HEIGHT - BOTTOM - cost / top * (HEIGHT - TOP - BOTTOM)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" style="{STYLE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="12" y="22" style="font-weight:600">{escape(title)}</text>',
    ]
    for number in range(round(top / step) + 1):
        at = y(number * step)
        drawn.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{number * step:,g}</text>')
    for count in counts:
        drawn.append(
            f'<text x="{x(count):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{count:,}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    drawn.append(f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{escape(below)}</text>')
    labels = _apart({name: y(points[-1][1]) for name, points in series.items()})
    for (name, points), colour in zip(series.items(), COLOURS, strict=False):
        path = "L".join(f"{x(count):.1f} {y(cost):.1f}" for count, cost in points)
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [
            f'<circle cx="{x(count):.1f}" cy="{y(cost):.1f}" r="3" fill="{colour}"/>'
            for count, cost in points
        ]
        place = f'x="{WIDTH - RIGHT + 8}" y="{labels[name] + 4:.1f}"'
        drawn.append(f'<text {place} style="fill:{colour}">{escape(name)}</text>')
    return "\n".join([*drawn, "</svg>\n"])


def _apart(wanted: Mapping[str, float]) -> dict[str, float]:
    """The heights moved down where two labels would lie on each other."""
    placed: dict[str, float] = {}
    for name, at in sorted(wanted.items(), key=lambda pair: pair[1]):
        placed[name] = max(at, max(placed.values(), default=-math.inf) + 15)
    return placed
