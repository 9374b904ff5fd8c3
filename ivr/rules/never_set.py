"""Values that are never there where they are used."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView


class NeverSet(FlowRule):
    """A value that a step uses can be there: some way to the step gives it."""

    good = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: suite
          otherwise: hangup
        suite:
          say: "Dossier {case_number:digits}."
          then: hangup
    """
    bad = """
        bonjour:
          say: "Bonjour. Dossier {case_number:digits}."
          then: dossier
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: hangup
          otherwise: sinon
        sinon:
          branch:
            - when: caller.contacts > 3 or case_number == "12345678"
              then: hangup
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        known, names = view.known, view.names
        if known is None or names is None:
            return
        for use in view.uses:
            made_here = use.name in view.steps[use.step].makes()
            if use.name not in names or use.step not in view.reached or made_here or use.asks:
                continue
            if not known.is_possible(use.step, use.name):
                message = f"{use.name} never has a value here: no way to the step {use.step} gives it one"
                yield Finding(use.path, message, use.offset)
