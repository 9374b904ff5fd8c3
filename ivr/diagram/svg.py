"""The picture as SVG: it fits its window, is light or dark as the reader's screen is, and can be read aloud. Whatever
an admin or a caller wrote goes through ElementTree, which escapes it."""

from itertools import pairwise
from xml.etree import ElementTree as Tree

from ivr.diagram.graph import Graph
from ivr.diagram.places import CHIP, HEAD, LINE, XY, Card, Line, Placed
from ivr.model import HANGUP, RETURN

SPACE = "http://www.w3.org/2000/svg"
KINDS = {
    "asks": ("menu", "ask", "survey", "record", "voicemail"),
    "people": ("queue", "transfer", "callback"),
    "decides": ("branch", "hours", "lookup", "set", "language", "flow", "sms"),
}
"""Which verbs share a colour; the others speak."""
END_WORDS = {HANGUP: "the end", RETURN: "the flow that called this one"}
STYLE = """
svg{--paper:#fff;--ink:#1b1f2a;--soft:#5a6275;--line:#8a93a8;--card:#fff;--edge:#c9cfdb;
--says:#2a5bd7;--asks:#8a3ffc;--people:#0f7b4f;--decides:#a65b00;--end:#c01c3c;--chip:#eef1f7}
@media(prefers-color-scheme:dark){svg{--paper:#12151d;--ink:#eef1f7;--soft:#a9b2c6;--line:#6d7890;--card:#1c212d;
--edge:#39414f;--says:#7fa3ff;--asks:#c39bff;--people:#5fd39f;--decides:#f0a94b;--end:#ff7b93;--chip:#2a3140}}
svg{background:var(--paper)}text{font:13px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--ink)}
.card{fill:var(--card);stroke:var(--edge)}.name{font-weight:600}.verb,.title{font-size:11px}
.title{font-size:15px;font-weight:600}.said{fill:var(--soft);font-size:12px}.chip{fill:var(--chip)}
.label{font-size:11px;text-anchor:middle}.ends .label{fill:var(--end)}.verb{text-anchor:end}
.says .verb{fill:var(--says)}.says .bar{fill:var(--says)}.asks .verb{fill:var(--asks)}.asks .bar{fill:var(--asks)}
.people .verb{fill:var(--people)}.people .bar{fill:var(--people)}.decides .verb{fill:var(--decides)}
.decides .bar{fill:var(--decides)}.end .verb{fill:var(--end)}.end .bar{fill:var(--end)}
.arrow{fill:none;stroke:var(--line);stroke-width:1.5}.back{stroke-dasharray:5 4}.tip{fill:var(--line)}
.start{fill:var(--says)}
"""


def picture(graph: Graph, placed: Placed) -> str:
    """An SVG document."""
    width, height = f"{placed.width:.0f}", f"{placed.height:.0f}"
    svg = Tree.Element(
        "svg", {"xmlns": SPACE, "viewBox": f"0 0 {width} {height}", "role": "img", "aria-labelledby": "title desc",
                "style": f"width:100%;height:100%;max-width:{width}px;display:block;margin:auto"}
    )  # fmt: skip
    _text(svg, "title", graph.title, id="title")
    _text(svg, "desc", _described(graph), id="desc")
    _text(svg, "style", STYLE)
    marker = _add(
        _add(svg, "defs"), "marker",
        id="tip", viewBox="0 0 8 8", refX="7", refY="4", markerWidth="8", markerHeight="8", orient="auto",
    )  # fmt: skip
    _add(marker, "path", d="M0 0L8 4L0 8z", **{"class": "tip"})
    _text(svg, "text", graph.title, x="12", y="22", **{"class": "title"})
    for line in placed.lines:
        _draw_line(svg, line)
    for card in placed.cards:
        _draw_card(svg, card, card.box.name == graph.start)
    return Tree.tostring(svg, encoding="unicode") + "\n"


def _described(graph: Graph) -> str:
    """The flow in words, for who cannot see it."""
    steps = []
    for box in graph.boxes.values():
        ways = [f"{out.label or 'then'} to {END_WORDS.get(out.target, out.target)}" for out in box.outs]
        steps.append(f"{box.name} ({box.verb}): {', '.join(ways) or 'the end'}.")
    return f"The flow {graph.name} starts at {graph.start}. " + " ".join(steps)


def _draw_card(svg: Tree.Element, card: Card, starts: bool) -> None:
    kind = (
        "end"
        if card.box.verb == "hangup"
        else next((k for k, verbs in KINDS.items() if card.box.verb in verbs), "says")
    )
    group = _add(svg, "g", transform=f"translate({card.x:.1f} {card.y:.1f})", **{"class": kind})
    _text(group, "title", f"{card.box.name}: {card.box.said}" if card.box.said else card.box.name)
    _add(group, "rect", width=f"{card.width:.1f}", height=f"{card.height:.1f}", rx="7", **{"class": "card"})
    _add(group, "rect", width="4", height=f"{card.height - 12:.1f}", y="6", x="0", rx="2", **{"class": "bar"})
    if starts:
        middle = card.width / 2
        _add(group, "path", d=f"M{middle - 8:.1f} -12h16l-8 9z", **{"class": "start"})
    _text(group, "text", card.box.name, x="12", y="18", **{"class": "name"})
    _text(group, "text", card.box.verb, x=f"{card.width - 10:.1f}", y="18", **{"class": "verb"})
    for number, line in enumerate(card.lines):
        _text(group, "text", line, x="12", y=f"{HEAD + LINE * number + 10:.1f}", **{"class": "said"})
    for chip in card.chips:
        top = card.height - CHIP - 4
        inner = _add(group, "g", **{"class": "ends" if chip.ends else "goes"})
        _add(inner, "rect", x=f"{chip.x:.1f}", y=f"{top:.1f}", width=f"{chip.width:.1f}", height=f"{CHIP:g}", rx="10",
             **{"class": "chip"})  # fmt: skip
        _text(inner, "text", chip.text, x=f"{chip.x + chip.width / 2:.1f}", y=f"{top + 14:.1f}", **{"class": "label"})


def _draw_line(svg: Tree.Element, line: Line) -> None:
    path = _add(
        svg, "path", d=_curve(line), **{"class": "arrow back" if line.back else "arrow", "marker-end": "url(#tip)"}
    )
    _text(path, "title", f"{line.source} → {line.target}")


def _curve(line: Line) -> str:
    """Smooth: upright at each point; arrows that lead back arrive at the side."""
    points = line.points
    pieces = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for number, (one, other) in enumerate(pairwise(points)):
        pieces.append(_bend(one, other, line.back and number == len(points) - 2))
    return "".join(pieces)


def _bend(one: XY, other: XY, sideways: bool) -> str:
    if one[0] == other[0] and not sideways:
        return f"V{other[1]:.1f}"
    reach = max(14.0, abs(other[1] - one[1]) * 0.5)
    down = 1 if other[1] > one[1] else -1
    x, y = (other[0] + min(60.0, reach), other[1]) if sideways else (other[0], other[1] - down * reach)
    return f"C{one[0]:.1f} {one[1] + down * reach:.1f} {x:.1f} {y:.1f} {other[0]:.1f} {other[1]:.1f}"


def _add(parent: Tree.Element, tag: str, **attributes: str) -> Tree.Element:
    return Tree.SubElement(parent, tag, attributes)


def _text(parent: Tree.Element, tag: str, text: str, **attributes: str) -> Tree.Element:
    element = _add(parent, tag, **attributes)
    element.text = text
    return element
