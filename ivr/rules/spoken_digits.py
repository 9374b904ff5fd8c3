"""Long numbers that nobody can follow."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView
from ivr.text import Text


class SpokenDigits(FlowRule):
    """Digits that a caller keyed in, and telephone numbers, are not spoken as one number."""

    advice = True
    good = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: suite
          otherwise: hangup
        suite:
          say: "Dossier {case_number:digits}, appel du {caller.number:phone}."
          then: hangup
    """
    bad = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: suite
          otherwise: hangup
        suite:
          say: "Dossier {case_number}, appel du {caller.number}."
          then: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        names = view.names or {}
        for path, text in view.of(Text):
            if view.steps[str(path[1])].needs == "sms":
                continue  # it is read, not heard
            for language, place in text.places():
                kind = names.get(place.name)
                if kind in ("digits", "phone") and not place.form:
                    where = (*path, language) if language else path
                    message = f"{place.name} is spoken as one number; write {{{place.name}:{kind}}}"
                    yield Finding(where, message, place.offset)
