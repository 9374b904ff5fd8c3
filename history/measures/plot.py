"""A report as a picture (SVG): how many came and what became of them, and the service level, part by part."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from history.measures.report import Report
from history.measures.tally import Tally
from history.measures.writing import rows

WIDTH, LEFT, RIGHT, TOP, PANEL, GAP, BOTTOM = 1000, 60, 20, 60, 220, 50, 90
BAR = 9
"""The least breadth of a bar with what is around it: a picture of many parts is broader than WIDTH."""
MOST_BARS = 1_000
STYLE = """
  svg { --ink: #1d2430; --paper: #fff; --faint: #d8dde5; --answered: #2f6fb3; --abandoned: #c0492f; --left: #b88a1e;
        --callback: #4d8a57; --waiting: #8b93a1; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e8ebf0; --paper: #14181f; --faint: #343b47; --answered: #6ba6e3; --abandoned: #e57f67;
          --left: #dcb75c; --callback: #84c08e; --waiting: #8b93a1; }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink); }
  .title { font-size: 17px; font-weight: 600; }
  .grid { stroke: var(--faint); stroke-width: 1; }
  .level { fill: none; stroke: var(--answered); stroke-width: 2; }
  .dot { fill: var(--answered); }
"""
KINDS = ("answered", "abandoned", "left", "callbacks", "waiting")
COLOURS = {kind: f"var(--{kind.removesuffix('s')})" for kind in KINDS}
WORDS = {
    "fr": {"answered": "pris", "abandoned": "abandons", "left": "sortis", "callbacks": "rappels",
           "waiting": "en attente", "calls": "Appels en file", "level": "Niveau de service",
           "cut": "les {most} premières parts sur {of}"},
    "en": {"answered": "answered", "abandoned": "abandoned", "left": "left", "callbacks": "callbacks",
           "waiting": "waiting", "calls": "Calls in line", "level": "Service level",
           "cut": "the first {most} parts of {of}"},
}  # fmt: skip


def plot(report: Report, title: str, language: str = "en") -> str:
    """All parts, or the first MOST_BARS, which the title then says; the total where the report is not split."""
    words = WORDS[language]
    parts = list(rows(report))
    parts = parts[:-1] or parts
    if len(parts) > MOST_BARS:
        title = f"{title} ({words['cut'].format(most=MOST_BARS, of=len(parts))})"
        parts = parts[:MOST_BARS]
    wide = max(WIDTH, LEFT + RIGHT + BAR * len(parts))
    each = (wide - LEFT - RIGHT) / len(parts)
    lower = TOP + PANEL + GAP
    height = lower + PANEL + BOTTOM
    most = _round_up(max([tally.offered for _, tally in parts], default=0))
    levels = [report.figures(tally)["service_level"] for _, tally in parts]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height}" width="{wide}" height="{height}" '
        f'role="img" aria-label="{escape(title)}: {words["calls"]}, {words["level"]}">',
        f"<style>{STYLE}</style>",
        f'<rect width="{wide}" height="{height}" fill="var(--paper)"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>',
        f'<text x="{LEFT}" y="{TOP - 10}">{words["calls"]}</text>',
        *_legend(words),
        *_grid(TOP, wide, [f"{most * step / 5:g}" for step in range(6)]),
        *(
            bar
            for place, (_, tally) in enumerate(parts)
            for bar in _bar(tally, place, (wide - LEFT - RIGHT) / len(parts), most)
        ),
        f'<text x="{LEFT}" y="{lower - 10}">{words["level"]}</text>',
        *_grid(lower, wide, [f"{20 * step} %" for step in range(6)]),
        *_line(lower, levels, each),
        *_labels(lower + PANEL, [name for name, _ in parts], each),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _bar(tally: Tally, place: int, width: float, most: float) -> Iterator[str]:
    """One on top of the other: together they are those offered."""
    floor = float(TOP + PANEL)
    for kind in KINDS:
        if count := getattr(tally, kind):
            tall = PANEL * count / most
            floor -= tall
            yield (
                f'<rect x="{LEFT + place * width + width * 0.1:.1f}" y="{floor:.1f}" width="{width * 0.8:.1f}" '
                f'height="{tall:.1f}" fill="{COLOURS[kind]}"><title>{kind}: {count}</title></rect>'
            )


def _line(top: int, levels: Sequence[float | None], width: float) -> Iterator[str]:
    """With a gap where nobody was in line."""
    for there, run in groupby(enumerate(levels), key=lambda each: each[1] is not None):
        if not there:
            continue
        spots = [(LEFT + (place + 0.5) * width, top + PANEL * (1 - (level or 0))) for place, level in run]
        yield f'<polyline class="level" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>'
        for x, y in spots:
            yield f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def _grid(top: int, wide: int, labels: Sequence[str]) -> Iterator[str]:
    for step, text in enumerate(labels):
        y = top + PANEL * (1 - step / (len(labels) - 1))
        yield f'<line class="grid" x1="{LEFT}" x2="{wide - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'


def _labels(y: int, names: Sequence[str], width: float) -> Iterator[str]:
    every = max(1, round(22 / width))
    for place, name in enumerate(names):
        if place % every == 0:
            x = LEFT + (place + 0.5) * width
            shown = name if len(name) <= 14 else f"{name[:13]}…"
            yield (
                f'<text x="{x:.1f}" y="{y + 18}" text-anchor="end" transform="rotate(-40 {x:.1f} {y + 18})">'
                f"{escape(shown)}</text>"
            )


def _legend(words: dict[str, str]) -> Iterator[str]:
    x = WIDTH - RIGHT - 500
    for kind in KINDS:
        yield f'<rect x="{x}" y="{TOP - 22}" width="12" height="12" fill="{COLOURS[kind]}"/>'
        yield f'<text x="{x + 17}" y="{TOP - 11}">{words[kind]}</text>'
        x += 100


def _round_up(value: float) -> float:
    """The next of 5, 10, 20, 25, 50, …"""
    power = 1
    while True:
        for each in (5, 10, 20, 25):
            if value <= each * power:
                return float(each * power)
        power *= 10
