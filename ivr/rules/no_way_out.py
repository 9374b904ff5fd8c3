"""Calls that never end."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.model import ENDS


class NoWayOut(FlowRule):
    """From every step some way leads to the end of the flow."""

    advice = True
    good = """
        sujet:
          menu: Pour réécouter, tapez 1.
          choices: {1: sujet}
          otherwise: hangup
    """
    bad = """
        sujet:
          menu: Pour la voirie, tapez 1.
          choices: {1: voirie}
          otherwise: voirie
        voirie:
          queue: accueil
          answered: sujet
          otherwise: sujet
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        before: dict[str, list[str]] = {}
        ending = []
        for name, ways in view.ways.items():
            if not ways or any(way.target in ENDS for way in ways):
                ending.append(name)
            for way in ways:
                before.setdefault(way.target, []).append(name)
        out: set[str] = set()
        while ending:
            name = ending.pop()
            if name not in out:
                out.add(name)
                ending.extend(before.get(name, ()))
        for name in view.steps:
            if name in view.reached and name not in out:
                message = f"from the step {name} no way leads to the end of the call: write then: hangup somewhere"
                yield Finding(("steps", name), message, at_key=True)
                return
