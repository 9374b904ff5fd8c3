"""Values that some callers would not have."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView


class MaybeMissing(FlowRule):
    """A value that a step uses is there on every way to it, or it is asked for first with known(…)."""

    advice = True
    good = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: selon
          otherwise: selon
        selon:
          branch:
            - when: known(case_number) and case_number != "00000000"
              then: suite
          otherwise: hangup
        suite:
          say: "Dossier {case_number:digits}."
          then: hangup
    """
    bad = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: suite
          otherwise: suite
        suite:
          say: "Dossier {case_number:digits}."
          then: selon
        selon:
          branch:
            - when: case_number != "00000000"
              then: hangup
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        known = view.known
        if known is None:
            return
        for use in view.uses:
            made_here = use.name in view.steps[use.step].makes()
            if use.step not in view.reached or made_here or use.asks or use.name in use.sure:
                continue
            if not known.is_sure(use.step, use.name):
                then = "it is left out then" if use.spoken else f"ask known({use.name}) first"
                message = f"{use.name} may be missing here: not every way to this step gives it a value; {then}"
                yield Finding(use.path, message, use.offset)
