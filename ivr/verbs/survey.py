"""`survey`: ask what the caller thinks of it."""

from typing import Annotated, ClassVar

from pydantic import Field

from ivr.acts import Digits, Prompt
from ivr.collecting import Question
from ivr.model import Kind, To
from ivr.names import NewName
from ivr.run import Run
from ivr.session import Session
from ivr.text import FlowText


class Survey(Question):
    """Asks for a mark, 1 to `scale` (5), which goes into the history; `save` gives it to the flow too, as a number.

    Where the caller gives none, `otherwise` is taken; without it, `then`.
    """

    survey: FlowText
    scale: Annotated[int, Field(ge=2, le=9)] = 5
    save: NewName | None = None
    then: To
    otherwise: To | None = None

    example: ClassVar[str] = """
        avis:
          survey:
            fr: Êtes-vous satisfait ? Tapez un chiffre de 1, pas du tout, à 5, tout à fait.
            en: Are you satisfied? Press a digit from 1, not at all, to 5, very much.
          scale: 5
          attempts: 1
          then: merci
          otherwise: hangup
        merci:
          hangup: {fr: Merci de votre avis., en: Thank you for telling us.}
    """

    def question(self, run: Run) -> tuple[Prompt, ...]:
        return run.prompts(self.survey)

    def wanted(self, _: Session) -> Digits:
        return Digits()

    def take(self, run: Run, keyed: str) -> str | None:
        if len(keyed) != 1 or not "1" <= keyed <= str(self.scale):
            return None
        run.tell("call.surveyed", score=int(keyed), scale=self.scale)
        if self.save:
            run.set(self.save, int(keyed))
        return self.then

    def makes(self) -> dict[str, Kind]:
        return {self.save: "number"} if self.save else {}

    @property
    def gives_up(self) -> str:
        return self.otherwise or self.then
