"""Queue files: what a queue is called, whom it asks for and in which order, how long a phone rings."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from core.filemodel import Duration, FileModel, Problem, Share, Texts, found, named, nearest, problem, problems
from queues.model import Membership, Skills, Step, Terms
from queues.overflow.rules import MOST_RULES, MOST_STEPS, Announce, Overflow
from queues.strategies import DEFAULT, STRATEGIES

Level = Annotated[int, Field(ge=1, le=10)]
Required = Annotated[dict[Annotated[str, named("a skill")], Level], Field(min_length=1)]
AgentName = Annotated[str, named("an agent")]

MOST_MEMBERS = 200
"""The list goes with every call of the queue: for more people, use a skill."""
SHORTEST_RING_MS = 1_000
"""A phone that is given up at once never rings."""


class ServiceLevel(FileModel):
    """The share of callers (0 to 1) who are to be answered within so many milliseconds."""

    within: Duration
    target: Share


class Requirement(FileModel):
    """One step: all of `skills`, each at its level or above, and of each group in `any` at least one. After `for`, the
    next step adds the agents whom it asks for; a step that no agent who is logged in could meet is skipped at once.
    After the last step `then: anyone` adds everybody in the queue; `never`, which is meant where nothing is said,
    nobody."""

    skills: Required | None = None
    any: Annotated[list[Required], Field(min_length=1)] | None = None
    for_: Annotated[Duration, Field(ge=1)] | None = Field(None, alias="for")
    then: Literal["anyone", "never"] | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Requirement":
        if self.skills is None and self.any is None:
            raise problem("empty-step", "expected skills or any, found neither; leave require out to take any agent")
        return self

    def step(self, added: Skills) -> Step:
        """With the flow's skills added: the higher level of the two."""
        skills = dict(self.skills or {})
        for skill, level in added.items():
            skills[skill] = max(level, skills.get(skill, 0))
        step = Step()
        if skills:
            step["skills"] = skills
        if self.any:
            step["any"] = [dict(group) for group in self.any]
        if self.for_ is not None:
            step["for_ms"] = self.for_
        return step


class Member(FileModel):
    """An agent of the queue. Those of priority 1 are asked first, others only while none of a lower one is ready; after
    `delay` in the queue a call may be offered to the agent at all."""

    priority: Annotated[int, Field(ge=1, le=10)] = 1
    delay: Duration = 0

    def data(self, place: int) -> Membership:
        return Membership(priority=self.priority, delay_ms=self.delay, place=place)


def _read_strategy(value: Any) -> str:
    if not isinstance(value, str) or value not in STRATEGIES:
        near = nearest(value, list(STRATEGIES)) if isinstance(value, str) else ""
        raise problem("strategy", f"expected a strategy, found {found(value)}{near}")
    return value


class Queue(FileModel):
    """A queue as its file says. Without `require`, any agent may answer; with `members`, only those, and of them those
    who have the skills.

    `strategy` says which of several agents is asked: least-over-qualified, best-skilled, longest-idle (app_queue's
    leastrecent), fewest-calls (fewestcalls), round-robin (rrmemory), linear, random; ring-all (ringall) asks eight at
    once at most, and who answers first has the call.

    `wrap_up` is the agent's time for notes after a conversation, `0s` for none; the agent may extend it up to
    `wrap_up_most`. With `wrap_up_coded: true` it lasts until the agent says what the outcome was.

    A call is not offered again for `left_out` to an agent who did not answer it in `ring`.

    `guide` stands on the agents' screens with each call of the queue: what to ask, and what to say.

    A message that a caller leaves for the queue stands in its line as a call does; after `messages_within` (8h) it
    counts as if it had waited a day longer.

    `announce` says what a waiting caller is told, `overflow` what is done where waiting is not enough, and `hours`
    which of the town's opening hours rules mean by `open`, `closed` and `too_late`."""

    queue: Annotated[str, named("the queue")]
    title: Texts | None = None
    guide: Texts | None = None
    ring: Annotated[Duration, Field(ge=SHORTEST_RING_MS)] = 20_000
    wrap_up: Duration = 30_000
    wrap_up_most: Duration | None = None
    wrap_up_coded: bool = False
    messages_within: Annotated[Duration, Field(ge=1)] = 8 * 3_600_000
    left_out: Duration = 60_000
    service_level: ServiceLevel | None = None
    strategy: Annotated[str, BeforeValidator(_read_strategy)] = DEFAULT.name
    members: Annotated[dict[AgentName, Member], Field(min_length=1, max_length=MOST_MEMBERS)] | None = None
    require: Annotated[list[Requirement], Field(min_length=1, max_length=MOST_STEPS)] | None = None
    hours: Annotated[str, named("opening hours")] | None = None
    announce: Announce | None = None
    overflow: Annotated[list[Overflow], Field(max_length=MOST_RULES)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _steps_follow_each_other(self) -> "Queue":
        wrong = []
        steps = self.require or []
        for place, step in enumerate(steps):
            last = place == len(steps) - 1
            if not last and step.then is not None:
                wrong.append(Problem("step", "only the last step has `then`", ("require", place, "then")))
            if not last and step.for_ is None:
                told = "a step that others follow says how long it lasts: for"
                wrong.append(Problem("step", told, ("require", place)))
            if last and (step.for_ is not None) != (step.then == "anyone"):
                told = "the last step has `for` and `then: anyone`, or neither: nothing else follows it"
                wrong.append(Problem("step", told, ("require", place)))
        if self.wrap_up_coded and self.wrap_up_most is not None:
            wrong.append(Problem("wrap-up", "a wrap-up until coded has no end to extend", ("wrap_up_most",)))
        elif self.wrap_up_most is not None and self.wrap_up_most <= self.wrap_up:
            wrong.append(Problem("wrap-up", "expected a longer time than wrap_up", ("wrap_up_most",)))
        if wrong:
            raise problems(wrong)
        return self

    @property
    def name(self) -> str:
        return self.queue

    @property
    def skills_named(self) -> frozenset[str]:
        """Every skill that it asks for, in any step."""
        asked = [group for step in self.require or () for group in (step.skills or {}, *(step.any or ()))]
        return frozenset(skill for group in asked for skill in group)

    def terms(self, skills: Skills) -> Terms:
        """What the queue says of an entry whose flow asks for these skills too."""
        return Terms(
            requirement=self._steps(skills),
            strategy=self.strategy,
            members={agent: each.data(place) for place, (agent, each) in enumerate((self.members or {}).items(), 1)},
            ring_ms=self.ring,
            wrap_up_ms=self.wrap_up,
            wrap_up_most_ms=self.wrap_up_most or 0,
            until_coded=self.wrap_up_coded,
            left_out_ms=self.left_out,
        )

    def _steps(self, skills: Skills) -> list[Step]:
        """The flow's skills are added to each step, but to the last resort."""
        if not self.require:
            return [Step(skills=dict(skills)) if skills else Step()]
        steps = [each.step(skills) for each in self.require]
        return [*steps, Step()] if self.require[-1].then == "anyone" else steps
