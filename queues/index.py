"""Waiting calls and ready agents, so arranged that the next match is found without looking at all of them: a heap of
calls for each group of them, and beside it the line of the agents who may take them. Between two matchings nobody waits
whom somebody ready may take: so only what came since then is looked at."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from random import Random

from queues.audience import Audiences, Group, Profile
from queues.match import MOST_NAMED, Match
from queues.model import DEFERRED, Agent, Entry, Kind
from queues.waiting import NOBODY_WAITS, Call, Turn, Waiting

NOBODY: Mapping[str, int] = {}


_Head = tuple[Turn, Waiting | None]
"""A call that is to be looked at, and the line that it heads, if it stands in one."""


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
        self._calls: dict[str, Call] = {}
        self._new_calls: dict[str, Call] = {}
        self._picky = 0
        """Calls that leave somebody out."""
        self._wanting: dict[str, dict[str, Call]] = {}
        """Agent to the calls that wait for them alone."""

    # --- calls --------------------------------------------------------------------------------------------------

    def add_call(self, entry: Entry, group: Group, left_out: Mapping[str, int] = NOBODY) -> None:
        """A call waits; `left_out` are the agents that it is not offered to now."""
        call = self._calls[entry.id] = Call(entry, group, left_out)
        if left_out:
            group.picky[entry.id] = call
            self._picky += 1
        else:
            group.waiting.push(call)
        self._new_calls[entry.id] = call

    def add_call_for(self, entry: Entry, agents: Sequence[str], left_out: Mapping[str, int] = NOBODY) -> None:
        """A call waits for one of these agents, whatever their skills; the first of them is asked first."""
        call = Call(entry, None, left_out, [each for each in agents if each not in left_out])
        self._calls[entry.id] = self._new_calls[entry.id] = call
        for agent in call.wanted:
            self._wanting.setdefault(agent, {})[entry.id] = call

    def remove_call(self, entry: str) -> None:
        call = self._calls.get(entry)
        if call is not None:
            self._remove(call)

    def _remove(self, call: Call) -> None:
        name, group = call.entry.id, call.group
        del self._calls[name]
        call.live = False
        if self._new_calls:
            self._new_calls.pop(name, None)
        if group is None:
            for agent in call.wanted:
                del self._wanting[agent][name]
                if not self._wanting[agent]:
                    del self._wanting[agent]
        elif call.left_out:
            del group.picky[name]
            self._picky -= 1
        else:
            group.waiting.gone(call)

    # --- agents -------------------------------------------------------------------------------------------------

    def staff(self, agent: Agent, *, away: bool = False) -> list[Group]:
        """The agent is known, with these skills, staffed or not; who is `away` from their phone is not. Gives the
        groups of calls that must widen for it: whose last step nobody meets any more."""
        profile, before = self.audiences.profile(agent.skills), self._profiles.get(agent.id)
        alone, staffed = [], agent.staffed and not away
        if before is not None and agent.id in self._staffed and (before is not profile or not staffed):
            self._staffed.discard(agent.id)
            alone = self.audiences.unstaff(before, agent.id)
        self._profiles[agent.id] = profile
        if staffed and agent.id not in self._staffed:
            self._staffed.add(agent.id)
            self.audiences.staff(profile, agent.id)
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
            for line in profile.lines:
                line.group.ready.remove(agent)

    # --- matching -----------------------------------------------------------------------------------------------

    def matches(self, now: int) -> list[Match]:
        """Match over all queues: always the first call that has an agent, with the best agent for it. What is matched
        is out of the index."""
        if not self._new_calls:
            if not self._came:
                return []
            if len(self._came) == 1:
                return self._serve_one(now)
        elif len(self._new_calls) == 1 and not self._came:
            return self._serve_newcomer(now)
        return list(self._serve_all(now))

    def _serve_one(self, now: int) -> list[Match]:
        """One agent came, and nothing else: the first of the calls that they may take. It is the case of every busy
        hour, and needs no line of agents."""
        name, agent = self._came.popitem()
        call: Call | None = None
        score = NOBODY_WAITS
        for line in self._profiles[name].lines:
            if line.score <= score:
                head, group = line.head, line.group
                if (
                    head is not None
                    and (call is None or head.before(call))
                    and (group.members is None or name in group.members)
                    and not (group.deferred and not agent.may_hold)
                ):
                    call, score = head, line.score
        if self._picky or self._wanting:
            for alone in self._alone_for(name):
                if _has_room(agent, alone) and (call is None or alone.before(call)):
                    call = alone
        if call is None:
            self._line_up(agent)
            return []
        match = Match(call.entry, agent, agent.idle_since, now, call.group, 1, len(self._ready))
        if call.group is not None:
            match.waiting = len(call.group.waiting)
            if call.group.picky:
                match.waiting += sum(name not in picky.left_out for picky in call.group.picky.values())
            if call.entry.preferred:
                match.preferred_ready = self._preferred_ready(call)
            if call.left_out:
                match.left_out = _ready_among(call.left_out, call.group)
                match.elsewhere -= len(match.left_out)
        self._remove(call)
        return [match]

    def _serve_newcomer(self, now: int) -> list[Match]:
        """One call came, and nothing else. Those before it in its line wait because nobody is ready for them, nor
        then for it: it needs no look at them."""
        _, call = self._new_calls.popitem()
        if (match := self._best(call, now)) is None:
            return []
        self._remove(call)
        self._remove_agents(match)
        return [match]

    def _alone_for(self, agent: str) -> Iterator[Call]:
        """Calls that stand by themselves and that the agent may take."""
        yield from self._wanting.get(agent, NO_CALLS).values()
        for line in self._profiles[agent].lines:
            group = line.group
            if group.picky and (group.members is None or agent in group.members):
                yield from (call for call in group.picky.values() if agent not in call.left_out)

    def _serve_all(self, now: int) -> Iterator[Match]:
        heads = self._heads()
        heapify(heads)
        while heads:
            turn, line = heappop(heads)
            if (match := self._best(turn[3], now)) is None:
                continue
            self._remove(turn[3])
            self._remove_agents(match)
            yield match
            if line is not None and line.head is not None:
                heappush(heads, (line.head.turn(), line))

    def _heads(self) -> list[_Head]:
        """Line the agents up who came, and give the calls that they, or the new calls, are to be looked at for."""
        lines: dict[Waiting, None] = {}
        alone: dict[str, Call] = {}
        for agent in self._came.values():
            lines.update(dict.fromkeys(self._line_up(agent)))
            alone.update((call.entry.id, call) for call in self._alone_for(agent.id))
        self._came = {}
        for entry, call in self._new_calls.items():
            if call.alone or call.group is None:
                alone[entry] = call
            else:
                lines[call.group.waiting] = None
        self._new_calls = {}
        heads: list[_Head] = [(line.head.turn(), line) for line in lines if line.head is not None]
        return heads + [(call.turn(), None) for call in alone.values()]

    def _line_up(self, agent: Agent) -> list[Waiting]:
        """In all the lines of agents; gives the lines of calls that are not empty."""
        profile = self._profiles[agent.id]
        self._ready[agent.id] = profile.ready[agent.id] = agent
        for line, how in zip(profile.lines, profile.fits, strict=True):
            line.group.admit(agent, how)
        return [line for line in profile.lines if line.head is not None]

    def _best(self, call: Call, now: int) -> Match | None:
        group = call.group
        if group is None:
            wanted = (self._ready[each] for each in call.wanted if each in self._ready)
            agent = next((each for each in wanted if _has_room(each, call)), None)
            if agent is None:
                return None
            return Match(call.entry, agent, agent.idle_since, now, None, 1, len(self._ready) - 1)
        first = group.ready.first_without(call.left_out) if call.left_out else group.ready.head
        if first is None:
            return None
        left_out = _ready_among(call.left_out, group)
        fit = len(group.ready) - len(left_out)
        line = [rank for rank in group.ready.some(MOST_NAMED + len(left_out)) if rank[-1] not in left_out]
        if line and line[0] is not first:
            line.sort(key=lambda rank: rank is not first)
        if not line:
            following = group.ready.first_without({first[-1], *left_out})
            line = [first] if following is None else [first, following]
        agent = self._ready[first[-1]]
        elsewhere = len(self._ready) - fit - len(left_out)
        match = Match(call.entry, agent, agent.idle_since, now, group, fit, elsewhere, 0, line, left_out)
        if call.entry.preferred:
            match.preferred_ready = self._preferred_ready(call)
        if group.strategy.together > 1 and call.entry.kind == Kind.CALL:
            _, *others = group.ready.firsts(group.strategy.together, call.left_out)
            match.beside = [rank[-1] for rank in others]
        return match

    def _preferred_ready(self, call: Call) -> Sequence[str]:
        return [agent for agent in call.entry.preferred["agents"] if agent in self._ready]

    def _remove_agents(self, match: Match) -> None:
        self.remove_agent(match.agent.id)
        for agent in match.beside:
            self.remove_agent(agent)


NO_CALLS: Mapping[str, Call] = {}


def _has_room(agent: Agent, call: Call) -> bool:
    """For work that may be held beside calls; for calls it matters only that the agent is ready."""
    return agent.may_hold or call.entry.kind not in DEFERRED


def _ready_among(left_out: Collection[str], group: Group) -> Sequence[str]:
    return [agent for agent in left_out if agent in group.ready] if left_out else ()
