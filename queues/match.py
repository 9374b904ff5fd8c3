"""A call and an agent that were found for each other, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from queues.audience import Group
from queues.model import Agent, Entry
from queues.ranked import Rank
from queues.strategies.strategy import IDLE_PARTS, LONGEST_IDLE

MOST_NAMED = 4
"""Agents in a sentence."""


@dataclass(slots=True, init=False)
class Match:
    """What the sentence needs is kept as it stood; `str(match)` makes it. Every decision makes one: so what fills it is
    written out, and is compiled too."""

    entry: Entry
    agent: Agent
    idle_since: int
    now: int
    group: Group | None
    """None: the call waited for this agent."""
    ready: int
    """How many agents could have taken the call."""
    elsewhere: int
    """How many were ready besides."""
    waiting: int
    """How many wait for the same people, this call too, where the agent came to them."""
    line: Sequence[Rank]
    """Who could have taken the call, the chosen one first; this one and the next where they are many."""
    left_out: Sequence[str]
    """Who was ready, and fit, but is not asked again for this call for now."""
    beside: Sequence[str]
    """Who is rung at the same time."""

    def __init__(
        self,
        entry: Entry,
        agent: Agent,
        idle_since: int,
        now: int,
        group: Group | None,
        ready: int,
        elsewhere: int,
        waiting: int = 0,
        line: Sequence[Rank] = (),
        left_out: Sequence[str] = (),
        beside: Sequence[str] = (),
    ) -> None:
        self.entry = entry
        self.agent = agent
        self.idle_since = idle_since
        self.now = now
        self.group = group
        self.ready = ready
        self.elsewhere = elsewhere
        self.waiting = waiting
        self.line = line
        self.left_out = left_out
        self.beside = beside

    def __str__(self) -> str:
        """One sentence: who was considered, and why not the others."""
        if self.group is None:
            others = self._others_elsewhere("is not asked", "are not asked")
            return f"{self.agent.id} is preferred for this call and ready ({self._idle}){others}"
        needing = f" with {self.group.text}" if self.group.text else " of this queue" if self.group.members else ""
        if self.beside:
            several = _listed([self.agent.id, *self.beside])
            of = f", {len(self.beside) + 1} of {self.ready} ready agents{needing}"
            said = f"{several} are rung together{of}, and who answers first has the call"
        elif self.ready == 1:
            said = f"{self.agent.id} is the only ready agent{needing} ({self._idle})"
            if self.waiting > 1:
                said += f" and this is the first of {self.waiting} calls that wait for the same"
        elif self.group.strategy.drawn:
            said = f"{self.agent.id} is {self.group.strategy.best} from {self.ready} ready agents{needing}"
        else:
            said = f"{self.agent.id} is {self._chosen()} of {self.ready} ready agents{needing}{self._before()}"
        one, many = "lacks the skills", "lack the skills"
        if self.group.members is not None:
            one, many = f"is not in this queue or {one}", f"are not in this queue or {many}"
        return said + self._others_elsewhere(one, many) + self._those_left_out() + self._those_preferred()

    @property
    def _idle(self) -> str:
        return f"idle {max(self.now - self.idle_since, 0) // 1000} s"

    def _chosen(self) -> str:
        assert self.group is not None
        best, words = self.group.strategy.best, self._words(self.line[0])
        if len(self.line) > 1 and _equal_but_for_idleness(self.line[0], self.line[1]):
            best = LONGEST_IDLE
        return f"{best} ({words})" if words else best

    def _before(self) -> str:
        """The others, with what speaks against each."""
        if len(self.line) < 2:
            return ""
        named = [f"{rank[-1]} ({words})" if (words := self._words(rank)) else rank[-1] for rank in self.line[1:]]
        if unnamed := self.ready - len(self.line):
            named.append(f"{unnamed} more")
        return f", before {_listed(named)}"

    def _words(self, rank: Rank) -> str:
        assert self.group is not None
        words = self.group.strategy.words(rank, self.now)
        several = self.group.members is not None and len({each[0] for each in self.line}) > 1
        return ", ".join(filter(None, (f"priority {rank[0]}" if several else "", words)))

    def _others_elsewhere(self, one: str, many: str) -> str:
        """Why not, of one and of several."""
        if not self.elsewhere:
            return ""
        return (
            f"; 1 other ready agent {one}" if self.elsewhere == 1 else f"; {self.elsewhere} other ready agents {many}"
        )

    def _those_left_out(self) -> str:
        if not self.left_out:
            return ""
        named = _listed([*self.left_out[:MOST_NAMED]])
        are = "is" if len(self.left_out) == 1 else "are"
        return f"; {named} {are} left out for this call after an offer that came to nothing"

    def _those_preferred(self) -> str:
        """It waited for them, or they were not there."""
        if not (names := self.entry.preferred.get("agents")) or self.agent.id in names:
            return ""
        was = "was" if len(names) == 1 else "were"
        return f"; {_listed([*names[:MOST_NAMED]])}, whom this call prefers, {was} not free"


def _equal_but_for_idleness(one: Rank, other: Rank) -> bool:
    """Of strategies that come to it."""
    return len(one) > IDLE_PARTS and one[:-IDLE_PARTS] == other[:-IDLE_PARTS]


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
