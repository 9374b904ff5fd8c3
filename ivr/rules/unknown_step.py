"""Exits that lead nowhere."""

from collections.abc import Iterator

from core.document import DataPath
from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.model import ENDS, Exit


class UnknownStep(FlowRule):
    """Every exit leads to a step of the flow, or to its end."""

    good = """
        bonjour:
          say: Bonjour.
          then: hangup
    """
    bad = """
        bonjour:
          say: Bonjour.
          then: bonjuor
        fin:
          say: Au revoir.
          then: la-suite
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        steps = view.all_steps
        known = {*steps, *ENDS}
        exits: list[tuple[DataPath, str]] = [(path, str(exit_)) for path, exit_ in view.of(Exit)]
        for key in ("person", "start"):
            if isinstance(target := view.document.data.get(key), str):
                exits.insert(0, ((key,), target))
        for path, target in exits:
            if target not in known:
                yield Finding(path, f"no step is called {target[:60]}", name=target, known=known)
