"""A large line for the benchmark: calls that ask for one of many skills, agents who have a few."""

from dataclasses import dataclass, field
from itertools import count
from random import Random

from core.events import Event
from queues.audience import Group
from queues.index import Index
from queues.model import Agent, AgentState, Device, Entry, Status, Step

NOW = 1_800_000_000_000
WIDENS_AFTER_MS = 3_600_000


@dataclass
class Line:
    """`waiting` calls in the index, and agents who are staffed but busy. Each call asks for one skill at level 1 to 3,
    and after an hour at level 1; each agent has one to five skills at levels 1 to 5. The same seed, the same line."""

    waiting: int
    agents: int
    skills: int
    seed: int = 1
    index: Index = field(init=False)
    people: list[Agent] = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.index = Index(self.random)
        self._numbers = count()
        self.people = [self._agent(f"a{number}") for number in range(self.agents)]
        for agent in self.people:
            self.index.staff(agent)
        self.come(self.waiting)

    def come(self, many: int) -> None:
        """Callers join the line."""
        for _ in range(many):
            entry = self.entry()
            self.index.add_call(entry, self._group(entry))
        self.index.matches(NOW)

    def entry(self) -> Entry:
        number = next(self._numbers)
        return Entry(f"e{number:09}", f"c{number}", "q", NOW + number, NOW + number, self._requirement())

    def _group(self, entry: Entry) -> Group:
        audiences = self.index.audiences
        return audiences.group(audiences.plan(entry), 0, 0)

    def _agent(self, name: str) -> Agent:
        known = self.random.sample(range(self.skills), self.random.randint(1, min(5, self.skills)))
        skills = {f"s{skill}": self.random.randint(1, 5) for skill in known}
        talking = AgentState.TALKING
        return Agent(name, "1", skills=skills, status=Status.AVAILABLE, device=Device.FREE, state=talking)

    def _requirement(self) -> list[Step]:
        skill = f"s{self.random.randrange(self.skills)}"
        return [Step(skills={skill: self.random.randint(1, 3)}, for_ms=WIDENS_AFTER_MS), Step(skills={skill: 1})]


def freed(agent: str, at: int) -> Event:
    """What the stream says of an agent whose wrap-up is over."""
    standing = {"idle_since": at, "wrap_up_until": 0, "logged_in_at": 0, "calls": 0, "busy_ms": 0, "offered_at": 0}
    told = {"agent": agent, "from": "wrap_up", "to": "idle", "cause": "wrapped_up", **standing}
    return Event(f"{agent}-{at}", "agent.state", at, "", told)
