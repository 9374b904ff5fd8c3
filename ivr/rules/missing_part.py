"""Steps that need what this house does not have."""

from collections.abc import Iterator, Mapping

from core.finding import Finding
from ivr.checking.rule import TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView

LACKS: Mapping[str, str] = {
    "answers": "no answers are given",
    "callbacks": "nobody can be called back",
    "directory": "no services are known",
    "hours": "no opening hours are known",
    "lookups": "nothing can be looked up",
    "prompts": "no sound files are played",
    "recordings": "nothing can be recorded",
    "sms": "no messages are sent",
    "transfers": "nobody outside is dialled, since the settings name no trunk",
}
"""What it means that a part (ivr.model.PARTS) is not there."""


class MissingPart(TownRule):
    """No step needs a part that this house lacks."""

    advice = True
    good = """
        repondeur:
          voicemail: Laissez un message.
          queue: accueil
          then: hangup
    """
    bad = """
        lien:
          sms: Votre dossier est prêt.
          then: hangup
          otherwise: hangup
    """

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        if town.parts is None:
            return
        for view in town.flows.values():
            for name, step in view.steps.items():
                needed = step.needed()
                if needed and needed not in town.parts:
                    message = f"{LACKS[needed]} in this house: the step always takes its exit for that"
                    yield view, Finding(("steps", name, view.verb(name)), message, at_key=True)
