"""`set`: give the call values of one's own."""

from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.filemodel import Problem, found, problem, problems
from ivr.model import Kind, Step, To
from ivr.names import read_name
from ivr.run import Run

LONGEST_VALUE = 200
KINDS: dict[type, Kind] = {bool: "truth", int: "number", float: "number", str: "text"}

Constant = str | int | float | bool


def _read_values(value: Any) -> dict[str, Constant]:
    if not isinstance(value, dict) or not value:
        raise problem("wrong-type", f"expected names and values, such as {{topic: roads}}, found {found(value)}")
    wrong = []
    for name, given in value.items():
        try:
            read_name(name)
        except PydanticCustomError as error:
            told: Problem = (error.context or {})["problems"][0]
            wrong.append(Problem(told.rule, told.message, (name,), at_key=True))
        if type(given) not in KINDS or len(str(given)) > LONGEST_VALUE:
            wrong.append(
                Problem("wrong-type", f"expected a short text, a number, true or false, found {found(given)}", (name,))
            )
    if wrong:
        raise problems(wrong)
    return dict(value)


_VALUES_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
    "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": LONGEST_VALUE},
    "minProperties": 1,
    "description": "Names, and their values: a short text, a number, true or false.",
}


class Set(Step):
    """Gives names values, for conditions and texts further on."""

    set: Annotated[dict[str, Constant], PlainValidator(_read_values), WithJsonSchema(_VALUES_SCHEMA)]
    then: To

    example: ClassVar[str] = """
        voirie:
          set: {topic: voirie, urgent: true, tries: 1}
          then: suite
        suite:
          branch:
            - when: urgent and tries < 2
              then: hangup
          otherwise: hangup
    """

    def enter(self, run: Run) -> str:
        for name, value in self.set.items():
            run.set(name, value)
        return self.then

    def makes(self) -> dict[str, Kind]:
        return {name: KINDS[type(value)] for name, value in self.set.items()}
