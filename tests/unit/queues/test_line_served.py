"""Whatever callers and agents do: the line is served in order, and nobody waits whom somebody could serve."""

import asyncio
from collections.abc import Sequence
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from core.clock import HandClock
from core.ids import counted_ids
from queues.away import is_unreachable
from queues.dispatcher import Dispatcher
from queues.model import DEFERRED, Agent, Device, Entry, EntryState, Kind, Setback, Status, Step, Terms
from queues.requirement import meets
from queues.store.memory import MemoryStore
from queues.strategies import STRATEGIES
from tests.history_checker import check
from tests.line import NOW, agent, entry

AGENTS = [f"a{number}" for number in range(4)]
agents = st.sampled_from(AGENTS)
HOWS = sorted(STRATEGIES)
needs = st.sampled_from(
    [
        [{}],
        [{"skills": {"x": 1}}],
        [{"skills": {"x": 2}, "for_ms": 5_000}, {"skills": {"x": 1}}],
        [{"skills": {"x": 1, "y": 1}, "for_ms": 1_000}, {"any": [{"x": 2, "y": 1}], "for_ms": 60_000}, {}],
    ]
)
people = st.sampled_from(
    [{}, {}, {"a0": {}, "a1": {"priority": 2}}, {"a1": {"delay_ms": 2_000}, "a2": {"place": 1}, "a3": {"place": 2}}]
)
wanted = st.sampled_from([{}, {}, {}, {"agents": ["a0"], "for_ms": 3_000}, {"agents": ["a1", "a3"], "for_ms": 500}])
skills = st.dictionaries(st.sampled_from("xy"), st.integers(1, 2))


PREFERRING = -1


def at_least(entry: Entry, people: Sequence[Agent], now: int, *, known: bool = True) -> list[Step]:
    """The steps that it has come to whoever was there before: those whom nobody can meet now are over, and the next one
    begins now; so counts a dispatcher that knows nothing of before, or a little more. `known`: who is at work; else no
    step is skipped."""
    began, step = entry.entered, PREFERRING if entry.preferred else 0
    while step < len(entry.requirement) - 1:
        may_come = not known or any(who.staffed and could_meet(who, entry, step, now) for who in people)
        if may_come and began + lasts(entry, step) > now:
            break
        began = began + lasts(entry, step) if may_come else now
        step += 1
    return entry.requirement[: step + 1]


def at_most(entry: Entry, people: Sequence[Agent], now: int, over: set[int]) -> list[Step]:
    """The steps that it may have come to. `over`: those that nobody could meet at some look, which may have ended when
    they began. Since when a phone is lost is not seen: so nobody is waited for there."""
    step = PREFERRING if entry.preferred else 0
    while step < len(entry.requirement) - 1:
        here = (who for who in people if who.staffed and not is_unreachable(who))
        if not any(could_meet(who, entry, step, now) for who in here):
            over.add(step)
        if step not in over and entry.entered + lasts(entry, step) > now:
            break
        step += 1
    return entry.requirement[: step + 1]


def lasts(entry: Entry, step: int) -> int:
    return entry.preferred["for_ms"] if step == PREFERRING else entry.requirement[step].get("for_ms", 10**15)


def could_meet(who: Agent, entry: Entry, step: int, now: int) -> bool:
    """Sooner or later, in that step."""
    if step == PREFERRING:
        return who.id in entry.preferred["agents"] and entry.excluded.get(who.id, 0) <= now
    return (not entry.members or who.id in entry.members) and meets(who.skills, entry.requirement[step])


def added(entry: Entry) -> list[Step]:
    """By overflow rules."""
    return [step for steps in entry.also.values() for step in steps]


def may_take(who: Agent, entry: Entry, steps: list[Step], now: int) -> bool:
    """As somebody would say it who looks at one call and one agent."""
    member = entry.members.get(who.id)
    if entry.kind in DEFERRED and not who.may_hold:
        return False
    if entry.members and (member is None or entry.entered + member.get("delay_ms", 0) > now):
        return False
    return entry.excluded.get(who.id, 0) <= now and any(meets(who.skills, step) for step in steps)


class LineServed(RuleBasedStateMachine):
    """The dispatcher takes its turns after each thing that happens."""

    turns = 3

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = HandClock(NOW)
        self.store = MemoryStore(self.clock, counted_ids("event"))
        self.dispatcher = Dispatcher(self.store, "d1", self.clock, counted_ids("offer"), lease_ms=3_600_000)
        self.entries = 0
        self.untold_until = 0
        """It is not known before who is at work: a wiped store is still to be told."""
        self.over: dict[tuple[str, str, int], set[int]] = {}
        """Of each entry since it came into its queue: steps that nobody could meet at some look."""

    @initialize(known=st.lists(skills, max_size=len(AGENTS)))
    def some_are_at_work(self, known: list[dict[str, int]]) -> None:
        for name, knows in zip(AGENTS, known, strict=False):
            self.an_account_changes(name, knows)

    @rule(requirement=needs, members=people, preferred=wanted, priority=st.integers(0, 1), how=st.sampled_from(HOWS))
    def a_call_comes(self, how: str, **asks: Any) -> None:
        self.entries += 1
        since = self.clock.advance(10) - NOW
        given = entry(
            f"e{self.entries}", since, strategy=how, wrap_up_ms=1000, until_coded=self.entries % 7 == 0, **asks
        )
        given.kind = Kind.VOICEMAIL if self.entries % 3 == 0 else Kind.CALL
        self.runner.run(self.store.enqueue(given))

    @rule(which=st.integers(0, 5), requirement=needs, keep=st.booleans())
    def a_call_is_moved(self, which: int, requirement: list[Step], keep: bool) -> None:
        if name := self._some(which):
            terms: Terms = {
                "requirement": requirement, "strategy": "linear", "members": {}, "ring_ms": 20_000, "wrap_up_ms": 0,
                "wrap_up_most_ms": 0, "until_coded": False,
            }  # fmt: skip
            self.runner.run(self.store.move(name, "roads", terms, keep, "", "boss", self.clock.advance(1)))

    @rule(which=st.integers(0, 5), priority=st.integers(0, 3))
    def a_call_is_prioritised(self, which: int, priority: int) -> None:
        if name := self._some(which):
            self.runner.run(self.store.prioritise(name, priority, "", "boss", self.clock.advance(1)))

    @rule(which=st.integers(0, 5))
    def a_call_is_sent_away(self, which: int) -> None:
        if name := self._some(which):
            self.runner.run(self.store.send_away(name, "closed", "boss", self.clock.advance(1)))

    def _some(self, which: int) -> str:
        """One of those in line, or ''."""
        entries = self.runner.run(self.store.snapshot()).entries
        waiting = [each.id for each in entries if each.state is EntryState.WAITING]
        return waiting[which % len(waiting)] if waiting else ""

    @rule(name=agents, known=skills)
    def an_account_changes(self, name: str, known: dict[str, int]) -> None:
        self.runner.run(self.store.put_agent(agent(name, skills=known), self.clock.advance(1)))

    @rule(name=agents)
    def an_account_is_removed(self, name: str) -> None:
        self.runner.run(self.store.remove_agent(name, self.clock.advance(1)))

    @rule(name=agents, holds=st.sampled_from([-1, 0, 1, 2]))
    def an_agent_may_hold_so_much(self, name: str, holds: int) -> None:
        self.runner.run(self.store.set_holds(name, holds, "boss", self.clock.advance(1)))

    @rule(name=agents, done=st.booleans())
    def something_held_is_done_or_given_back(self, name: str, done: bool) -> None:
        who = self.runner.run(self.store.agent(name))
        if who and who.held:
            entry = self.runner.run(self.store.entry(who.held[0]))
            assert entry is not None
            if done:
                self.runner.run(self.store.finish(entry.id, 1, self.clock.advance(1)))
            else:
                self.runner.run(self.store.withdraw(entry.id, entry.offer, Setback.RETURNED, self.clock.advance(1)))

    @rule(name=agents, held=st.booleans())
    def a_caller_is_put_on_hold_or_taken_back(self, name: str, held: bool) -> None:
        who = self.runner.run(self.store.agent(name))
        if who:
            self.runner.run(self.store.hold(who.entry, held, self.clock.advance(1)))

    @rule(name=agents)
    def an_outcome_is_coded(self, name: str) -> None:
        self.runner.run(self.store.code(name, "settled", self.clock.advance(1)))

    @rule(name=agents, status=st.sampled_from([Status.AVAILABLE, Status.AVAILABLE, Status.PAUSED, Status.OFFLINE]))
    def an_agent_chooses(self, name: str, status: Status) -> None:
        self.runner.run(self.store.set_status(name, status, "", name, self.clock.advance(1)))

    @rule(name=agents, device=st.sampled_from([Device.FREE, Device.FREE, Device.BUSY, Device.UNREACHABLE]))
    def a_phone_changes(self, name: str, device: Device) -> None:
        self.runner.run(self.store.set_device(name, device, self.clock()))

    @rule(name=agents, setback=st.sampled_from([None, None, *Setback]))
    def an_offer_goes(self, name: str, setback: Setback | None) -> None:
        who = self.runner.run(self.store.agent(name))
        if who and setback:
            self.runner.run(self.store.withdraw(who.entry, who.offer, setback, self.clock.advance(1)))
        elif who:
            self.runner.run(self.store.answer(who.entry, who.offer, self.clock()))

    @rule(name=agents)
    def a_talk_ends(self, name: str) -> None:
        who = self.runner.run(self.store.agent(name))
        if who:
            self.runner.run(self.store.finish(who.entry, 1, self.clock.advance(1)))

    @rule(data=st.data())
    def a_caller_leaves(self, data: st.DataObject) -> None:
        live = [each.id for each in self.runner.run(self.store.snapshot()).entries]
        if live:
            self.runner.run(self.store.leave(data.draw(st.sampled_from(live)), "abandoned", self.clock()))

    @rule(ms=st.sampled_from([1000, 5000, 61_000]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)

    @invariant()
    def nobody_waits_whom_somebody_could_serve(self) -> None:
        for _ in range(self.turns):
            self.runner.run(self.dispatcher.turn(0))
        snapshot, now = self.runner.run(self.store.snapshot()), self.clock()
        known = now >= self.untold_until
        most = {each.id: at_most(each, snapshot.agents, now, self._over(each)) for each in snapshot.entries}
        for waiting in (e for e in snapshot.entries if e.state is EntryState.WAITING and not e.sent_away):
            steps = [*at_least(waiting, snapshot.agents, now, known=known), *added(waiting)]
            for who in (each for each in snapshot.agents if each.ready):
                assert not may_take(who, waiting, steps, now), f"{who} could serve {waiting}"
        people = {each.id: each for each in snapshot.agents}
        for offered in (
            each for each in snapshot.entries if each.state is EntryState.OFFERED and each.offered_at == now
        ):
            preferred = offered.agent in offered.preferred.get("agents", ())
            who = people[offered.agent]
            # a rule that adds people may add members too: who was one before it is not seen
            asked = offered.requirement if offered.also else most[offered.id]
            steps = [*asked, *added(offered)]
            assert preferred or may_take(who, offered, steps, now), f"{who} may not serve {offered}"

    def _over(self, entry: Entry) -> set[int]:
        return self.over.setdefault((entry.id, entry.queue, entry.entered), set())

    def teardown(self) -> None:
        events = [event for _, event in self.runner.run(self.store.follow("0", 0, 100_000))]
        self.runner.close()
        assert check(events, settled_ms=1) == []


LineServed.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
TestLineServed = LineServed.TestCase
