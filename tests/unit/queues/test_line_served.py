"""Whatever callers and agents do: the line is served in order, and nobody waits whom somebody could serve."""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.clock import HandClock
from core.ids import counted_ids
from queues.dispatcher import Dispatcher
from queues.model import Device, EntryState, Setback, Status
from queues.requirement import meets
from queues.store.memory import MemoryStore
from tests.history_checker import check
from tests.line import NOW, agent, entry

AGENTS = [f"a{number}" for number in range(4)]
agents = st.sampled_from(AGENTS)
needs = st.sampled_from([{}, {"x": 1}, {"x": 2}, {"x": 1, "y": 1}])
skills = st.dictionaries(st.sampled_from("xy"), st.integers(1, 2))


class LineServed(RuleBasedStateMachine):
    """The dispatcher takes its turns after each thing that happens."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = HandClock(NOW)
        self.store = MemoryStore(self.clock, counted_ids("event"))
        self.dispatcher = Dispatcher(self.store, "d1", self.clock, counted_ids("offer"), lease_ms=3_600_000)
        self.entries = 0

    @rule(required=needs, priority=st.integers(0, 1))
    def a_call_comes(self, required: dict[str, int], priority: int) -> None:
        self.entries += 1
        since = self.clock.advance(10) - NOW
        given = entry(f"e{self.entries}", since, required=required, priority=priority, wrap_up_ms=1000)
        self.runner.run(self.store.enqueue(given))

    @rule(name=agents, known=skills)
    def an_account_changes(self, name: str, known: dict[str, int]) -> None:
        self.runner.run(self.store.put_agent(agent(name, skills=known), self.clock()))

    @rule(name=agents)
    def an_account_is_removed(self, name: str) -> None:
        self.runner.run(self.store.remove_agent(name, self.clock()))

    @rule(name=agents, status=st.sampled_from([Status.AVAILABLE, Status.AVAILABLE, Status.PAUSED]))
    def an_agent_chooses(self, name: str, status: Status) -> None:
        self.runner.run(self.store.set_status(name, status, "", name, self.clock.advance(1)))

    @rule(name=agents, device=st.sampled_from([Device.FREE, Device.FREE, Device.BUSY]))
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

    @rule(ms=st.sampled_from([1000, 61_000]))
    def time_passes(self, ms: int) -> None:
        self.clock.advance(ms)

    @invariant()
    def nobody_waits_whom_somebody_could_serve(self) -> None:
        for _ in range(3):
            self.runner.run(self.dispatcher.turn(0))
        snapshot, now = self.runner.run(self.store.snapshot()), self.clock()
        for waiting in (each for each in snapshot.entries if each.state is EntryState.WAITING):
            for who in (each for each in snapshot.agents if each.ready):
                excluded = waiting.excluded.get(who.id, 0) > now
                assert excluded or not meets(who.skills, waiting.requirement[0]), f"{who} could serve {waiting}"

    def teardown(self) -> None:
        events = [event for _, event in self.runner.run(self.store.follow("0", 0, 100_000))]
        self.runner.close()
        assert check(events, settled_ms=1) == []


LineServed.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
TestLineServed = LineServed.TestCase
