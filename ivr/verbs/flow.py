"""`flow`: go through another flow, and come back."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.filemodel import named
from ivr.acts import Done, Input
from ivr.model import FlowNamed, Kind, Step, To
from ivr.names import NewName
from ivr.operands import Operand
from ivr.run import Run

Name = Annotated[str, named("a value", r"[a-z][a-z0-9_.]{0,79}")]


class Flow(Step):
    """Goes through the steps of another flow of the town; its `then: return` leads back here and on to `then`.

    The other flow knows what `with` gives it under the names of its `parameters` (names of values, numbers, or texts in
    quotes of their own), `dialled` and the caller, and nothing else of this flow. `save` gives its `results` names
    here: `save: {case_number: number}` has its `number` as `case_number`.
    """

    flow: FlowNamed
    with_: dict[Name, Operand] = Field(default_factory=dict, alias="with", max_length=20)
    save: dict[NewName, Name] = Field(default_factory=dict, max_length=20)
    then: To

    example: ClassVar[str] = """
        identifier:
          flow: identification
          with: {tries: 2}
          save: {dossier: case_number}
          then: suite
        suite:
          say: {fr: "Dossier {dossier:digits}.", en: "Case {dossier:digits}."}
          then: hangup
    """

    def enter(self, run: Run) -> str:
        return run.call(self.flow, run.handed(self.with_))

    def resume(self, run: Run, given: Input) -> str | None:
        if not isinstance(given, Done):
            return self.enter(run)
        for name, result in self.save.items():
            run.set(name, given.values.get(result))
        return self.then

    def makes(self) -> dict[str, Kind]:
        return dict.fromkeys(self.save, "unknown")
