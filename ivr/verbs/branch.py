"""`branch`: go one way or another, by what is known of the call."""

from typing import Annotated, ClassVar

from pydantic import Field

from core.filemodel import FileModel
from ivr.conditions import FlowCondition
from ivr.model import Step, To
from ivr.run import Run


class Way(FileModel):
    """Taken when the condition holds."""

    when: FlowCondition
    then: To


class Branch(Step):
    """Takes the first way whose condition holds, else `otherwise`. A comparison with a missing value does not hold."""

    branch: Annotated[list[Way], Field(min_length=1, max_length=50)]
    otherwise: To

    example: ClassVar[str] = """
        connu:
          branch:
            - when: caller.contacts > 0 and dialled == "3939"
              then: retour
          otherwise: hangup
        retour:
          say: {fr: Ravis de vous retrouver., en: Welcome back.}
          then: hangup
    """

    def enter(self, run: Run) -> str:
        for way in self.branch:
            if way.when.holds(run.session):
                return way.then
        return self.otherwise
