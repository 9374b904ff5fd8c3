"""Queues that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import QueueName


class UnknownQueue(TownRule):
    """Every queue that a step names stands in the town's queues."""

    good = """
        conseiller:
          queue: accueil
          answered: hangup
          otherwise: hangup
    """
    bad = """
        conseiller:
          queue: acceuil
          answered: hangup
          otherwise: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, QueueName, town.queues, "queue")
