"""Draws figures as an SVG of horizontal bars: a group for each kind of work, each with its own scale."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

WIDTH, LEFT, RIGHT = 720, 150, 110
BAR, STEP, GROUP, TOP = 14, 19, 30, 34
OURS, OTHERS = "#1d5b8f", "#b9c2ca"
STYLE = "font:12px system-ui,sans-serif;fill:#222"


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]], ours: str) -> str:
    """An SVG. `groups` are {work: {program: cost}}; the program named `ours` stands out."""
    height = TOP + sum(GROUP + STEP * len(group) for group in groups.values()) + 10
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" style="{STYLE}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="12" y="22" style="font-weight:600;font-size:14px">{escape(title)}</text>',
    ]
    at = TOP
    for work, group in groups.items():
        drawn.append(f'<text x="12" y="{at + 20}" style="font-weight:600">{escape(work)}</text>')
        at += GROUP
        most = max(group.values())
        for name, cost in sorted(group.items(), key=lambda pair: pair[1]):
            length = cost / most * (WIDTH - LEFT - RIGHT)
            weight = ";font-weight:600" if name == ours else ""
            drawn += [
                f'<text x="{LEFT - 8}" y="{at + 11}" text-anchor="end" style="font-size:12px{weight}">'
                f"{escape(name)}</text>",
                f'<rect x="{LEFT}" y="{at}" width="{max(length, 1):.1f}" height="{BAR}" '
                f'fill="{OURS if name == ours else OTHERS}"/>',
                f'<text x="{LEFT + length + 6:.1f}" y="{at + 11}" style="font-size:12px{weight}">'
                f"{cost:.3g} {escape(unit)}</text>",
            ]
            at += STEP
    return "\n".join([*drawn, "</svg>\n"])
