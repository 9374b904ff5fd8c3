"""`voicemail`: take a message."""

from typing import ClassVar

from ivr import words
from ivr.acts import Done, Input, Refused, Say, Take
from ivr.acts import Voicemail as Leave
from ivr.model import QueueNamed, Step, To
from ivr.recorded import SILENCE_MS, Length
from ivr.run import Run
from ivr.text import FlowText


class Voicemail(Step):
    """Speaks a text, and records what the caller says after the tone, as work for the queue. The key #, `silence` (5 s)
    or `longest` (3 minutes) end it; a caller who hangs up has left a message too.

    Where nothing was recorded the caller is told so, and `otherwise` is taken; without it, `then`.
    """

    voicemail: FlowText
    queue: QueueNamed
    longest: Length = 180_000
    silence: Length = SILENCE_MS
    then: To
    otherwise: To | None = None

    example: ClassVar[str] = """
        repondeur:
          voicemail: {fr: Laissez votre message après le bip., en: Leave a message after the tone.}
          queue: etat-civil
          then: merci
        merci:
          hangup: {fr: Merci de votre appel., en: Thank you for calling.}
    """
    needs: ClassVar[str] = "recordings"

    def enter(self, run: Run) -> str | None:
        run.do(Leave(run.prompts(self.voicemail), str(self.queue), Take(self.longest, self.silence)))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done():
                return self.then
            case Refused():
                run.refused(f"voicemail {self.queue}", given)
                run.do(Say((words.said(words.NOT_RECORDED, run.session.language),)))
                return self.otherwise or self.then
        return self.enter(run)
