"""`queue`: put the caller in line for an agent."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from core.filemodel import Duration, FileModel
from ivr.acts import Enqueue, Input, LeftQueue, Refused
from ivr.model import HANGUP, QueueNamed, SkillNamed, Step, To
from ivr.operands import Operand
from ivr.run import Run

AGENT = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""Who may be preferred: the id of an agent's account."""

Level = Annotated[int, Field(ge=1, le=10)]


WayOut = Literal["callback", "voicemail", "end"]


class Prefer(FileModel):
    """The agent whom the value names is asked before all others, whatever their skills; for as long as `for` says the
    call waits for them alone."""

    agent: Operand
    for_: Annotated[Duration, Field(ge=1)] = Field(30_000, alias="for")


class Queue(Step):
    """The caller waits in a queue, with music, until an agent answers.

    `skills` are asked for in addition to what the queue asks for; `priority` counts like so many minutes waited.
    `prefer` names an agent who is asked before all others, such as the one who knows the case, and how long (30 s) the
    call waits for them alone; where they are not logged in, or the value names nobody, it waits for nobody.
    `answered` is taken when the conversation is over and the caller is still there, `otherwise` when the caller left
    the line without an agent, or was not admitted because the queue is closed.

    The queue's overflow rules may give callers a way out: `callback`, `voicemail`, `end`. Where `exits` names a step
    for one, the caller leaves the line and goes there. Without, it is done in the line itself, the place is kept until
    it is, and then the call ends.
    """

    queue: QueueNamed
    skills: dict[SkillNamed, Level] = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    prefer: Prefer | None = None
    answered: To
    otherwise: To
    exits: dict[WayOut, To] = Field(default_factory=dict)

    example: ClassVar[str] = """
        conseiller:
          queue: etat-civil
          skills: {etat-civil: 2}
          priority: 0
          prefer: {agent: '"camille"', for: 20s}
          answered: merci
          otherwise: hangup
          exits: {callback: rappel}
        rappel:
          callback: etat-civil
          then: merci
          otherwise: conseiller
        merci:
          say: {fr: Merci de votre appel., en: Thank you for calling.}
          then: hangup
    """

    def enter(self, run: Run) -> str | None:
        skills = {str(skill): level for skill, level in self.skills.items()}
        run.do(Enqueue(str(self.queue), skills, self.priority, frozenset(self.exits), *self._preferred(run)))
        return None

    def _preferred(self, run: Run) -> tuple[str, int]:
        if self.prefer is None:
            return "", 0
        agent = run.handed({"agent": self.prefer.agent})["agent"]
        if isinstance(agent, str) and AGENT.fullmatch(agent):
            return agent, self.prefer.for_
        return "", 0

    def resume(self, run: Run, given: Input) -> str | None:
        match given:
            case LeftQueue(outcome="answered"):
                return self.answered
            case LeftQueue(outcome="served"):
                return HANGUP
            case LeftQueue(reason=reason):
                return next((to for way, to in self.exits.items() if way == reason), self.otherwise)
            case Refused():
                run.refused(f"queue {self.queue}", given)
                return self.otherwise
        return self.enter(run)
