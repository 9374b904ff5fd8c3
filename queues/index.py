"""Waiting calls and ready agents, so arranged that the next match is found without looking at all of them: a heap of
calls for each requirement, a heap of agents for each set of skills, and who fits whom between the two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from queues.model import Skills, satisfies

Rank = tuple[int, int, str]
"""What the queue is sorted by, smallest first; its last part is the id, so no two are equal."""

SLACK = 64
"""A heap may hold so many items that are no longer meant, and as many again as are meant."""


class Ranked:
    """Ids by rank. What was removed stays in the heap until it comes to the top or there is too much of it."""

    def __init__(self) -> None:
        self._heap: list[Rank] = []
        self._live: dict[str, Rank] = {}

    def __len__(self) -> int:
        return len(self._live)

    def __contains__(self, name: str) -> bool:
        return name in self._live

    def push(self, rank: Rank) -> None:
        self._live[rank[2]] = rank
        heappush(self._heap, rank)

    def remove(self, name: str) -> None:
        self._live.pop(name, None)
        if len(self._heap) > 2 * len(self._live) + SLACK:
            self._heap = list(self._live.values())
            heapify(self._heap)

    def first(self) -> Rank | None:
        heap, live = self._heap, self._live
        while heap:
            rank = heap[0]
            if live.get(rank[2]) == rank:
                return rank
            heappop(heap)
        return None

    def first_without(self, left_out: Mapping[str, int]) -> Rank | None:
        """The first that is not left out: looks at no more than those left out and one."""
        aside: list[Rank] = []
        while (rank := self.first()) is not None and rank[2] in left_out:
            aside.append(heappop(self._heap))
        for each in aside:
            heappush(self._heap, each)
        return rank


@dataclass(slots=True, eq=False)
class _Pool:
    """Ready agents with the same skills."""

    skills: Skills
    ready: Ranked = field(default_factory=Ranked)
    groups: list["_Group"] = field(default_factory=list)
    """The calls that these agents can take."""


@dataclass(slots=True, eq=False)
class _Group:
    """Waiting calls with the same requirement. A call that leaves some agents out stands by itself in `picky`, with
    those agents, so that it never holds up the others."""

    required: Skills
    text: str
    waiting: Ranked = field(default_factory=Ranked)
    picky: dict[str, tuple[Rank, Mapping[str, int]]] = field(default_factory=dict)
    pools: list[_Pool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Match:
    """`ready`: how many agents could have taken the call; `left_out`: how many more were ready but left out for it."""

    entry: str
    agent: str
    ready: int
    left_out: int
    required: str


class Index:
    """Requirements and sets of skills stay once they were seen: there are few, and a fresh index is made with each
    snapshot."""

    def __init__(self) -> None:
        self._groups: dict[frozenset[tuple[str, int]], _Group] = {}
        self._pools: dict[frozenset[tuple[str, int]], _Pool] = {}
        self._group_of: dict[str, _Group] = {}
        self._pool_of: dict[str, _Pool] = {}
        self._touched: dict[_Group, None] = {}
        """Groups with a call or an agent more than at the last matching."""
        self._fresh: dict[_Pool, None] = {}

    def add_call(self, rank: Rank, required: Skills, left_out: Mapping[str, int]) -> None:
        """A call waits; `left_out` are the agents that it is not offered to now."""
        entry = rank[2]
        group = self._group(required)
        self._group_of[entry] = group
        if left_out:
            group.picky[entry] = rank, left_out
        else:
            group.waiting.push(rank)
        self._touched[group] = None

    def remove_call(self, entry: str) -> None:
        group = self._group_of.pop(entry, None)
        if group and group.picky.pop(entry, None) is None:
            group.waiting.remove(entry)

    def add_agent(self, agent: str, skills: Skills, idle_since: int) -> None:
        """An agent is ready."""
        pool = self._pool(skills)
        self._pool_of[agent] = pool
        pool.ready.push((idle_since, 0, agent))
        self._fresh[pool] = None

    def remove_agent(self, agent: str) -> None:
        pool = self._pool_of.pop(agent, None)
        if pool:
            pool.ready.remove(agent)

    def matches(self) -> Iterator[Match]:
        """Match over all queues: always the first call that has an agent, with the agent longest idle. What is matched
        is out of the index. Only calls and agents that came since the last time, and whom they fit, are looked at: all
        others were found to have nobody."""
        heads = [head for group in self._changed() for head in _heads(group)]
        heapify(heads)
        while heads:
            rank, group, left_out = heappop(heads)
            match = _best(rank[2], group, left_out)
            if match is None:
                continue
            self.remove_call(match.entry)
            self.remove_agent(match.agent)
            yield match
            if not left_out and (following := group.waiting.first()):
                heappush(heads, (following, group, left_out))

    def _changed(self) -> Mapping[_Group, None]:
        changed, self._touched = self._touched, {}
        for pool in self._fresh:
            if len(pool.ready):
                changed.update((group, None) for group in pool.groups if len(group.waiting) or group.picky)
        self._fresh = {}
        return changed

    def _group(self, required: Skills) -> _Group:
        signature = frozenset(required.items())
        group = self._groups.get(signature)
        if group is None:
            text = " and ".join(f"{skill} >= {level}" for skill, level in sorted(required.items()))
            group = self._groups[signature] = _Group(dict(required), text)
            for pool in self._pools.values():
                _join(group, pool)
        return group

    def _pool(self, skills: Skills) -> _Pool:
        signature = frozenset(skills.items())
        pool = self._pools.get(signature)
        if pool is None:
            pool = self._pools[signature] = _Pool(dict(skills))
            for group in self._groups.values():
                _join(group, pool)
        return pool


_NOBODY: Mapping[str, int] = {}


def _heads(group: _Group) -> Iterator[tuple[Rank, _Group, Mapping[str, int]]]:
    first = group.waiting.first()
    if first:
        yield first, group, _NOBODY
    for rank, left_out in group.picky.values():
        yield rank, group, left_out


def _best(entry: str, group: _Group, left_out: Mapping[str, int]) -> Match | None:
    best: Rank | None = None
    ready = 0
    for pool in group.pools:
        if not len(pool.ready):
            continue
        ready += len(pool.ready)
        first = pool.ready.first_without(left_out) if left_out else pool.ready.first()
        if first and (best is None or first < best):
            best = first
    if best is None:
        return None
    missing = sum(agent in pool.ready for agent in left_out for pool in group.pools) if left_out else 0
    return Match(entry, best[2], ready - missing, missing, group.text)


def _join(group: _Group, pool: _Pool) -> None:
    if satisfies(pool.skills, group.required):
        group.pools.append(pool)
        pool.groups.append(group)
