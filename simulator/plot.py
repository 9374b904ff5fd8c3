"""The day as a picture: waiting callers above, agents below, as SVG that any browser shows, light or dark."""

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, log10

import numpy as np

from simulator.levels import Curve, Levels

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 960, 200, 60, 20, 60, 46, 40
HEIGHT = TOP + 2 * PANEL + GAP + BOTTOM
TICKS = 5
HOUR_MS = 3_600_000
STYLE = """
  svg { color-scheme: light dark; --ink: #1b1b1b; --faint: #d5d5d5; --wait: #c2410c; --busy: #1d4ed8; --staff: #6b7280;
        --paper: #ffffff; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #ececec; --faint: #454545; --wait: #fb923c; --busy: #7aa2ff; --staff: #a3a3a3; --paper: #1b1b1b; } }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 17px; font-weight: 600; }
  .grid { stroke: var(--faint); stroke-width: 1; }
  .wait { fill: none; stroke: var(--wait); stroke-width: 2; }
  .under { fill: var(--wait); opacity: 0.18; stroke: none; }
  .busy { fill: none; stroke: var(--busy); stroke-width: 2; }
  .staff { fill: none; stroke: var(--staff); stroke-width: 1.5; stroke-dasharray: 5 4; }
"""


def plot(title: str, starts: str, levels: Levels, horizon: int) -> str:
    """`starts`: the time of day at the beginning, HH:MM. The curves are means over the replications."""
    begin = int(starts[:2]) * HOUR_MS + int(starts[3:]) * 60_000
    lower = TOP + PANEL + GAP
    waiting = _Panel(TOP, _round_up(float(levels.waiting.max())), horizon)
    agents = _Panel(lower, _round_up(float(max(levels.staffed.max(), levels.busy.max()))), horizon)
    xs = levels.moments
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{escape(title)}: callers waiting and agents busy over the day">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="var(--paper)"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>',
        f'<text x="{LEFT}" y="{TOP - 10}">Callers waiting</text>',
        *waiting.grid(begin, labelled=False),
        f'<polygon class="under" points="{waiting.under(xs, levels.waiting)}"/>',
        f'<polyline class="wait" points="{waiting.points(xs, levels.waiting)}"/>',
        f'<text x="{LEFT}" y="{lower - 10}">Agents: busy (line) and on shift (dashed)</text>',
        *agents.grid(begin, labelled=True),
        f'<polyline class="staff" points="{agents.points(xs, levels.staffed)}"/>',
        f'<polyline class="busy" points="{agents.points(xs, levels.busy)}"/>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


class _Panel:
    """One diagram: its upper edge, the value at it, and the time at its right end."""

    def __init__(self, top: int, most: float, horizon: int) -> None:
        self._top, self._most, self._horizon = top, most, horizon

    def grid(self, begin: int, *, labelled: bool) -> Iterator[str]:
        for step in range(TICKS + 1):
            value = self._most * step / TICKS
            y = self._y(value)
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        for at in _times(begin, self._horizon):
            x = self._x(at)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self._top}" y2="{self._top + PANEL}"/>'
            if labelled:
                minutes = (begin + at) // 60_000
                text = f"{minutes // 60 % 24:02}:{minutes % 60:02}"
                yield f'<text x="{x:.1f}" y="{self._top + PANEL + 20}" text-anchor="middle">{text}</text>'

    def points(self, moments: Curve, values: Curve) -> str:
        return " ".join(f"{self._x(at):.1f},{self._y(value):.1f}" for at, value in zip(moments, values, strict=True))

    def under(self, moments: Curve, values: Curve) -> str:
        """The line, closed along the axis."""
        floor = f"{self._y(0):.1f}"
        return f"{self._x(moments[0]):.1f},{floor} {self.points(moments, values)} {self._x(moments[-1]):.1f},{floor}"

    def _x(self, at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * at / self._horizon

    def _y(self, value: float) -> float:
        return self._top + PANEL * (1 - value / self._most)


def _times(begin: int, horizon: int) -> Sequence[int]:
    """Round times of day, at most thirteen."""
    steps = [60_000 * minutes for minutes in (1, 5, 15, 30, 60, 120)]
    step = next((each for each in steps if horizon / each <= 12), steps[-1])
    return list(range(-begin % step, horizon + 1, step))


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, … so that a fifth of it is a round number; at least 5."""
    if value <= TICKS:
        return float(TICKS)
    power = 10 ** int(log10(value))
    return float(
        next(each * power for each in np.array([1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10]) if ceil(value) <= each * power)
    )
