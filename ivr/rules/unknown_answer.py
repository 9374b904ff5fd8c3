"""Answers that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import AnswerName


class UnknownAnswer(TownRule):
    """Every answer that a step names stands in the town's answers."""

    good = """
        acte:
          answer: acte-de-naissance
          solved: hangup
          unsolved: hangup
    """
    bad = """
        acte:
          answer: acte-de-naisance
          solved: hangup
          unsolved: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, AnswerName, town.answers, "answer")
