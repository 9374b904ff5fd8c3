"""Comparisons that cannot be meant."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.reading import kind_problems
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.conditions import Condition


class ConditionKind(FlowRule):
    """A condition compares like with like: numbers with numbers, dates with dates."""

    good = """
        connu:
          branch:
            - when: caller.contacts > 0 and dialled in ["3939", "3940"] and not caller.withheld
              then: hangup
          otherwise: hangup
    """
    bad = """
        connu:
          branch:
            - when: caller.contacts == "0" or dialled > 3939 or language
              then: hangup
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        if view.names is None:
            return
        for path, condition in view.of(Condition):
            for offset, message in kind_problems(condition, view.names):
                yield Finding(path, message, offset)
