"""A day in virtual time: made-up callers and agents around the very router and commits that serve the real ones.

Nothing sleeps and no clock is asked: the next thing that happens says what time it is. Times are milliseconds from the
beginning of the day."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from typing import Any

import numpy as np

from core.events import Event
from core.ids import counted_ids
from queues.chores import Chore, OfferExpired, WrapUpOver
from queues.definition import Queue
from queues.estimate import interval
from queues.model import Agent, AgentState, Device, Entry, Proposal, Refusal, Setback, Snapshot, Status
from queues.overflow.deeds import Deed
from queues.overflow.overflows import Overflows
from queues.router import Router
from queues.store.overflow_commits import OverflowCommits
from simulator.draws import arrivals, durations, endless
from simulator.scenario import Agents, Callers, Scenario

DRAIN_MS = 4 * 3_600_000
"""How long after the horizon the last calls are followed to their end."""
NEVER = 1 << 62

Act = Callable[[int, Any], None]
"""What is done at a time, and with what."""


@dataclass(slots=True)
class Call:
    """What a caller will do: call at a time, talk so long, and, where patience is not None, give up after it."""

    at: int
    callers: int
    """Which of the scenario's callers."""
    talk: int
    patience: int | None


def calls_of(scenario: Scenario, chance: np.random.Generator) -> list[Call]:
    """Every call of the day, in order of time. Who serves it and when changes nothing in it."""
    calls: list[Call] = []
    for number, callers in enumerate(scenario.file.callers):
        times = arrivals(callers.arrive, scenario.file.horizon, chance)
        talks = durations(callers.talk, len(times), chance).astype(np.int64).tolist()
        patience: Sequence[int | None] = [None] * len(times)
        if callers.patience:
            patience = durations(callers.patience, len(times), chance).astype(np.int64).tolist()
        calls += map(Call, times.astype(np.int64).tolist(), [number] * len(times), talks, patience)
    calls.sort(key=lambda call: call.at)
    return calls


class World:
    """`run` once. `tell` is told every event, as history is."""

    def __init__(self, scenario: Scenario, chance: np.random.Generator, tell: Callable[[Event], None]) -> None:
        self._router = Router(Snapshot((), (), "0"), counted_ids("offer"))
        self._overflows = _overflows(scenario)
        """None where no queue has rules and no wait is estimated."""
        listeners = [self._router.apply, *([self._overflows.apply] if self._overflows else []), tell]
        self._commits = OverflowCommits(_told(listeners), counted_ids("event"))
        self._tell = tell
        self._estimates = scenario.file.estimates
        self._chance = chance
        self._callers: Sequence[Callers] = scenario.file.callers
        self._entries = [_entry(callers, scenario.queues[callers.queue]) for callers in scenario.file.callers]
        self._calls = calls_of(scenario, chance)
        self._end = scenario.file.horizon + DRAIN_MS
        self._agenda: list[tuple[int, int, Act, Any]] = []
        self._acts = self._now = 0
        self._talks: dict[str, int] = {}
        """How long the caller will talk, by the entry that waits or is offered."""
        self._kinds: dict[str, Callers] = {}
        """Who offered ways out may take them, by the entry."""
        self._groups: dict[str, _Group] = {}
        for agents in scenario.file.agents:
            self._come_to_work(agents)

    def run(self) -> None:
        """From the first call until everybody has gone, or DRAIN_MS after the horizon."""
        agenda, coming = self._agenda, iter(self._calls)
        call = next(coming, None)
        while True:
            at_call = call.at if call else NEVER
            at_act = agenda[0][0] if agenda else NEVER
            now = at_act if at_act <= at_call else at_call
            due = self._router.next_deadline()
            if due is not None and due < now:
                now = due
            if self._overflows and (due_rule := self._overflows.next_deadline()) is not None and due_rule < now:
                now = max(due_rule, self._now)
            if now > self._end:
                return
            self._now = now
            if now == due:
                for chore in self._router.chores(now):
                    self._do(chore, now)
            elif now < min(at_act, at_call):
                pass  # a rule's moment
            elif at_act <= at_call:
                _, _, act, what = heappop(agenda)
                act(now, what)
            elif call:
                self._arrives(now, call)
                call = next(coming, None)
                continue
            self._serve(now)

    # --- what happens ---------------------------------------------------------------------------------------------

    def _arrives(self, now: int, call: Call) -> None:
        self._acts += 1
        name = f"{self._acts:09}"
        self._talks[name] = call.talk
        self._commits.enqueue(self._entries[call.callers](name, now))
        if self._overflows:
            self._kinds[name] = self._callers[call.callers]
            if self._estimates:
                self._estimate(self._overflows, name, now)
        self._serve(now)
        if call.patience is not None and name in self._talks:
            self._later(now + call.patience, self._gives_up, name)

    def _estimate(self, overflows: Overflows, entry: str, now: int) -> None:
        """As it would be told to the caller on arrival; of whom too little is known, nothing."""
        if (expected := overflows.expected(entry, now)) is not None:
            low, high = interval(expected)
            told = {"entry": entry, "expected_ms": float(expected), "from_min": low, "to_min": high}
            self._tell(Event("", "entry.announced", now, entry, told))

    def _gives_up(self, now: int, entry: str) -> None:
        """Refused where the caller talks, or has gone."""
        if entry in self._talks and self._commits.leave(entry, "abandoned", now) is None:
            del self._talks[entry]

    def _serve(self, now: int) -> None:
        for proposal in self._router.decide(now):
            self._offer(proposal, now)
        if self._overflows:
            while deeds := self._overflows.decide(now):
                for deed in deeds:
                    self._do_deed(self._overflows, deed, now)
                for proposal in self._router.decide(now):
                    self._offer(proposal, now)

    def _do_deed(self, overflows: Overflows, deed: Deed, now: int) -> None:
        """What the line does in a real call: the caller goes, or chooses."""
        done = self._commits.overflow(deed)
        if isinstance(done, Refusal):
            overflows.settle(deed, done)
            return
        what = deed.notice
        if deed.aside:
            self._goes(deed.entry, "transferred" if "transfer" in what else what["then"], now)
        elif offered := what.get("offer"):
            accepts = self._kinds[deed.entry].accepts
            for choice in offered.values():
                if accepts.get(choice) and self._chance.random() < accepts[choice]:
                    self._goes(deed.entry, choice, now)
                    return

    def _goes(self, entry: str, reason: str, now: int) -> None:
        if self._commits.leave(entry, reason, now) is None:
            del self._talks[entry]

    def _offer(self, proposal: Proposal, now: int) -> None:
        proposal.grounds = ""  # nobody reads these sentences: they are not written
        refusal = self._commits.offer(proposal)
        self._router.settle(proposal, refusal)
        assert refusal is None, f"the router's picture is wrong: {refusal}"
        self._rings(proposal, now)
        for rung in proposal.beside:
            self._rings(replace(proposal, offer=rung["offer"], agent=rung["agent"], beside=()), now)

    def _rings(self, proposal: Proposal, now: int) -> None:
        """One phone. Refused, all of it, where another one was answered first."""
        ring_ms = self._commits.entries[proposal.entry].ring_ms
        takes = self._groups[proposal.agent].takes(ring_ms, self._chance)
        if takes == 0:
            self._answers(now, proposal)
            return
        self._commits.ringing(proposal.entry, proposal.offer, now)
        if takes is None:
            self._later(now + ring_ms, self._misses, proposal)
        else:
            self._later(now + takes, self._answers, proposal)

    def _answers(self, now: int, offer: Proposal) -> None:
        """Refused where the caller gave up while it rang."""
        if self._commits.answer(offer.entry, offer.offer, now) is None:
            self._later(now + self._talks.pop(offer.entry), self._finishes, (offer.entry, now))

    def _finishes(self, now: int, talk: tuple[str, int]) -> None:
        name, since = talk
        entry = self._commits.entries[name]
        self._commits.finish(name, now - since, now)
        if entry.until_coded:
            self._later(now + entry.wrap_up_ms, self._codes, entry.agent)

    def _codes(self, now: int, agent: str) -> None:
        """Says what the outcome was, which ends a wrap-up that has no end of its own."""
        self._commits.code(agent, "", now)

    def _misses(self, now: int, offer: Proposal) -> None:
        if self._commits.withdraw(offer.entry, offer.offer, Setback.NO_ANSWER, now) is not None:
            return
        if self._commits.agents[offer.agent].state is AgentState.NOT_RESPONDING:
            self._later(now + self._groups[offer.agent].agents.away, self._clicks, offer.agent)

    def _clicks(self, now: int, agent: str) -> None:
        """Back from not responding, unless the shift is over."""
        if self._commits.agents[agent].status is Status.AVAILABLE:
            self._begins(now, agent)

    def _begins(self, now: int, agent: str) -> None:
        self._commits.set_status(agent, Status.AVAILABLE, "", agent, now)

    def _ends(self, now: int, agent: str) -> None:
        self._commits.set_status(agent, Status.OFFLINE, "the shift is over", agent, now)

    def _do(self, chore: Chore, now: int) -> None:
        if isinstance(chore, WrapUpOver):
            self._commits.end_wrap_up(chore.agent, now)
        elif isinstance(chore, OfferExpired):
            self._commits.withdraw(chore.entry, chore.offer, Setback.EXPIRED, now)

    # --- how it is kept -------------------------------------------------------------------------------------------

    def _later(self, at: int, act: Act, what: Any) -> None:
        self._acts += 1
        heappush(self._agenda, (at, self._acts, act, what))

    def _come_to_work(self, agents: Agents) -> None:
        group = _Group(agents, self._chance)
        for name in agents.names:
            self._groups[name] = group
            self._commits.put_agent(Agent(name, name, skills=dict(agents.skills)), 0)
            self._commits.set_device(name, Device.FREE, 0)
            if agents.shifts is None:
                self._begins(0, name)
            for shift in agents.shifts or ():
                self._later(shift.since, self._begins, name)
                self._later(shift.until, self._ends, name)


class _Group:
    """Agents who answer alike."""

    def __init__(self, agents: Agents, chance: np.random.Generator) -> None:
        self.agents = agents
        self._picks_up: Iterator[float] | None = endless(agents.picks_up, chance) if agents.picks_up else None

    def takes(self, ring_ms: int, chance: np.random.Generator) -> int | None:
        """How long it rings until the agent answers; None where they do not."""
        if self.agents.misses and chance.random() < self.agents.misses:
            return None
        if self._picks_up is None:
            return 0
        ms = int(next(self._picks_up))
        return ms if ms < ring_ms else None


def _told(listeners: Sequence[Callable[[Event], None]]) -> Callable[[Event], None]:
    if len(listeners) == 2:
        first, second = listeners

        def both(event: Event) -> None:
            first(event)
            second(event)

        return both

    def all_of_them(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return all_of_them


def _overflows(scenario: Scenario) -> Overflows | None:
    wanted = scenario.file.estimates or any(each.overflow or each.announce for each in scenario.queues.values())
    return Overflows(scenario.queues, Snapshot((), (), "0"), counted_ids("deed")) if wanted else None


def _entry(callers: Callers, queue: Queue) -> Callable[[str, int], Entry]:
    """Makes the entries of these callers as a flow's `queue` step does."""
    name, priority, terms = queue.name, callers.priority, queue.terms(callers.skills)

    def made(entry: str, now: int) -> Entry:
        return Entry(entry, entry, name, now, now, priority=priority, **terms)

    return made
