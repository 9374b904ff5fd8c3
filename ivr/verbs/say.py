"""`say`: speak a text."""

from typing import ClassVar

from ivr.model import Step, To
from ivr.run import Run
from ivr.text import FlowText


class Say(Step):
    """Speaks a text and goes on. A digit pressed meanwhile stops it and counts for the next question, unless
    `barge_in: false` has the text heard to its end."""

    say: FlowText
    barge_in: bool = True
    then: To

    example: ClassVar[str] = """
        bonjour:
          say: {fr: Bonjour., en: Hello.}
          then: hangup
    """

    def enter(self, run: Run) -> str:
        run.say(self.say, interruptible=self.barge_in)
        return self.then
