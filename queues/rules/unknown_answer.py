"""Answers that are not there."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView


class UnknownAnswer(QueueRule):
    """The answer that a rule sends stands in the town's answers."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: expected_wait > 10m, sms: acte-de-naissance}
        """
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: expected_wait > 10m, sms: acte-de-naisance}
        """
    }

    def look(self, town: QueuesView) -> Found:
        for view, place, rule in town.rules():
            if rule.sms is not None and town.answers is not None and rule.sms not in town.answers:
                path, known = ("overflow", place, "sms"), sorted(town.answers)
                yield view, Finding(path, f"no answer is called {rule.sms}", name=rule.sms, known=known)
