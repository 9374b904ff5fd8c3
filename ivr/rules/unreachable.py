"""Steps that nobody comes to."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView


class Unreachable(FlowRule):
    """Some way from the start leads to every step."""

    advice = True
    good = """
        bonjour:
          say: Bonjour.
          then: fin
        fin:
          say: Au revoir.
          then: hangup
    """
    bad = """
        bonjour:
          say: Bonjour.
          then: hangup
        fin:
          say: Au revoir.
          then: bonjour
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        for name in view.steps:
            if name not in view.reached:
                yield Finding(("steps", name), f"no way leads to the step {name}; nobody hears it", at_key=True)
