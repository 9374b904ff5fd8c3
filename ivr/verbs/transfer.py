"""`transfer`: put the caller through to somebody outside."""

from typing import ClassVar

from core.filemodel import DialledNumber, Duration
from ivr.acts import Done, Input, Refused
from ivr.acts import Transfer as PutThrough
from ivr.model import Step, To
from ivr.run import Run


class Transfer(Step):
    """Rings a number outside, for `ring` (30 s) at most, and joins the two. Only numbers that the settings allow are
    dialled.

    `answered` is taken when that conversation is over and the caller is still there, `otherwise` where there was none:
    busy, no answer, or not allowed.
    """

    transfer: DialledNumber
    ring: Duration = 30_000
    answered: To
    otherwise: To

    example: ClassVar[str] = """
        impots:
          transfer: "+33809401401"
          ring: 20s
          answered: hangup
          otherwise: desole
        desole:
          hangup: {fr: Ce service ne répond pas., en: That service does not answer.}
    """
    needs: ClassVar[str] = "transfers"

    def enter(self, run: Run) -> str | None:
        run.do(PutThrough(self.transfer, self.ring))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done():
                return self.answered
            case Refused():
                run.refused(f"transfer {self.transfer}", given)
                return self.otherwise
        return self.enter(run)
