"""`hangup`: end the call."""

from typing import ClassVar

from ivr.model import HANGUP, Step
from ivr.run import Run
from ivr.text import FlowText


class Hangup(Step):
    """Speaks a last text and ends the call. To end it without a word, `then: hangup` is enough."""

    hangup: FlowText

    example: ClassVar[str] = """
        fin:
          hangup: {fr: Au revoir., en: Goodbye.}
    """

    def enter(self, run: Run) -> str:
        run.say(self.hangup)
        return HANGUP
