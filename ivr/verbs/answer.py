"""`answer`: answer a question that many people have."""

from typing import ClassVar

from ivr import words
from ivr.acts import Answer as Words
from ivr.acts import Digits, Done, Input, Prompt, Refused
from ivr.collecting import Question
from ivr.model import AnswerNamed, To
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText

SOLVED, UNSOLVED = "1", "2"


class Answer(Question):
    """Speaks one of the town's answers, then asks whether it helps: 1 takes `solved`, 2 takes `unsolved`, and so does
    silence. `asks` puts that question in other words.

    Where there is no such answer, `unsolved` is taken at once.
    """

    answer: AnswerNamed
    asks: FlowText | None = None
    solved: To
    unsolved: To

    example: ClassVar[str] = """
        acte:
          answer: acte-de-naissance
          solved: merci
          unsolved: hangup
        merci:
          hangup: {fr: Merci de votre appel., en: Thank you for calling.}
    """
    needs: ClassVar[str] = "answers"

    def enter(self, run: Run) -> str | None:
        if "text" in run.session.notes:
            return super().enter(run)
        run.do(Words(str(self.answer), run.session.language))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        notes = run.session.notes
        if "text" in notes:
            return super().resume(run, given)
        match given:
            case Done({"text": str() as text, **rest}):
                notes["text"], notes["language"] = text, str(rest.get("language") or run.session.language)
            case Done():
                return self._refused(run, Refused("missing"))
            case Refused():
                return self._refused(run, given)
        return self.enter(run)

    def question(self, run: Run) -> tuple[Prompt, ...]:
        notes = run.session.notes
        asked = run.prompt(self.asks) if self.asks else words.said(words.SOLVED, run.session.language)
        if "missed" in notes:
            return (asked,)
        return (Prompt(str(notes["text"]), str(notes["language"])), asked)

    def wanted(self, _: Session) -> Digits:
        return Digits()

    def take(self, run: Run, keyed: str) -> str | None:
        if keyed not in (SOLVED, UNSOLVED):
            return None
        run.tell("call.answered", answer=str(self.answer), solved=keyed == SOLVED)
        return self.solved if keyed == SOLVED else self.unsolved

    @property
    def gives_up(self) -> str:
        return self.unsolved

    def _refused(self, run: Run, refused: Refused) -> str:
        run.refused(f"answer {self.answer}", refused)
        return self.unsolved
