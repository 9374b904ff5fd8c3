"""Flows that use each other in a circle."""

from collections.abc import Iterator
from typing import ClassVar

from core.finding import Finding
from ivr.checking.graph import circles
from ivr.checking.rule import Example, TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import FlowName


class CyclicFlows(TownRule):
    """No flow uses itself, be it by way of others."""

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
    bad: ClassVar[Example] = {
        "essai": """
            appel:
              flow: autre
              then: hangup
        """,
        "autre": """
            retour:
              flow: essai
              then: return
        """,
    }

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        used = {name: [str(flow) for _, flow in view.of(FlowName)] for name, view in town.flows.items()}
        for circle in circles(used):
            view = town.flows[circle[0]]
            path = next(path for path, flow in view.of(FlowName) if flow in circle)
            way = " and ".join(circle) if len(circle) > 1 else f"{circle[0]} and itself"
            yield view, Finding(path, f"flows use each other in a circle: {way}")
