"""`callback`: promise to call back."""

from typing import Annotated, ClassVar

from pydantic import Field

from ivr.acts import Callback as Promise
from ivr.acts import Done, Input, Refused
from ivr.model import QueueNamed, SkillNamed, Step, To
from ivr.operands import ValueName, ValueNamed
from ivr.run import Run

Level = Annotated[int, Field(ge=1, le=10)]


class Callback(Step):
    """Promises that the queue's agents call back. `number` is the value to call, the caller's own number where nothing
    else is said; `skills` and `priority` are as in `queue`.

    `otherwise` is taken where nothing could be promised: the number is withheld or not allowed, there is a promise
    already, or nobody can call back here.
    """

    callback: QueueNamed
    number: ValueNamed = ValueName("caller.number")
    skills: dict[SkillNamed, Level] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    then: To
    otherwise: To

    example: ClassVar[str] = """
        rappel:
          callback: etat-civil
          then: promis
          otherwise: hangup
        promis:
          hangup: {fr: Nous vous rappellerons., en: We will call you back.}
    """
    needs: ClassVar[str] = "callbacks"

    def enter(self, run: Run) -> str | None:
        number = run.value(self.number)
        if not number:
            return self.resume(run, Refused("withheld"))
        skills = {str(skill): level for skill, level in self.skills.items()}
        run.do(Promise(str(self.callback), str(number), skills, self.priority))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case Done():
                return self.then
            case Refused():
                run.refused(f"callback {self.callback}", given)
                return self.otherwise
        return self.enter(run)
