"""Steps that a queue does not have."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView


class WidenStep(QueueRule):
    """A step that a rule widens to is one of the queue's own `require`, and not its first."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            require: [{skills: {accueil: 3}, for: 5m}, {skills: {accueil: 1}}]
            overflow:
              - {when: expected_wait > 5m, widen: {step: 2}}
        """
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            require: [{skills: {accueil: 3}, for: 5m}, {skills: {accueil: 1}}]
            overflow:
              - {when: expected_wait > 5m, widen: {step: 3}}
        """,
        "general": """
            queue: general
            overflow:
              - {when: expected_wait > 5m, widen: {step: 1}}
        """,
    }

    def look(self, town: QueuesView) -> Found:
        for view, place, rule in town.rules():
            last = len(view.queue.terms({})["requirement"])
            if isinstance(rule.widen, int) and not 2 <= rule.widen <= last:
                steps = "one step only" if last == 1 else f"{last} steps, of which the first has begun"
                message = f"expected a later step of the queue {view.queue.name}: it has {steps}"
                yield view, Finding(("overflow", place, "widen"), message)
