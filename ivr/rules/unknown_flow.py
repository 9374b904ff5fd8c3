"""Sub-flows that are not there."""

from collections.abc import Iterator
from typing import ClassVar

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import Example, TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import FlowName


class UnknownFlow(TownRule):
    """Every flow that a step uses stands in the town."""

    good: ClassVar[Example] = {
        "essai": """
            appel:
              flow: autre
              then: hangup
        """,
        "autre": """
            fin:
              say: Au revoir.
              then: return
        """,
    }
    bad = """
        appel:
          flow: autre
          then: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        if town.alone:
            return
        yield from unknown(town, FlowName, {*town.flows, *town.faulty}, "flow")
