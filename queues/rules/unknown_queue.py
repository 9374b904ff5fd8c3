"""Queues that are not there."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView


class UnknownQueue(QueueRule):
    """Every queue that an overflow rule names stands in the town's queues."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: waited > 5m, widen: general}
        """,
        "general": "queue: general",
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: waited > 5m, widen: generale}
              - {when: waited > 15m, move: voirie}
        """,
        "general": "queue: general",
    }

    def look(self, town: QueuesView) -> Found:
        known = {*town.queues, *town.faulty}
        for view, place, rule in town.rules():
            for key, name in (("widen", rule.widen), ("move", rule.move)):
                if isinstance(name, str) and name not in known:
                    path = ("overflow", place, key)
                    yield view, Finding(path, f"no queue is called {name}", name=name, known=sorted(town.queues))
