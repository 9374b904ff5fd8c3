"""Opening hours that are not there."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView


class UnknownHours(QueueRule):
    """The opening hours that a queue names stand in the town's hours."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            hours: mairie
        """
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            hours: marie
        """
    }

    def look(self, town: QueuesView) -> Found:
        for view in town.queues.values():
            name = view.queue.hours
            if name is not None and town.hours is not None and name not in town.hours:
                yield view, Finding(("hours",), f"no hours are called {name}", name=name, known=sorted(town.hours))
