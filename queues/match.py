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
    """How many wait for the same people, this call too, and may be offered to the agent, where that one came to
    them."""
    line: Sequence[Rank]
    """Who could have taken the call, the chosen one first; this one and the next where they are many."""
    left_out: Sequence[str]
    """Who was ready, and fit, but is not asked again for this call for now."""
    beside: Sequence[str]
    """Who is rung at the same time."""
    preferred_ready: Sequence[str]
    """Whom the call prefers and who were ready; the time to wait for them alone is over."""

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
        self.preferred_ready = ()

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
            those = f"those of priority {self.group.priority_of(self.agent.id)} among " if self.group.ranked else ""
            said = f"{self.agent.id} is {self.group.strategy.best} from {those}{self.ready} ready agents{needing}"
        else:
            chosen = self._chosen(self.group)
            said = f"{self.agent.id} is {chosen} of {self.ready} ready agents{needing}{self._before(self.group)}"
        others = self._others_elsewhere(*self._why_elsewhere(self.group))
        return said + others + self._those_left_out() + self._those_preferred()

    @property
    def _idle(self) -> str:
        return f"idle {max(self.now - self.idle_since, 0) // 1000} s"

    def _chosen(self, group: Group) -> str:
        best, words = self._best(group), self._words(group, self.line[0])
        return f"{best} ({words})" if words else best

    def _best(self, group: Group) -> str:
        """By what the first of the line comes first: the members' priority, then the step, then the strategy."""
        first, second = self.line[0], self.line[1]
        strategy, unnamed = group.strategy, self.ready > len(self.line)
        peers, of = self.line, ""
        if group.ranked if unnamed else _differ(peers, 0):
            of = f" of priority {first[0]}"
            if second[0] != first[0]:
                return f"the only one{of}"
            peers = [rank for rank in peers if rank[0] == first[0]]
        if strategy.by_step and (len(group.steps) > 1 if unnamed else _differ(peers, 1)):
            of += f" whom {_step(group, first[1])} asks for"
            if second[1] != first[1]:
                return f"the only one{of}"
            peers = [rank for rank in peers if rank[1] == first[1]]
        if not _equal_but_for_idleness(first, second):
            return strategy.best + of
        same = all(_equal_but_for_idleness(first, rank) for rank in peers)
        if unnamed and strategy.several:
            same = strategy.by_step and not group.text and len(group.steps) == 1
        return LONGEST_IDLE + ("" if same else f" of {strategy.several}") + of

    def _before(self, group: Group) -> str:
        """The others, with what speaks against each."""
        named = [f"{rank[-1]} ({words})" if (words := self._words(group, rank)) else rank[-1] for rank in self.line[1:]]
        if unnamed := self.ready - len(self.line):
            named.append(f"{unnamed} more")
        return f", before {_listed(named)}"

    def _words(self, group: Group, rank: Rank) -> str:
        priority = f"priority {rank[0]}" if _differ(self.line, 0) else ""
        later = f"only from {_step(group, rank[1])} on" if group.strategy.by_step and rank[1] else ""
        return ", ".join(filter(None, (priority, later, group.strategy.words(rank, self.now))))

    def _why_elsewhere(self, group: Group) -> tuple[str, str]:
        """What may speak against those who are ready besides, of one and of several."""
        one: list[str] = []
        many: list[str] = []
        if group.members is not None:
            one.append("is not in this queue")
            many.append("are not in this queue")
        if group.delayed:
            one.append("is asked only later")
            many.append("are asked only later")
        if group.text:
            one.append("lacks the skills")
            many.append("lack the skills")
        if group.deferred:
            one.append("has no room for it")
            many.append("have no room for it")
        return _listed(one, " or ") or "is not asked", _listed(many, " or ") or "are not asked"

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
        """It waited for them, or they were not there; or they came when that time was over."""
        if not (names := self.entry.preferred.get("agents")) or self.agent.id in names:
            return ""
        told = {self.agent.id, *self.beside, *self.left_out}
        late = [name for name in self.preferred_ready if name not in told]
        away = [name for name in names if name not in self.preferred_ready and name not in told]
        return _prefers(late, "not asked before others any more") + _prefers(away, "not free")


def _prefers(names: Sequence[str], what: str) -> str:
    """A clause, where there is somebody to name."""
    if not names:
        return ""
    was = "was" if len(names) == 1 else "were"
    return f"; {_listed([*names[:MOST_NAMED]])}, whom this call prefers, {was} {what}"


def _differ(line: Sequence[Rank], part: int) -> bool:
    """Not all have the same in that part of their ranks."""
    return any(rank[part] != line[0][part] for rank in line)


def _step(group: Group, place: int) -> str:
    """`step 2`, of the requirement; `added step 1`, of those whom overflow rules added."""
    return f"step {place + 1}" if place < group.own else f"added step {place - group.own + 1}"


def _equal_but_for_idleness(one: Rank, other: Rank) -> bool:
    """Of strategies that come to it."""
    return len(one) > IDLE_PARTS and one[:-IDLE_PARTS] == other[:-IDLE_PARTS]


def _listed(words: Sequence[str], last: str = " and ") -> str:
    return last.join(filter(None, (", ".join(words[:-1]), *words[-1:])))
