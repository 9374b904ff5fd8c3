"""Circles that a caller who says nothing never leaves."""

from collections.abc import Iterator, Sequence

from core.finding import Finding
from ivr.checking.graph import circles
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.checking.ways import Way, waits
from ivr.collecting import Question
from ivr.conditions import Condition
from ivr.model import Step

QUICK = frozenset({"answers", "hours", "lookups", "prompts", "sms"})
"""Parts of the house whose answer does not take the caller's time."""


class LoopWithoutInput(FlowRule):
    """A caller who does nothing does not go in circles: a line left open would be held for ever."""

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
          choices: {1: hangup}
          otherwise: pardon
        pardon:
          say: Nous n'avons pas compris.
          then: sujet
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        silent = {name: _silent(step, view.ways[name]) for name, step in view.steps.items()}
        deciding = {path[1] for path, _ in view.of(Condition)}
        for circle in circles(silent):
            inside = set(circle)
            learns = any(view.steps[name].makes() for name in circle)
            leaves = any(way.target not in inside for name in circle if name in deciding for way in view.ways[name])
            if circle[0] in view.reached and not (learns and leaves):
                way = " → ".join((*circle[:6], "…" if len(circle) > 6 else circle[0]))
                message = f"a caller who does nothing goes in circles here: {way}"
                yield Finding(("steps", circle[0]), message, at_key=True)


def _silent(step: Step, ways: Sequence[Way]) -> Sequence[str]:
    """Where it goes on while the caller does nothing and waits for nobody."""
    if isinstance(step, Question):
        return [step.gives_up]
    return [way.target for way in ways] if not waits(step) or step.needs in QUICK else []
