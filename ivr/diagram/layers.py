"""Which row each step stands in, and in which order within its row: the layered drawing of Sugiyama, Tagawa and Toda
(1981). Arrows that lead back are turned round for it, rows are longest paths from the start with so many steps in each
that the picture fits on a screen, an arrow that crosses rows gets a point in each of them, and rows are ordered by the
mean place of their neighbours as long as that takes away crossings.

A step to which many exits lead gets arrows from its neighbours only: exits further away name it (jumps)."""

import math
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import pairwise

from ivr.diagram.graph import Box, Graph

SWEEPS = 24
LEAST_WIDTH = 5
MOST_ARROWS = 4
"""To one step, from everywhere."""

Point = str | tuple[int, int]
"""A step's name; or, on an arrow's way, its number and the row."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """`way`: the points that it passes, from the upper row to the lower one. `back`: it leads from the last point to
    the first. `out`: which of the step's exits it is."""

    source: str
    target: str
    out: int
    back: bool
    way: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Layers:
    """Rows of points from top to bottom, each from left to right."""

    graph: Graph
    rows: Sequence[Sequence[Point]]
    arrows: Sequence[Arrow]
    jumps: frozenset[tuple[str, int]]
    """Steps and which of their exits (Box.outs) have no arrow, but name where they lead."""


def layered(graph: Graph) -> Layers:
    """Rows and their order. The same graph gives the same rows. Exits that end the call are no arrows."""
    order, back = _visited(graph)
    ahead = defaultdict(set)
    for name, box in graph.boxes.items():
        for target in _targets(box, graph):
            if target != name:
                upper, lower = (target, name) if (name, target) in back else (name, target)
                ahead[upper].add(lower)
    ranks = _ranks(order, ahead)
    every = list(_arrows(graph, ranks))
    comers = Counter(arrow.target for arrow in every)
    arrows = [
        arrow for arrow in every if comers[arrow.target] <= MOST_ARROWS or (len(arrow.way) == 2 and not arrow.back)
    ]
    jumps = frozenset((arrow.source, arrow.out) for arrow in every if arrow not in arrows)
    rows = _first_rows(order, ranks, arrows)
    return Layers(graph, _fewest_crossings(rows, arrows), arrows, jumps)


def _targets(box: Box, graph: Graph) -> list[str]:
    return [out.target for out in box.outs if out.target in graph.boxes]


def _visited(graph: Graph) -> tuple[list[str], set[tuple[str, str]]]:
    """Steps as they are met from the start, then those that cannot be reached; and the arrows that lead back to a
    step on the way to them."""
    order: list[str] = []
    back: set[tuple[str, str]] = set()
    seen: set[str] = set()
    for root in (graph.start, *graph.boxes):
        if root in seen or root not in graph.boxes:
            continue
        seen.add(root)
        order.append(root)
        stack = [(root, iter(_targets(graph.boxes[root], graph)))]
        on_way = {root}
        while stack:
            name, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                on_way.discard(name)
            elif target in on_way:
                back.add((name, target))
            elif target not in seen:
                seen.add(target)
                order.append(target)
                on_way.add(target)
                stack.append((target, iter(_targets(graph.boxes[target], graph))))
    return order, back


def _ranks(order: Sequence[str], ahead: Mapping[str, set[str]]) -> dict[str, int]:
    """The row of each step: below all that lead to it, and the first one with room. Steps are taken as a caller may
    meet them, so that what belongs together stands together."""
    width = max(
        LEAST_WIDTH, math.ceil(math.sqrt(1.6 * len(order)))
    )  # on a screen, where a step is twice as wide as high
    before = Counter(lower for lowers in ahead.values() for lower in lowers)
    places = {name: place for place, name in enumerate(order)}
    ranks: dict[str, int] = {}
    least: dict[str, int] = dict.fromkeys(order, 0)
    filled: Counter[int] = Counter()
    ready = [places[name] for name in order if not before[name]]
    while ready:
        name = order[heappop(ready)]
        rank = least[name]
        while filled[rank] >= width:
            rank += 1
        ranks[name] = rank
        filled[rank] += 1
        for lower in ahead.get(name, ()):
            least[lower] = max(least[lower], rank + 1)
            before[lower] -= 1
            if not before[lower]:
                heappush(ready, places[lower])
    return ranks


def _arrows(graph: Graph, ranks: Mapping[str, int]) -> Iterable[Arrow]:
    number = 0
    for name, box in graph.boxes.items():
        for index, out in enumerate(box.outs):
            if out.target not in graph.boxes:
                continue
            number += 1
            back = ranks[out.target] <= ranks[name]
            upper, lower = (out.target, name) if back else (name, out.target)
            between = tuple((number, row) for row in range(ranks[upper] + 1, ranks[lower]))
            yield Arrow(name, out.target, index, back, (upper, *between, lower))


def _first_rows(order: Sequence[str], ranks: Mapping[str, int], arrows: Sequence[Arrow]) -> list[list[Point]]:
    """In the order in which a caller may meet the steps."""
    rows: list[list[Point]] = [[] for _ in range(max(ranks.values(), default=0) + 1)]
    for name in order:
        rows[ranks[name]].append(name)
        for arrow in arrows:
            if arrow.source == name:
                for point in arrow.way[1:-1]:
                    assert isinstance(point, tuple)
                    rows[point[1]].append(point)
    return rows


def _fewest_crossings(rows: list[list[Point]], arrows: Sequence[Arrow]) -> list[list[Point]]:
    links = [pair for arrow in arrows if arrow.way[0] != arrow.way[-1] for pair in _pairs(arrow)]
    above: dict[Point, list[tuple[Point, float]]] = defaultdict(list)
    below: dict[Point, list[tuple[Point, float]]] = defaultdict(list)
    for upper, lower, shift in links:
        above[lower].append((upper, shift))
        below[upper].append((lower, 0.0))
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = above if downward else below
        walk = range(1, len(rows)) if downward else range(len(rows) - 2, -1, -1)
        for index in walk:
            places = {point: place for place, point in enumerate(rows[index - 1 if downward else index + 1])}
            _order(rows[index], neighbours, places)
        count = _crossings(rows, links)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return _exchanged(best, links, fewest)


def _exchanged(rows: list[list[Point]], links: Sequence[tuple[Point, Point, float]], fewest: int) -> list[list[Point]]:
    """Neighbours change places where that takes away crossings which the means did not."""
    better = fewest > 0
    while better:
        better = False
        for row in rows:
            for place in range(len(row) - 1):
                row[place], row[place + 1] = row[place + 1], row[place]
                count = _crossings(rows, links)
                if count < fewest:
                    fewest, better = count, True
                else:
                    row[place], row[place + 1] = row[place + 1], row[place]
    return rows


def _pairs(arrow: Arrow) -> Iterable[tuple[Point, Point, float]]:
    """The arrow's pieces from row to row. The first exits of a step leave on its left: so much is the shift."""
    for index, (upper, lower) in enumerate(pairwise(arrow.way)):
        yield upper, lower, min(arrow.out, 9) / 10 if index == 0 and not arrow.back else 0.0


def _order(
    row: list[Point], neighbours: Mapping[Point, list[tuple[Point, float]]], places: Mapping[Point, int]
) -> None:
    """By the mean place of the neighbours; a point without any stays where it is."""
    means = {}
    for place, point in enumerate(row):
        near = [places[other] + shift for other, shift in neighbours[point] if other in places]
        means[point] = sum(near) / len(near) if near else float(place)
    row.sort(key=means.__getitem__)


def _crossings(rows: Sequence[Sequence[Point]], links: Sequence[tuple[Point, Point, float]]) -> int:
    places = {point: (index, place) for index, row in enumerate(rows) for place, point in enumerate(row)}
    between: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for upper, lower, shift in links:
        row, place = places[upper]
        between[row].append((place + shift, places[lower][1]))
    return sum(map(_inversions, between.values()))


def _inversions(pairs: list[tuple[float, int]]) -> int:
    seen: list[int] = []
    crossings = 0
    for _, place in sorted(pairs):
        crossings += len(seen) - bisect_right(seen, place)
        insort(seen, place)
    return crossings
