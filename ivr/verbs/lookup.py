"""`lookup`: find out what is known."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.filemodel import named
from ivr.acts import Done, Input, Refused, Value
from ivr.acts import Lookup as Look
from ivr.model import Kind, LookupNamed, Step, To
from ivr.operands import Operand
from ivr.run import Run

Name = Annotated[str, named("a value", r"[a-z][a-z0-9_]{0,39}")]

DIRECTORY = "service"
"""What is looked up in the town's directory."""
FOUND: dict[str, dict[str, Kind]] = {
    "case": {"number": "digits", "status": "text", "topic": "text", "opened_on": "date", "closed_on": "date",
             "told": "text"},
    DIRECTORY: {"name": "text", "title": "text", "number": "phone", "open": "truth", "next_open": "moment",
                "at_hand": "text", "address": "text"},
}  # fmt: skip
"""What the house's own lookups find."""
LONGEST_VALUE = 200
"""Characters that are kept of a text that was found."""


class Lookup(Step):
    """Looks something up: `case` in the history, `service` in the town's directory (`with: {topic: '"aide"', commune:
    insee}` is who is competent, `{name: …}` one of that name), or a service that the settings name. It never takes
    longer than a few seconds. `with` is what is looked for: names of values, numbers, or texts in quotes of their own.

    What is found has the lookup's name before it: `{case.status}`; `{case.told}` is what agents want it to be told in
    the caller's language. A case is found by its ten digits alone (`check: mod97`), and nothing tells whose it is. Of a
    service in the settings, `gives` says which values are wanted and of what kind. `missing` is taken where nothing is
    found; `otherwise` where it could not be looked up at all, without it `missing`.
    """

    lookup: LookupNamed
    with_: dict[Name, Operand] = Field(default_factory=dict, alias="with", max_length=20)
    gives: dict[Name, Kind] = Field(default_factory=dict, max_length=50)
    found: To
    missing: To
    otherwise: To | None = None

    example: ClassVar[str] = """
        numero:
          ask: {fr: Votre numéro de dossier., en: Your case number.}
          digits: {length: 10}
          check: mod97
          save: case_number
          then: suivi
          otherwise: hangup
        suivi:
          lookup: case
          with: {number: case_number}
          found: etat
          missing: hangup
        etat:
          branch:
            - when: case.status == "closed"
              then: clos
          otherwise: hangup
        clos:
          hangup: {fr: Votre demande est traitée., en: Your request is closed.}
    """
    needs: ClassVar[str] = "lookups"

    def enter(self, run: Run) -> str | None:
        run.do(Look(str(self.lookup), run.handed(self.with_), run.session.language))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done(values):
                for name in self._wanted():
                    run.set(f"{self.lookup}.{name}", _kept(values.get(name)))
                if self.lookup == "service":
                    run.told_now(values)
                return self.found
            case Refused("missing"):
                return self.missing
            case Refused():
                run.refused(f"lookup {self.lookup}", given)
                return self.otherwise or self.missing
        return self.enter(run)

    def needed(self) -> str:
        return "directory" if self.lookup == DIRECTORY else self.needs

    def makes(self) -> dict[str, Kind]:
        return {f"{self.lookup}.{name}": kind for name, kind in self._wanted().items()}

    def _wanted(self) -> dict[str, Kind]:
        return {**FOUND.get(self.lookup, {}), **self.gives}


def _kept(value: Value) -> Value:
    return value[:LONGEST_VALUE] if isinstance(value, str) else value
