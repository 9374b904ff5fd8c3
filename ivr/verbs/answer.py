"""`answer`: answer a question that many people have."""

from typing import Annotated, Any, ClassVar

from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.filemodel import FileModel, found, problem
from ivr import words
from ivr.acts import Answer as Words
from ivr.acts import Digits, Done, Input, Pressed, Prompt, Refused
from ivr.collecting import Question
from ivr.model import AnswerName, Kind, To
from ivr.operands import ValueNamed, read_value_name
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText

SOLVED, UNSOLVED = "1", "2"


MAKES: dict[str, Kind] = {"answer.name": "text", "answer.question": "text", "answer.page": "text",
                          "answer.message": "text"}  # fmt: skip


class ByCode(FileModel):
    """The answer whose code is that value."""

    code: ValueNamed


def _read_answer(value: Any) -> AnswerName | ByCode:
    if isinstance(value, dict):
        for key in value:
            if key != "code":
                raise problem("unknown-key", f"unknown key {found(key)}; known: code", (key,))
        try:
            return ByCode.model_construct(code=read_value_name(value.get("code")))
        except PydanticCustomError:
            message = f"expected the name of a value such as fiche, found {found(value.get('code'))}"
            raise problem("wrong-type", message, ("code",)) from None
    if not isinstance(value, str) or not value:
        raise problem("wrong-type", f"expected the name of an answer, found {found(value)}")
    return AnswerName(value)


AnswerOrCode = Annotated[
    AnswerName | ByCode,
    PlainValidator(_read_answer),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"code": {"type": "string"}},
                    "required": ["code"],
                    "additionalProperties": False,
                },
            ],
            "description": "The name of an answer, or {code: VALUE}: the one whose code the caller keyed in.",
        }
    ),
]


class Answer(Question):
    """Speaks one of the town's answers, then asks whether it helps: 1 takes `solved`, 2 takes `unsolved`, and so does
    silence. `asks` puts that question in other words. With `answer: {code: fiche}` it is the answer whose code stands
    in the value `fiche`, which an `ask` has saved.

    `{answer.message}` then is what an SMS says of it, with the address of its page; `{answer.name}`,
    `{answer.question}` and `{answer.page}` are known too. Where there is no such answer, `missing` is taken at once,
    without it `unsolved`.
    """

    answer: AnswerOrCode
    asks: FlowText | None = None
    solved: To
    unsolved: To
    missing: To | None = None

    example: ClassVar[str] = """
        acte:
          answer: acte-de-naissance
          solved: merci
          unsolved: hangup
        merci:
          hangup: {fr: Merci de votre appel., en: Thank you for calling.}
    """
    needs: ClassVar[str] = "answers"
    without: ClassVar[frozenset[str]] = Question.without | {"unsolved"}

    def enter(self, run: Run) -> str | None:
        if "text" in run.session.notes:
            return super().enter(run)
        if isinstance(self.answer, ByCode):
            code = run.value(self.answer.code)
            run.do(Words("", run.session.language, "" if code is None else str(code)))
        else:
            run.do(Words(str(self.answer), run.session.language))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        notes = run.session.notes
        if "text" in notes:
            exit_ = super().resume(run, given)
            if exit_ is not None and not _says(given):
                run.tell("call.answered", answer=str(notes["answer"]), solved=None)
            return exit_
        match given:
            case Done({"text": str() as text, **rest}):
                notes["text"], notes["language"] = text, str(rest.get("language") or run.session.language)
                notes["answer"] = name = str(rest.get("answer") or self.answer)
                run.set("answer.name", name)
                for value in ("question", "page", "message"):
                    run.set(f"answer.{value}", rest.get(value) or None)
            case Done():
                return self._refused(run, Refused("missing"))
            case Refused():
                return self._refused(run, given)
        return self.enter(run)

    def question(self, run: Run) -> tuple[Prompt, ...]:
        notes = run.session.notes
        asked = run.prompts(self.asks) if self.asks else (words.said(words.SOLVED, run.session.language),)
        if "missed" in notes:
            return asked
        return (Prompt(str(notes["text"]), str(notes["language"])), *asked)

    def wanted(self, _: Session) -> Digits:
        return Digits()

    def take(self, run: Run, keyed: str) -> str | None:
        if keyed not in (SOLVED, UNSOLVED):
            return None
        run.tell("call.answered", answer=str(run.session.notes["answer"]), solved=keyed == SOLVED)
        return self.solved if keyed == SOLVED else self.unsolved

    @property
    def gives_up(self) -> str:
        return self.unsolved

    def _refused(self, run: Run, refused: Refused) -> str:
        asked = f"by the code in {self.answer.code}" if isinstance(self.answer, ByCode) else str(self.answer)
        run.refused(f"answer {asked}", refused)
        return self.missing or self.unsolved

    def makes(self) -> dict[str, Kind]:
        return MAKES


def _says(given: Input) -> bool:
    """The caller says whether it helps."""
    return isinstance(given, Pressed) and given.text in (SOLVED, UNSOLVED)
