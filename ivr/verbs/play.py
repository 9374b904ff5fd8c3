"""`play`: play a recorded sound."""

from typing import ClassVar

from ivr.model import PromptNamed, Step, To
from ivr.run import Run
from ivr.text import FlowText


class Play(Step):
    """Plays a sound file of the town's folder `prompts/`, by its name without ending: `prompts/fr/NAME.wav` for callers
    in French, else `prompts/NAME.wav`. `text` is what it says: spoken where the file is missing, and shown where there
    is nothing to hear. A digit pressed meanwhile stops it, unless `barge_in: false`.
    """

    play: PromptNamed
    text: FlowText | None = None
    barge_in: bool = True
    then: To

    example: ClassVar[str] = """
        accueil:
          play: bienvenue
          text: {fr: Bienvenue à la mairie., en: Welcome to the town hall.}
          then: hangup
    """
    needs: ClassVar[str] = "prompts"

    def enter(self, run: Run) -> str:
        run.play(str(self.play), self.text, interruptible=self.barge_in)
        return self.then
