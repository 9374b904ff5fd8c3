"""Where each step stands in the picture, in pixels, and the way of each arrow."""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.diagram.graph import Box, Out, shortened
from ivr.diagram.layers import Arrow, Layers, Point
from ivr.model import ENDS, HANGUP, RETURN

LINE_CHARS, MOST_LINES = 27, 3
WIDTH, HEAD, LINE, CHIP, PAD = 190.0, 26.0, 16.0, 20.0, 12.0
CHAR = 6.0
"""Width of a letter of a label."""
NAME_CHAR = 8.2
"""Of a step's name, which is bold."""
GAP, ARROW_GAP = 20.0, 12.0
"""Between two steps in a row, and beside an arrow that passes."""
ROW_GAP, MOST_ROW_GAP = 38.0, 72.0
LOOP = 40.0
"""Room for an arrow that arrives at a step's right side."""
ROUNDS = 30
TO_THE_MIDDLE = 0.5
"""How strongly each point is pulled to the picture's middle, where an arrow between two steps pulls with 1."""

END_SIGNS = {HANGUP: "✕", RETURN: "↩"}

XY = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Chip:
    """The name of an exit, at the foot of its step."""

    text: str
    x: float
    width: float
    ends: bool
    out: int
    """Which of the step's exits it is."""


@dataclass(frozen=True, slots=True)
class Card:
    """A step as it is drawn: a rectangle whose corner is at (x, y)."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An arrow's points from its step to the one that it leads to."""

    points: tuple[XY, ...]
    back: bool
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Placed:
    """The whole picture."""

    cards: Sequence[Card]
    lines: Sequence[Line]
    width: float
    height: float


def placed(layers: Layers) -> Placed:
    boxes = layers.graph.boxes
    labels = {name: _labels(box, layers.jumps) for name, box in boxes.items()}
    sizes = {name: _size(box, labels[name]) for name, box in boxes.items()}
    centres = _centres(layers, {name: width for name, (width, _) in sizes.items()})
    tops = _tops(layers, {name: height for name, (_, height) in sizes.items()})
    left = min((centres[name] - sizes[name][0] / 2 for name in boxes), default=0.0)
    leftmost = min([left, *(x for point, x in centres.items() if isinstance(point, tuple))], default=0.0)
    shift = PAD * 2 - leftmost
    cards = {}
    for row, points in enumerate(layers.rows):
        for point in points:
            if isinstance(point, str):
                width, height = sizes[point]
                x, y = centres[point] + shift - width / 2, tops[row]
                cards[point] = Card(
                    boxes[point], x, y, width, height, _lines(boxes[point]), _chips(labels[point], width)
                )
    middles = {point: x + shift for point, x in centres.items()}
    lines = _all_lines(layers, cards, middles, tops)
    right = max([*(card.x + card.width for card in cards.values()), *(x for line in lines for x, _ in line.points)])
    right += LOOP if any(line.back for line in lines) else 0.0
    bottom = max(card.y + card.height for card in cards.values())
    return Placed(list(cards.values()), lines, right + PAD * 2, bottom + PAD * 2)


# --- sizes --------------------------------------------------------------------------------------------------------


def _lines(box: Box) -> tuple[str, ...]:
    """What is said, in lines; the last one is cut where there is more."""
    words, lines = shortened(box.said, 400).split(), [""]
    for number, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= LINE_CHARS or not lines[-1]:
            lines[-1] = shortened(longer, LINE_CHARS)
        elif len(lines) == MOST_LINES:
            lines[-1] = shortened(" ".join((lines[-1], *words[number:])), LINE_CHARS)
            break
        else:
            lines.append(shortened(word, LINE_CHARS))
    return tuple(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class _Label:
    """What is written of one exit; `out` is its place among the step's exits."""

    out: int
    text: str
    ends: bool

    @property
    def width(self) -> float:
        return max(20.0, len(self.text) * CHAR + 12)


def _labels(box: Box, jumps: Container[tuple[str, int]]) -> list[_Label]:
    """Exits with a name, those that end the call, and those without an arrow. A verb without exits ends the call."""
    labels = []
    for number, out in enumerate(box.outs or (Out("", HANGUP),)):
        where = END_SIGNS.get(out.target) or (f"▸ {out.target}" if (box.name, number) in jumps else "")
        if text := f"{out.label} {where}".strip():
            labels.append(_Label(number, text, out.target in ENDS))
    return labels


def _size(box: Box, labels: Sequence[_Label]) -> tuple[float, float]:
    chips = sum(label.width + 4 for label in labels)
    height = HEAD + LINE * len(_lines(box)) + 8 + (CHIP + 2 if chips else 0)
    head = len(box.name) * NAME_CHAR + len(box.verb) * CHAR + 34
    return max(WIDTH, chips + 14, head), height


def _chips(labels: Sequence[_Label], width: float) -> tuple[Chip, ...]:
    """Spread over the step's width, from its left."""
    free = (width - sum(label.width for label in labels)) / (len(labels) + 1)
    chips, x = [], free
    for label in labels:
        chips.append(Chip(label.text, x, label.width, label.ends, label.out))
        x += label.width + free
    return tuple(chips)


# --- places -------------------------------------------------------------------------------------------------------


def _tops(layers: Layers, heights: Mapping[str, float]) -> list[float]:
    """The upper edge of each row. Where many arrows pass from row to row, they have more room."""
    passing: dict[int, int] = defaultdict(int)
    rows = {point: row for row, points in enumerate(layers.rows) for point in points}
    for arrow in layers.arrows:
        for upper in arrow.way[:-1]:
            passing[rows[upper]] += 1
    tops, y = [], PAD * 3
    for row, points in enumerate(layers.rows):
        tops.append(y)
        tallest = max((heights[point] for point in points if isinstance(point, str)), default=0.0)
        y += tallest + min(MOST_ROW_GAP, ROW_GAP + 2 * passing[row])
    return tops


def _centres(layers: Layers, widths: Mapping[str, float]) -> dict[Point, float]:
    """The middle of each point: as close to its neighbours as the others in its row let it."""
    centres: dict[Point, float] = {}
    gaps = [[_apart(left, right, widths) for left, right in pairwise(row)] for row in layers.rows]
    for row, apart in zip(layers.rows, gaps, strict=True):
        offsets = _offsets(apart)
        centres |= {point: offset - offsets[-1] / 2 for point, offset in zip(row, offsets, strict=True)}
    pulls = _pulls(layers)
    for turn in range(ROUNDS):
        order = range(len(layers.rows)) if turn % 2 == 0 else range(len(layers.rows) - 1, -1, -1)
        for index in order:
            row = layers.rows[index]
            wanted, weights = [], []
            for point in row:
                near = pulls[point]
                weight = sum(pull for _, pull in near) + TO_THE_MIDDLE
                wanted.append(sum(centres[other] * pull for other, pull in near) / weight)
                weights.append(weight)
            centres |= dict(zip(row, _spread(wanted, weights, gaps[index]), strict=True))
    return centres


def _apart(left: Point, right: Point, widths: Mapping[str, float]) -> float:
    """The least distance between two middles."""
    halves = [widths[point] / 2 if isinstance(point, str) else 0.0 for point in (left, right)]
    steps = isinstance(left, str) + isinstance(right, str)
    return sum(halves) + (GAP if steps == 2 else ARROW_GAP)


def _pulls(layers: Layers) -> dict[Point, list[tuple[Point, float]]]:
    """Arrows that pass through rows pull hardest, so that they are straight (Gansner and others, 1993)."""
    pulls: dict[Point, list[tuple[Point, float]]] = defaultdict(list)
    for arrow in layers.arrows:
        for one, other in pairwise(arrow.way):
            if one != other:
                strength = (1.0, 2.0, 8.0)[isinstance(one, tuple) + isinstance(other, tuple)]
                strength *= 0.4 if arrow.back else 1.0
                pulls[one].append((other, strength))
                pulls[other].append((one, strength))
    return pulls


def _offsets(apart: Sequence[float]) -> list[float]:
    offsets = [0.0]
    for gap in apart:
        offsets.append(offsets[-1] + gap)
    return offsets


def _spread(wanted: Sequence[float], weights: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Places in this order, at least so far apart, whose weighted squared distances to the wanted ones are least: a
    regression that never falls, by pooling neighbours that violate it."""
    offsets = _offsets(apart)
    pools: list[tuple[float, float, int]] = []
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        place, count = want - offset, 1
        while pools and pools[-1][0] > place:
            other, heavy, many = pools.pop()
            place = (place * weight + other * heavy) / (weight + heavy)
            weight, count = weight + heavy, count + many
        pools.append((place, weight, count))
    flat = [place for place, _, count in pools for _ in range(count)]
    return [place + offset for place, offset in zip(flat, offsets, strict=True)]


# --- arrows -------------------------------------------------------------------------------------------------------


def _all_lines(
    layers: Layers, cards: Mapping[str, Card], middles: Mapping[Point, float], tops: Sequence[float]
) -> list[Line]:
    arrivals: dict[tuple[str, bool], list[tuple[float, int]]] = defaultdict(list)
    for number, arrow in enumerate(layers.arrows):
        near = arrow.way[1] if arrow.back else arrow.way[-2] if len(arrow.way) > 1 else arrow.way[0]
        arrivals[arrow.target, arrow.back].append((middles[near], number))
    lines = []
    for number, arrow in enumerate(layers.arrows):
        comers = sorted(arrivals[arrow.target, arrow.back])
        share = ([n for _, n in comers].index(number) + 1) / (len(comers) + 1)
        lines.append(_line(arrow, cards, middles, tops, share))
    return lines


def _line(
    arrow: Arrow, cards: Mapping[str, Card], middles: Mapping[Point, float], tops: Sequence[float], share: float
) -> Line:
    """`share`: where along the target's edge the arrow arrives, from 0 to 1."""
    source, target = cards[arrow.source], cards[arrow.target]
    start = (source.x + _leaves(source, arrow), source.y + source.height)
    if arrow.back:
        # Up from the step's top, into the target's right side.
        start = (source.x + source.width * (0.95 - 0.07 * min(arrow.out, 5)), source.y)
        end = (target.x + target.width, target.y + HEAD / 2 + 4 + 10 * (share - 0.5))
    else:
        end = (target.x + target.width * (0.5 + (share - 0.5) * 0.6), target.y)
    inner = [(middles[point], _row(tops, point)) for point in arrow.way[1:-1] if isinstance(point, tuple)]
    via: list[XY] = []
    for x, (top, bottom) in inner:
        via += [(x, top), (x, bottom)]
    return Line((start, *(reversed(via) if arrow.back else via), end), arrow.back, arrow.source, arrow.target)


def _row(tops: Sequence[float], point: tuple[int, int]) -> XY:
    """An arrow passes a row straight, beside its steps."""
    row = point[1]
    return tops[row], max(tops[row], (tops[row + 1] if row + 1 < len(tops) else tops[row]) - ROW_GAP)


def _leaves(card: Card, arrow: Arrow) -> float:
    """Under the exit's name, or in the middle."""
    return next((chip.x + chip.width / 2 for chip in card.chips if chip.out == arrow.out), card.width / 2)
