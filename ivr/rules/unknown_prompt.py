"""Sound files that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.naming import unknown
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.model import PromptName


class UnknownPrompt(TownRule):
    """All sound files that a step plays stand in the town's folder prompts/."""

    advice = True
    good = """
        accueil:
          play: bienvenue
          then: hangup
    """
    bad = """
        accueil:
          play: bienvenu
          then: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        yield from unknown(town, PromptName, town.prompts, "sound file")
