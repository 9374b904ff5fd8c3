"""Callers who are moved in a circle."""

from collections.abc import Iterator
from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView, QueueView


class OverflowLoop(QueueRule):
    """No caller can be moved back to a queue that they were moved out of."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: waited > 5m, move: general}
        """,
        "general": """
            queue: general
            overflow:
              - {when: waited > 10m, then: voicemail}
        """,
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: waited > 5m, move: general}
        """,
        "general": """
            queue: general
            overflow:
              - {when: staffed == 0, move: voirie}
        """,
        "voirie": """
            queue: voirie
            overflow:
              - {when: length > 20, move: accueil}
        """,
    }

    def look(self, town: QueuesView) -> Found:
        told: set[frozenset[str]] = set()
        for view, place, rule in town.rules():
            if rule.move is None:
                continue
            way = _way(town, rule.move, view.queue.name)
            if way and frozenset(way) not in told:
                told.add(frozenset(way))
                circle = " → ".join([view.queue.name, *way])
                message = f"callers can be moved in a circle: {circle}"
                yield view, Finding(("overflow", place, "move"), message)


def _way(town: QueuesView, start: str, end: str) -> list[str]:
    """The shortest way of moves from one queue to another, both in it; empty where there is none."""
    came_from: dict[str, str] = {start: ""}
    line = [start]
    for name in line:
        if name == end:
            way = [name]
            while came_from[way[0]]:
                way.insert(0, came_from[way[0]])
            return way
        for next_one in _moves(town.queues.get(name)):
            if next_one not in came_from:
                came_from[next_one] = name
                line.append(next_one)
    return []


def _moves(view: QueueView | None) -> Iterator[str]:
    for rule in view.queue.overflow if view else ():
        if rule.move is not None:
            yield rule.move
