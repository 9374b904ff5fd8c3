"""`record`: record what the caller says."""

from typing import ClassVar

from ivr.acts import Done, Input, Refused, Take
from ivr.acts import Record as Keep
from ivr.model import Kind, Step, To
from ivr.names import NewName
from ivr.recorded import SILENCE_MS, Length
from ivr.run import Run
from ivr.text import FlowText


class Record(Step):
    """Speaks the legal notice, which cannot be left out nor cut short, then a text, and records what the caller says
    after the tone. The key #, `silence` (5 s) or `longest` (1 minute) end it. `save` names the value that holds the
    file's name.

    `otherwise` is taken where nothing was recorded.
    """

    record: FlowText
    notice: FlowText
    save: NewName
    longest: Length = 60_000
    silence: Length = SILENCE_MS
    then: To
    otherwise: To

    example: ClassVar[str] = """
        adresse:
          record: {fr: Dites votre adresse après le bip., en: Say your address after the tone.}
          notice:
            fr: Vos paroles seront enregistrées pour traiter votre demande, et effacées ensuite.
            en: Your words will be recorded to handle your request, then erased.
          save: adresse
          then: merci
          otherwise: hangup
        merci:
          hangup: {fr: C'est noté., en: We have noted it.}
    """
    needs: ClassVar[str] = "recordings"

    def enter(self, run: Run) -> str | None:
        prompts = (*run.prompts(self.notice), *run.prompts(self.record))
        run.do(Keep(prompts, Take(self.longest, self.silence)))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done(values):
                run.set(self.save, values.get("file"))
                return self.then
            case Refused():
                run.refused("record", given)
                return self.otherwise
        return self.enter(run)

    def makes(self) -> dict[str, Kind]:
        return {self.save: "text"}
