"""`queue`: put the caller in line for an agent."""

from typing import Annotated, ClassVar

from pydantic import Field

from ivr.acts import Enqueue, Input, LeftQueue, Refused
from ivr.model import QueueNamed, SkillNamed, Step, To
from ivr.run import Run

Level = Annotated[int, Field(ge=1, le=10)]


class Queue(Step):
    """The caller waits in a queue, with music, until an agent answers.

    `skills` are asked for in addition to what the queue asks for; `priority` counts like so many minutes waited.
    `answered` is taken when the conversation is over and the caller is still there, `otherwise` when the caller left
    the line without an agent, or was not admitted because the queue is closed.
    """

    queue: QueueNamed
    skills: dict[SkillNamed, Level] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    answered: To
    otherwise: To

    example: ClassVar[str] = """
        conseiller:
          queue: etat-civil
          skills: {etat-civil: 2}
          priority: 0
          answered: merci
          otherwise: hangup
        merci:
          say: {fr: Merci de votre appel., en: Thank you for calling.}
          then: hangup
    """

    def enter(self, run: Run) -> str | None:
        run.do(Enqueue(str(self.queue), {str(skill): level for skill, level in self.skills.items()}, self.priority))
        return None

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case LeftQueue(outcome="answered"):
                return self.answered
            case LeftQueue():
                return self.otherwise
            case Refused():
                run.refused(f"queue {self.queue}", given)
                return self.otherwise
        return self.enter(run)
