"""Sub-flows that are not given what they need."""

from collections.abc import Iterator
from typing import ClassVar

from core.finding import Finding
from ivr.checking.rule import Example, TownRule
from ivr.checking.town import TownView
from ivr.checking.view import FlowView
from ivr.verbs.flow import Flow


class FlowParameters(TownRule):
    """A sub-flow is given each of its parameters and nothing else, and only its results are taken from it."""

    good: ClassVar[Example] = {
        "essai": """
            appel:
              flow: autre
              with: {tries: 2}
              save: {dossier: case_number}
              then: suite
            suite:
              say: "Dossier {dossier:digits}."
              then: hangup
        """,
        "autre": """
            parameters: {tries: number}
            results: [case_number]
            steps:
              dossier:
                ask: Votre dossier ?
                digits: {most: 8}
                save: case_number
                then: return
                otherwise: return
        """,
    }
    bad: ClassVar[Example] = {
        "essai": """
            appel:
              flow: autre
              with: {trise: 2}
              save: {dossier: case_numbr}
              then: hangup
        """,
        "autre": """
            parameters: {tries: number}
            results: [case_number]
            steps:
              dossier:
                ask: Votre dossier ?
                digits: {most: 8}
                save: case_number
                then: return
                otherwise: return
        """,
    }

    def look(self, town: TownView) -> Iterator[tuple[FlowView, Finding]]:
        for view in town.flows.values():
            for name, step in view.steps.items():
                if isinstance(step, Flow) and (called := town.flows.get(step.flow)):
                    for finding in _findings(name, step, called):
                        yield view, finding


def _findings(name: str, step: Flow, called: FlowView) -> Iterator[Finding]:
    for parameter in called.parameters:
        if parameter not in step.with_:
            message = f"the flow {step.flow} needs {parameter}: write with: {{{parameter}: …}}"
            yield Finding(("steps", name, "flow"), message)
    for given in step.with_:
        if given not in called.parameters:
            message = f"the flow {step.flow} has no parameter {given}"
            yield Finding(("steps", name, "with", given), message, at_key=True, name=given, known=called.parameters)
    for own, result in step.save.items():
        if result not in called.results:
            message = f"the flow {step.flow} gives no {result}"
            yield Finding(("steps", name, "save", own), message, name=result, known=called.results)
