"""Names of values that nothing gives."""

from collections.abc import Iterator

from core.document import DataPath
from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView


class UnknownName(FlowRule):
    """Every name in a text or a condition is one that every call has, or one that a step of the flow gives a value."""

    good = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: suite
          otherwise: hangup
        suite:
          say: "Dossier {case_number:digits}, {caller.name}."
          then: hangup
    """
    bad = """
        dossier:
          ask: Votre dossier ?
          digits: {length: 8}
          save: case_number
          then: selon
          otherwise: hangup
        selon:
          branch:
            - when: case_numer == "12345678" or caller.__class__
              then: suite
          otherwise: hangup
        suite:
          say: "Dossier {casenumber}."
          then: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        names = view.names
        if names is None:
            return
        for use in view.uses:
            if use.name not in names:
                yield Finding(use.path, f"unknown name {use.name[:60]}", use.offset, name=use.name, known=names)
        for index, name in enumerate(view.results):
            if name not in names:
                path: DataPath = ("results", index)
                yield Finding(path, f"unknown name {name[:60]}", 0, name=name, known=names)
