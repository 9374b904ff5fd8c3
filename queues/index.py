"""Waiting calls and ready agents, so arranged that the next match is found without looking at all of them: a heap of
calls for each requirement, and beside it a heap of the agents who meet it."""

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
class _Group:
    """Waiting calls with the same requirement, and the ready agents that meet it. A call that leaves some agents out
    stands by itself in `picky`, with those agents, so that it never holds up the others."""

    required: Skills
    text: str
    waiting: Ranked = field(default_factory=Ranked)
    picky: dict[str, tuple[Rank, Mapping[str, int]]] = field(default_factory=dict)
    ready: Ranked = field(default_factory=Ranked)


@dataclass(slots=True, eq=False)
class _Profile:
    """Ready agents with the same skills, and the groups that they are in for that."""

    skills: Skills
    groups: list[_Group]
    ready: dict[str, Rank] = field(default_factory=dict)


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
        self._profiles: dict[frozenset[tuple[str, int]], _Profile] = {}
        self._group_of: dict[str, _Group] = {}
        self._profile_of: dict[str, _Profile] = {}
        self._touched: dict[_Group, None] = {}
        """Groups with a call or an agent more than at the last matching."""

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
        profile = self._profile(skills)
        self._profile_of[agent] = profile
        rank = profile.ready[agent] = (idle_since, 0, agent)
        for group in profile.groups:
            group.ready.push(rank)
            if len(group.waiting) or group.picky:
                self._touched[group] = None

    def remove_agent(self, agent: str) -> None:
        profile = self._profile_of.pop(agent, None)
        if profile:
            del profile.ready[agent]
            for group in profile.groups:
                group.ready.remove(agent)

    def matches(self) -> Iterator[Match]:
        """Match over all queues: always the first call that has an agent, with the agent longest idle. What is matched
        is out of the index. Only calls and agents that came since the last time, and whom they fit, are looked at: all
        others were found to have nobody."""
        heads = [head for group in self._touched for head in _heads(group)]
        self._touched = {}
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

    def _group(self, required: Skills) -> _Group:
        signature = frozenset(required.items())
        group = self._groups.get(signature)
        if group is None:
            text = " and ".join(f"{skill} >= {level}" for skill, level in sorted(required.items()))
            group = self._groups[signature] = _Group(dict(required), text)
            for profile in self._profiles.values():
                if satisfies(profile.skills, required):
                    profile.groups.append(group)
                    for rank in profile.ready.values():
                        group.ready.push(rank)
        return group

    def _profile(self, skills: Skills) -> _Profile:
        signature = frozenset(skills.items())
        profile = self._profiles.get(signature)
        if profile is None:
            groups = [group for group in self._groups.values() if satisfies(skills, group.required)]
            profile = self._profiles[signature] = _Profile(dict(skills), groups)
        return profile


_NOBODY: Mapping[str, int] = {}


def _heads(group: _Group) -> Iterator[tuple[Rank, _Group, Mapping[str, int]]]:
    first = group.waiting.first()
    if first:
        yield first, group, _NOBODY
    for rank, left_out in group.picky.values():
        yield rank, group, left_out


def _best(entry: str, group: _Group, left_out: Mapping[str, int]) -> Match | None:
    first = group.ready.first_without(left_out) if left_out else group.ready.first()
    if first is None:
        return None
    missing = sum(agent in group.ready for agent in left_out)
    return Match(entry, first[2], len(group.ready) - missing, missing, group.text)
