"""Hours that are asked for and not named."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView
from queues.overflow.conditions import OF_HOURS


class HoursUnnamed(QueueRule):
    """A queue whose rules ask `open`, `closed` or `too_late` says by `hours` which opening hours are meant."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            hours: mairie
            overflow:
              - {when: closed, then: end}
        """
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: closed, then: end}
        """
    }

    def look(self, town: QueuesView) -> Found:
        for view, place, rule in town.rules():
            for key, condition in (("when", rule.when), ("until", rule.until)):
                asked = sorted(condition.names & OF_HOURS) if condition else []
                if asked and view.queue.hours is None:
                    message = f"{asked[0]} by which opening hours? name them with hours: NAME"
                    yield view, Finding(("overflow", place, key), message)
