"""`ask`: have the caller key in a number."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.filemodel import Duration, FileModel, problem
from ivr.acts import Digits, Input, Pressed
from ivr.collecting import FIRST_DIGIT_MS, PRESENTATIONS, missed
from ivr.model import Kind, Step, To
from ivr.names import NewName
from ivr.run import Run
from ivr.text import FlowText

Count = Annotated[int, Field(ge=1, le=32)]
KEYS = frozenset("0123456789")


class Wanted(FileModel):
    """How many digits: `length`, or `least` and `most`. `end` is the key that ends them."""

    length: Count | None = None
    least: Count | None = None
    most: Count | None = None
    end: Literal["#", "*", ""] = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.length is None) == (self.most is None):
            raise problem("digits", 'expected either length, or most (and least), such as {length: 8, end: "#"}')
        if self.length is not None and self.least is not None:
            raise problem("digits", "least goes with most; length says both")
        if self.shortest > self.longest:
            raise problem("digits", f"least ({self.shortest}) is more than most ({self.longest})")
        return self

    @property
    def shortest(self) -> int:
        return self.length or self.least or 1

    @property
    def longest(self) -> int:
        return self.length or self.most or 1


class Ask(Step):
    """Speaks a text and takes the digits that the caller keys in, as many as `digits` says, under the name `save`.

    `timeout` is the silence allowed before the first digit (7 s); between digits it is 3 s. The text is spoken
    `attempts` times in all (2); then, with nothing or nothing valid keyed in, `otherwise` is taken.
    """

    ask: FlowText
    digits: Wanted
    save: NewName
    timeout: Duration = FIRST_DIGIT_MS
    attempts: Annotated[int, Field(ge=1, le=9)] = PRESENTATIONS
    then: To
    otherwise: To

    example: ClassVar[str] = """
        voirie:
          ask:
            fr: Tapez les huit chiffres de votre dossier, puis dièse.
            en: Enter your eight-digit case number, then hash.
          digits: {length: 8, end: "#"}
          save: case_number
          then: suivi
          otherwise: hangup
        suivi:
          say: {fr: "Dossier {case_number}.", en: "Case {case_number}."}
          then: hangup
    """

    def enter(self, run: Run) -> str | None:
        wanted = self.digits
        run.gather(self.ask, Digits(wanted.longest, wanted.shortest, wanted.end, self.timeout))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        if not isinstance(given, Pressed):
            return self.enter(run)
        if self._valid(given.text):
            run.set(self.save, given.text)
            run.chose(given.text, self.then)
            return self.then
        return missed(run, given, self.attempts, self.otherwise) or self.enter(run)

    def makes(self) -> dict[str, Kind]:
        return {self.save: "text"}

    def _valid(self, text: str) -> bool:
        return self.digits.shortest <= len(text) <= self.digits.longest and KEYS.issuperset(text)
