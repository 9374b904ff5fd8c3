"""`sms`: send a text message."""

from typing import ClassVar

from ivr.acts import Done, Input, Refused
from ivr.acts import Sms as Send
from ivr.model import Step, To
from ivr.operands import ValueName, ValueNamed
from ivr.run import Run
from ivr.text import FlowText


class Sms(Step):
    """Sends the text to the caller's number, or to the value that `number` names.

    `otherwise` is taken where it could not be sent: the number is withheld or no mobile, or no messages are sent here.
    """

    sms: FlowText
    number: ValueNamed = ValueName("caller.number")
    then: To
    otherwise: To

    example: ClassVar[str] = """
        lien:
          sms: {fr: "Votre dossier : mairie.example/dossier", en: "Your case: mairie.example/dossier"}
          then: envoye
          otherwise: hangup
        envoye:
          hangup: {fr: Un message vous a été envoyé., en: A message was sent to you.}
    """
    needs: ClassVar[str] = "sms"

    def enter(self, run: Run) -> str | None:
        number = run.value(self.number)
        if not number:
            return self.resume(run, Refused("withheld"))
        run.do(Send(str(number), run.message(self.sms)))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done():
                return self.then
            case Refused():
                run.refused("sms", given)
                return self.otherwise
        return self.enter(run)
