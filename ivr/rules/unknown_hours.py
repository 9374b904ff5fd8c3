"""Opening hours that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import HoursName


class UnknownHours(TownRule):
    """All opening hours that a step names stand in the town's hours."""

    good = """
        horaires:
          hours: mairie
          open: hangup
          closed: hangup
    """
    bad = """
        horaires:
          hours: mairei
          open: hangup
          closed: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, HoursName, town.hours, "opening-hours file")
