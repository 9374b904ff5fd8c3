"""`ask`: have the caller key in a number."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from core.filemodel import FileModel, problem
from ivr import words
from ivr.acts import Digits, Prompt
from ivr.checkdigits import CHECKS, CheckName
from ivr.collecting import MOST_REPEATS, Question
from ivr.model import Kind, To
from ivr.names import NewName
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText

Count = Annotated[int, Field(ge=1, le=32)]
DIGITS = frozenset("0123456789")
YES, AGAIN = frozenset("#1"), frozenset("*2")


class Wanted(FileModel):
    """How many digits: `length`, or `least` and `most`. `end` is the key that ends them, `#` where nothing is said,
    none with `end: ""`. Where `end` is written down, callers are told of it, and it is waited for also after the last
    digit."""

    length: Count | None = None
    least: Count | None = None
    most: Count | None = None
    end: Literal["#", "*", ""] = "#"

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

    @property
    def collected(self) -> Digits:
        waits = bool(self.end) and "end" in self.model_fields_set
        return Digits(self.longest + waits, self.shortest, self.end)


class Ask(Question):
    """Speaks a text and takes the digits that the caller keys in, as many as `digits` says, under the name `save`.

    `timeout` is the silence allowed before the first digit (7 s), `between` the one between digits (3 s). With
    `check: luhn`, `mod97` or `nir` only numbers with right check digits are taken; with `confirm: true` the digits are
    read back one by one, and count when the caller presses # or 1.

    The text is spoken `attempts` times in all (2); then, with nothing or nothing valid keyed in, `otherwise` is taken.
    """

    ask: FlowText
    digits: Wanted
    save: NewName
    check: CheckName | None = None
    confirm: bool = False
    then: To
    otherwise: To

    example: ClassVar[str] = """
        voirie:
          ask:
            fr: Tapez les huit chiffres de votre dossier, puis dièse.
            en: Enter your eight-digit case number, then hash.
          digits: {length: 8, end: "#"}
          check: luhn
          confirm: true
          nothing:
            - {fr: Nous n'avons rien reçu., en: We received nothing.}
            - {fr: Nous n'avons toujours rien reçu., en: We still received nothing.}
          invalid: {fr: Ce numéro n'est pas complet., en: That number is not complete.}
          attempts: {nothing: 2, invalid: 3}
          save: case_number
          then: suivi
          otherwise: hangup
        suivi:
          say: {fr: "Dossier {case_number:digits}.", en: "Case {case_number:digits}."}
          then: hangup
    """

    def question(self, run: Run) -> tuple[Prompt, ...]:
        keyed, language = run.session.notes.get("keyed"), run.session.language
        if not isinstance(keyed, str):
            return run.prompts(self.ask)
        digits = words.one_by_one(keyed, language)
        return (words.said(words.READ_BACK, language), *digits, words.said(words.CONFIRM, language))

    def wanted(self, session: Session) -> Digits:
        return Digits() if "keyed" in session.notes else self.digits.collected

    def take(self, run: Run, keyed: str) -> str | None:
        read_back = run.session.notes.get("keyed")
        if isinstance(read_back, str):
            return self._confirmed(run, keyed, read_back)
        if not self._valid(keyed):
            return None
        if self.confirm:
            run.session.notes["keyed"] = keyed
            return self._anew(run)
        run.set(self.save, keyed)
        return self.then

    def makes(self) -> dict[str, Kind]:
        return {self.save: "digits"}

    @property
    def gives_up(self) -> str:
        return self.otherwise

    def _confirmed(self, run: Run, keyed: str, read_back: str) -> str | None:
        attempts = run.session.attempts
        if keyed in YES:
            run.set(self.save, read_back)
            return self.then
        if keyed in AGAIN and attempts.get("again", 0) < MOST_REPEATS:
            attempts["again"] = attempts.get("again", 0) + 1
            del run.session.notes["keyed"]
            return self._anew(run)
        return None

    def _valid(self, text: str) -> bool:
        fits = self.digits.shortest <= len(text) <= self.digits.longest and DIGITS.issuperset(text)
        return fits and (self.check is None or CHECKS[self.check](text))
