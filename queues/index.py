"""Waiting calls and ready agents, so arranged that the next match is found without looking at all of them: a heap of
calls for each group of them, and beside it the line of the agents who may take them. Between two matchings nobody waits
whom somebody ready may take: so only what came since then is looked at."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from random import Random

from queues.audience import Audiences, Group, Profile
from queues.match import MOST_NAMED, Match
from queues.model import Agent
from queues.ranked import Rank

NOBODY: Mapping[str, int] = {}


@dataclass(slots=True, eq=False)
class _Call:
    """`left_out`: who is not asked now. `wanted`: the call waits for these agents alone, and is in no group."""

    rank: Rank
    group: Group | None
    left_out: Mapping[str, int]
    wanted: Sequence[str] = ()

    @property
    def alone(self) -> bool:
        return self.group is None or bool(self.left_out)


_Head = tuple[Rank, Group | None, _Call | None]
"""The first of a group, or a call that stands by itself; the ranks of two are never equal."""


class Index:
    """`random` is for the strategy of that name."""

    def __init__(self, random: Random) -> None:
        self.audiences = Audiences(random)
        self._profiles: dict[str, Profile] = {}
        self._staffed: set[str] = set()
        self._ready: dict[str, Agent] = {}
        """In the lines of all their groups."""
        self._came: dict[str, Agent] = {}
        """Ready, but in no line yet: most take a call at once."""
        self._calls: dict[str, _Call] = {}
        self._new_calls: dict[str, None] = {}
        self._wanting: dict[str, dict[str, _Call]] = {}
        """Agent to the calls that wait for them alone."""

    # --- calls --------------------------------------------------------------------------------------------------

    def add_call(self, rank: Rank, group: Group, left_out: Mapping[str, int] = NOBODY) -> None:
        """A call waits; `left_out` are the agents that it is not offered to now."""
        entry = rank[-1]
        self._calls[entry] = _Call(rank, group, left_out)
        if left_out:
            group.picky[entry] = rank, left_out
        else:
            group.waiting.push(rank)
        self._new_calls[entry] = None

    def add_call_for(self, rank: Rank, agents: Sequence[str], left_out: Mapping[str, int] = NOBODY) -> None:
        """A call waits for one of these agents, whatever their skills; the first of them is asked first."""
        entry = rank[-1]
        call = self._calls[entry] = _Call(rank, None, left_out, [each for each in agents if each not in left_out])
        for agent in call.wanted:
            self._wanting.setdefault(agent, {})[entry] = call
        self._new_calls[entry] = None

    def remove_call(self, entry: str) -> None:
        call = self._calls.pop(entry, None)
        if call is None:
            return
        self._new_calls.pop(entry, None)
        if call.group is None:
            for agent in call.wanted:
                del self._wanting[agent][entry]
        elif call.left_out:
            del call.group.picky[entry]
        else:
            call.group.waiting.remove(entry)

    # --- agents -------------------------------------------------------------------------------------------------

    def staff(self, agent: Agent) -> list[Group]:
        """The agent is known, with these skills, staffed or not. Gives the groups of calls that must widen for it:
        whose last step nobody meets any more."""
        profile, before = self.audiences.profile(agent.skills), self._profiles.get(agent.id)
        alone = []
        if before is not None and agent.id in self._staffed and (before is not profile or not agent.staffed):
            self._staffed.discard(agent.id)
            alone = self.audiences.staff(before, -1)
        self._profiles[agent.id] = profile
        if agent.staffed and agent.id not in self._staffed:
            self._staffed.add(agent.id)
            self.audiences.staff(profile, 1)
        return [group for group in alone if len(group.waiting) or group.picky]

    def is_staffed(self, agent: str) -> bool:
        return agent in self._staffed

    def wanting(self, agent: str) -> list[str]:
        """The calls that wait for this agent."""
        return list(self._wanting.get(agent, ()))

    def add_agent(self, agent: Agent) -> None:
        """The agent, made known by `staff`, is ready."""
        self._came[agent.id] = agent

    def remove_agent(self, agent: str) -> None:
        if self._came.pop(agent, None) is None and self._ready.pop(agent, None) is not None:
            profile = self._profiles[agent]
            del profile.ready[agent]
            for group, _ in profile.groups:
                group.ready.remove(agent)

    # --- matching -----------------------------------------------------------------------------------------------

    def matches(self, now: int) -> list[Match]:
        """Match over all queues: always the first call that has an agent, with the best agent for it. What is matched
        is out of the index."""
        if len(self._came) == 1 and not self._new_calls:
            return self._serve_one(now)
        return list(self._serve_all(now)) if self._came or self._new_calls else []

    def _serve_one(self, now: int) -> list[Match]:
        """One agent came, and nothing else: the first of the calls that they may take. It is the case of every busy
        hour, and needs no line of agents."""
        name, agent = self._came.popitem()
        best: Rank | None = None
        found: Group | None = None
        for group, _ in self._profiles[name].groups:
            head = group.waiting.head
            if head is not None and (best is None or head < best) and (group.members is None or name in group.members):
                best, found = head, group
            if group.picky and (group.members is None or name in group.members):
                for rank, left_out in group.picky.values():
                    if (best is None or rank < best) and name not in left_out:
                        best, found = rank, group
        for call in self._wanting.get(name, NO_CALLS).values():
            if best is None or call.rank < best:
                best, found = call.rank, None
        if best is None:
            self._line_up(agent)
            return []
        match = Match(
            best[-1], name, agent.idle_since, now, found, 1, len(self._ready), len(found.waiting) if found else 0
        )
        if found is not None:
            match.left_out = _ready_among(self._calls[match.entry].left_out, found)
            match.elsewhere -= len(match.left_out)
        self.remove_call(match.entry)
        return [match]

    def _serve_all(self, now: int) -> Iterator[Match]:
        heads = self._heads()
        heapify(heads)
        while heads:
            _, group, call = heappop(heads)
            if call is None and group is not None and group.waiting.head is not None:
                call = self._calls[group.waiting.head[-1]]
            if call is None or (match := self._best(call, now)) is None:
                continue
            self.remove_call(match.entry)
            self.remove_agent(match.agent)
            yield match
            if not call.alone and group is not None and group.waiting.head is not None:
                heappush(heads, (group.waiting.head, group, None))

    def _heads(self) -> list[_Head]:
        """Line the agents up who came, and give the calls that they, or the new calls, are to be looked at for."""
        groups: dict[Group, None] = {}
        alone: dict[str, _Call] = {}
        for agent in self._came.values():
            groups.update((group, None) for group in self._line_up(agent))
            alone.update(self._wanting.get(agent.id, NO_CALLS))
        self._came = {}
        for group in groups:
            alone.update((entry, self._calls[entry]) for entry in group.picky)
        for entry in self._new_calls:
            call = self._calls[entry]
            if call.alone:
                alone[entry] = call
            elif call.group is not None:
                groups[call.group] = None
        self._new_calls = {}
        heads: list[_Head] = [(group.waiting.head, group, None) for group in groups if group.waiting.head is not None]
        return heads + [(call.rank, None, call) for call in alone.values()]

    def _line_up(self, agent: Agent) -> list[Group]:
        """In all the lines; gives the groups with calls."""
        profile = self._profiles[agent.id]
        self._ready[agent.id] = profile.ready[agent.id] = agent
        for group, how in profile.groups:
            group.admit(agent, how)
        return [group for group, _ in profile.groups if group.waiting.head is not None or group.picky]

    def _best(self, call: _Call, now: int) -> Match | None:
        entry, group = call.rank[-1], call.group
        if group is None:
            name = next((each for each in call.wanted if each in self._ready), None)
            if name is None:
                return None
            return Match(entry, name, self._ready[name].idle_since, now, None, 1, len(self._ready) - 1)
        first = group.ready.first_without(call.left_out) if call.left_out else group.ready.head
        if first is None:
            return None
        left_out = _ready_among(call.left_out, group)
        fit = len(group.ready) - len(left_out)
        line = [rank for rank in group.ready.some(MOST_NAMED + len(left_out)) if rank[-1] not in left_out]
        if line and line[0] is not first:
            line.sort(key=lambda rank: rank is not first)
        name = first[-1]
        elsewhere = len(self._ready) - fit - len(left_out)
        return Match(
            entry, name, self._ready[name].idle_since, now, group, fit, elsewhere, 0, line or [first], left_out
        )


NO_CALLS: Mapping[str, _Call] = {}


def _ready_among(left_out: Collection[str], group: Group) -> Sequence[str]:
    return [agent for agent in left_out if agent in group.ready] if left_out else ()
