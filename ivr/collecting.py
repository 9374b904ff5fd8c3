"""Putting a question to be answered by keys: what menus, numbers and surveys share.

Nothing, and nothing valid, are counted apart, each with words of its own (VoiceXML's noinput and nomatch, and its
`count`). The question is put twice by default, then the step gives up (Irish universal-design guidance: after two
presentations, a person). `0` is a person, `*` puts the question again, and a key gives more time (US Section 508),
where none of them is an answer.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from core.document import DataPath
from core.filemodel import TEXTS_SCHEMA, Duration, found, problem
from ivr.acts import Digits, Input, Pressed, Prompt
from ivr.model import Exit, Step
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText

FIRST_DIGIT_MS = 7_000
NEXT_DIGIT_MS = 3_000
PRESENTATIONS = 2
MOST_PRESENTATIONS = 9
MOST_REPEATS = 5
"""So often a caller hears a question again on demand; then `*` is one more key that is not valid."""
SLOWER = 3
"""How many times longer silence is allowed, for the rest of the call, once the caller asked for more time."""
KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often the question is put before the step gives up: in all, or for each kind of miss."""

    total: int | None = PRESENTATIONS
    nothing: int = MOST_PRESENTATIONS
    invalid: int = MOST_PRESENTATIONS

    def over(self, nothing: int, invalid: int) -> bool:
        if self.total is not None:
            return nothing + invalid >= self.total
        return nothing >= self.nothing or invalid >= self.invalid


def _count(value: Any, inside: DataPath = ()) -> int:
    if type(value) is not int:
        message = f"expected a whole number, or {{nothing: 2, invalid: 3}}, found {found(value)}"
        raise problem("wrong-type", message, inside)
    if not 1 <= value <= MOST_PRESENTATIONS:
        limit = f"at least 1, found {value}" if value < 1 else f"at most {MOST_PRESENTATIONS}, found {value}"
        raise problem("out-of-range", f"expected {limit}", inside)
    return value


def _read_attempts(value: Any) -> Attempts:
    if not isinstance(value, dict):
        return Attempts(_count(value))
    for strange in set(value) - {"nothing", "invalid"}:
        raise problem("unknown-key", f"unknown key {found(strange)}; known: invalid, nothing", (strange,))
    return Attempts(None, **{kind: _count(count, (kind,)) for kind, count in value.items()})


def _read_person(value: Any) -> Exit | Literal[False]:
    if value is False:
        return False
    if not isinstance(value, str) or not value:
        raise problem("wrong-type", f"expected the name of a step, or false for none, found {found(value)}")
    return Exit(value)


def _read_key(value: Any) -> str:
    key = str(value) if type(value) is int else value
    if not isinstance(key, str) or key not in KEYS or key == "":
        raise problem("choice", f"expected a key 0 to 9, * or #, found {found(value)}")
    return key


_TIMES = {"type": "integer", "minimum": 1, "maximum": MOST_PRESENTATIONS}
_ATTEMPTS_SCHEMA = {
    "anyOf": [
        _TIMES,
        {"type": "object", "properties": {"nothing": _TIMES, "invalid": _TIMES}, "additionalProperties": False},
    ],
    "description": "How often the question is put in all, or for each kind of miss: {nothing: 2, invalid: 3}.",
}
_PERSON_SCHEMA = {
    "anyOf": [{"type": "string", "minLength": 1}, {"const": False}],
    "description": "The step that 0 leads to, or false for none.",
}
_KEY_SCHEMA = {
    "anyOf": [{"type": "string", "pattern": "^[0-9*#]$"}, {"type": "integer", "minimum": 0, "maximum": 9}],
    "description": "A key: 0 to 9, * or #.",
}

Replies = Annotated[
    list[FlowText],
    Field(min_length=1, max_length=MOST_PRESENTATIONS),
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    WithJsonSchema(
        {
            "anyOf": [
                TEXTS_SCHEMA,
                {"type": "array", "items": TEXTS_SCHEMA, "minItems": 1, "maxItems": MOST_PRESENTATIONS},
            ],
            "description": "A text, or a list of texts, one for each time; the last one for all further times.",
        }
    ),
]
"""A text, or a list of texts, one for each time; the last one for all further times."""
Key = Annotated[str, PlainValidator(_read_key), WithJsonSchema(_KEY_SCHEMA)]


class Question(Step):
    """What every step may say that puts a question.

    `timeout` is the silence allowed before the first digit, `between` the one between digits. `nothing` and `invalid`
    are spoken before the question is put again, after no key or one that means nothing. With `barge_in: false` keys
    count from the end of the text on. `person` is where `0` leads where it is no answer (false: nowhere; without it,
    the flow's `person`); `repeat: false` takes from `*` that it puts the question again; the key `more_time` triples
    all such times for the rest of the call.
    """

    timeout: Duration = FIRST_DIGIT_MS
    between: Duration = NEXT_DIGIT_MS
    attempts: Annotated[Attempts, PlainValidator(_read_attempts), WithJsonSchema(_ATTEMPTS_SCHEMA)] = Attempts()
    nothing: Replies | None = None
    invalid: Replies | None = None
    barge_in: bool = True
    person: Annotated[Exit | Literal[False] | None, PlainValidator(_read_person), WithJsonSchema(_PERSON_SCHEMA)] = None
    repeat: bool = True
    more_time: Key | None = None

    # --- what each verb says of itself ----------------------------------------------------------------------------

    def question(self, run: Run) -> tuple[Prompt, ...]:
        raise NotImplementedError

    def wanted(self, session: Session) -> Digits:
        """How many digits; `enter` puts the times in."""
        raise NotImplementedError

    def take(self, run: Run, keyed: str) -> str | None:
        """Where these keys lead; None where they are no answer, '' where the next question is to be put."""
        raise NotImplementedError

    @property
    def gives_up(self) -> str:
        """Where it leads after the last attempt."""
        raise NotImplementedError

    # --- the same for all -----------------------------------------------------------------------------------------

    def enter(self, run: Run) -> str | None:
        pace, digits = run.session.pace, self.wanted(run.session)
        timed = Digits(
            digits.most, digits.least, digits.terminator, self.timeout * pace, self.between * pace, self.barge_in
        )
        run.gather((*self._reply(run), *self.question(run)), timed)
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        if not isinstance(given, Pressed):
            return self.enter(run)
        taken = self.take(run, given.text)
        exit_ = self._special(run, given.text) if taken is None else taken
        if exit_ is None:
            exit_ = self._missed(run, given)
        run.chose(given.text, exit_)
        return exit_ or self.enter(run)

    def _special(self, run: Run, keyed: str) -> str | None:
        """As `take`, for the keys that mean the same everywhere."""
        session = run.session
        if keyed == "0" and (person := self._person(run)):
            return person
        if keyed and keyed == self.more_time and session.pace == 1:
            session.pace = SLOWER
            return self._anew(run)
        if self.repeat and "*" in keyed and session.attempts.get("repeated", 0) < MOST_REPEATS:
            session.attempts["repeated"] = session.attempts.get("repeated", 0) + 1
            return self._anew(run)
        return None

    def _person(self, run: Run) -> str:
        if self.person is None:
            return run.flow.person if run.flow else ""
        return self.person or ""

    @staticmethod
    def _anew(run: Run) -> str:
        run.session.notes.pop("missed", None)
        return ""

    def _missed(self, run: Run, pressed: Pressed) -> str:
        counts = run.session.attempts
        what = "invalid" if pressed.text or pressed.complete else "nothing"
        counts[what] = counts.get(what, 0) + 1
        run.session.notes["missed"] = what
        return self.gives_up if self.attempts.over(counts.get("nothing", 0), counts.get("invalid", 0)) else ""

    def _reply(self, run: Run) -> tuple[Prompt, ...]:
        """What is said to the last miss, if it was one."""
        missed = run.session.notes.get("missed")
        replies = self.nothing if missed == "nothing" else self.invalid if missed == "invalid" else None
        if not replies:
            return ()
        count = run.session.attempts.get(str(missed), 1)
        return run.prompts(replies[min(count, len(replies)) - 1])
