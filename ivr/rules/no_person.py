"""Callers who cannot reach anybody."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import FlowName, QueueName


class NoPerson(TownRule):
    """From every number some way leads to a person: to a queue, or out to a telephone."""

    advice = True
    good = """
        bonjour:
          say: Bonjour.
          then: conseiller
        conseiller:
          queue: accueil
          answered: hangup
          otherwise: hangup
    """
    bad = """
        bonjour:
          say: Bonjour.
          then: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        for view in town.flows.values():
            if view.numbers and not _leads_to_a_person(view, town):
                message = f"no way of the flow {view.name} leads to a person: no step puts the caller in a queue"
                yield view, Finding(("start",), message)


def _leads_to_a_person(view: FlowView, town: TownView) -> bool:
    seen: set[str] = set()
    left = [view]
    while left:
        flow = left.pop()
        if flow.name in seen:
            continue
        seen.add(flow.name)
        for path, value in flow.pieces:
            if str(path[1]) not in flow.reached:
                continue
            if isinstance(value, QueueName) or flow.steps[str(path[1])].needs == "transfers":
                return True
            if isinstance(value, FlowName):
                if value not in town.flows:
                    return True  # it cannot be looked into
                left.append(town.flows[value])
    return False
