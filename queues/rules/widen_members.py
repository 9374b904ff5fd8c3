"""Queues with members beside queues without."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView


class WidenMembers(QueueRule):
    """A queue that its members alone answer is widened by another such queue, and one without by one without."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            members: {camille: {}}
            overflow:
              - {when: waited > 5m, widen: general}
        """,
        "general": """
            queue: general
            members: {sacha: {}}
        """,
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            members: {camille: {}}
            overflow:
              - {when: waited > 5m, widen: general}
        """,
        "general": """
            queue: general
            overflow:
              - {when: waited > 5m, widen: accueil}
        """,
    }

    def look(self, town: QueuesView) -> Found:
        for view, place, rule in town.rules():
            other = town.queues.get(rule.widen) if isinstance(rule.widen, str) else None
            if other and bool(other.queue.members) != bool(view.queue.members):
                with_some = view.queue.name if view.queue.members else other.queue.name
                message = (
                    f"only members answer {with_some}, and the other queue has none: give both members, or neither"
                )
                yield view, Finding(("overflow", place, "widen"), message)
