"""Skills that nobody asks for elsewhere."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import SkillName


class UnknownSkill(TownRule):
    """Every skill that a step asks for is one that some queue or agent names; a misspelt one would find nobody."""

    advice = True
    good = """
        conseiller:
          queue: accueil
          skills: {accueil: 2}
          answered: hangup
          otherwise: hangup
    """
    bad = """
        conseiller:
          queue: accueil
          skills: {acceuil: 2}
          answered: hangup
          otherwise: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, SkillName, town.skills, "skill", at_key=True)
