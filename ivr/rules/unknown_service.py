"""Services that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import ServiceName


class UnknownService(TownRule):
    """Every service that a step names stands in the town's directory."""

    good = """
        aide:
          transfer: ccas
          answered: hangup
          otherwise: hangup
    """
    bad = """
        aide:
          transfer: cass
          answered: hangup
          otherwise: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, ServiceName, town.services, "service")
