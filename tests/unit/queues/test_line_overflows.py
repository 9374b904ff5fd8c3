"""Whatever callers, agents and overflow rules do, and whether the store forgets everything or not: the line is served
in order, everybody is counted once, nobody is tried while their caller is aside, and what rules did for a caller is
known to the dispatcher as it is to the store."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from core.files import Faults
from core.ids import counted_ids
from queues.dispatcher import AGENTS_TOLD_WITHIN_MS, TOLD_WITHIN_MS, Dispatcher
from queues.load import load_queues
from queues.model import DEFERRED, Agent, AgentState, Entry, EntryState, Kind, Status
from queues.store.memory import MemoryStore
from tests.history_checker import check
from tests.unit.queues.test_line_served import LineServed

CIVIL = b"""
queue: civil
announce: {position: true, wait: true, every: 15s}
overflow:
  - {when: waited > 5s, raise: 2, once: true}
  - {when: length > 3, cooldown: 5s, move: roads}
  - {when: waited > 6s and idle == 0, widen: roads}
  - {when: expected_wait > 1m, until: expected_wait < 30s, offer: {1: callback}}
  - {when: staffed == 0, then: voicemail}
  - {when: waited > 60s, say: Patience., every: 15s}
"""
ROADS = b"""
queue: roads
require: [{skills: {y: 1}}]
overflow:
  - {when: callers_per_agent > 2, say: Patience.}
  - {when: position > 2, until: position < 2, raise: 1}
  - {when: waited > 2m, then: end}
"""


def history(entry: Entry) -> dict[str, object]:
    """What rules did for it, and what it was told."""
    return {name: getattr(entry, name) for name in ("also", "followed", "hops", "exits", "announced", "priority")}


class LineOverflows(LineServed):
    """The same lives, in queues with rules."""

    turns = 8

    def __init__(self) -> None:
        super().__init__()
        faults = Faults()
        queues = load_queues({"civil": CIVIL, "roads": ROADS}, faults)
        assert not faults.found
        self.queues, self.lives = queues, 0
        self.chosen: dict[str, Status] = {}
        """What a wiped store is still to be told of agents."""
        self.begun = 0
        self.lead()

    def lead(self) -> None:
        self.dispatcher = Dispatcher(
            self.store, f"d{self.lives}", self.clock, counted_ids(f"offer{self.lives}-"), lease_ms=3_600_000,
            queues=lambda _: self.queues,
        )  # fmt: skip

    @rule(which=st.integers(0, 5))
    def a_caller_presses_a_key(self, which: int) -> None:
        if name := self._some(which):
            self.runner.run(self.store.step_aside(name, "callback", self.clock.advance(1)))

    @rule(which=st.integers(0, 5), refused=st.booleans())
    def what_a_caller_does_aside_ends(self, which: int, refused: bool) -> None:
        entries = self.runner.run(self.store.snapshot()).entries
        aside = [each.id for each in entries if each.state is EntryState.ASIDE]
        if not aside:
            return
        name, now = aside[which % len(aside)], self.clock.advance(1)
        self.runner.run(self.store.come_back(name, now) if refused else self.store.leave(name, "callback", now))

    @rule(which=st.integers(0, 3), prefer_ms=st.sampled_from([0, 3_000]))
    def a_phone_is_lost_in_mid_talk(self, which: int, prefer_ms: int) -> None:
        agents = self.runner.run(self.store.snapshot()).agents
        called = [each for each in agents if each.state in (AgentState.OFFERED, AgentState.TALKING)]
        if called:
            who, now = called[which % len(called)], self.clock.advance(1)
            self.runner.run(self.store.answer(who.entry, who.offer, now))
            self.runner.run(self.store.interrupt(who.entry, who.offer, prefer_ms, now))
            # it widens anew, and may prefer somebody else
            self.over = {of: steps for of, steps in self.over.items() if of[0] != who.entry}

    @rule(which=st.integers(0, 5), keep=st.booleans())
    def a_call_that_waited_for_a_while_is_moved(self, which: int, keep: bool) -> None:
        self.clock.advance(7_000)
        for _ in range(self.turns):
            self.runner.run(self.dispatcher.turn(0))
        if name := self._some(which):
            queue = ("civil", "roads")[which % 2]
            now, terms = self.clock.advance(1), self.queues[queue].terms({})
            self.runner.run(self.store.move(name, queue, terms, keep, "", "boss", now))

    @precondition(lambda self: not self.chosen)
    @rule(offered=st.booleans())
    def the_store_forgets_everything(self, offered: bool) -> None:
        """Engines tell it of their calls, as they stood; the history is away for a while."""
        self.runner.run(self._wiped(offered))

    async def _wiped(self, offered: bool) -> None:
        before = await self.store.snapshot()
        assert check([event for _, event in await self.store.follow("0", 0, 100_000)], settled_ms=1) == []
        self.lives += 1
        vars(self.store).update(vars(MemoryStore(self.clock, counted_ids(f"event{self.lives}-"))))
        self.lead()
        self.over.clear()
        self.begun = (await self.store.announce("n1", "guichet", self.clock.advance(1))).begun
        for each in before.agents:
            await self.store.put_agent(Agent(each.id, each.extension, skills=each.skills), self.clock())
            await self.store.set_device(each.id, each.device, self.clock())
        for entry in sorted(before.entries, key=lambda each: (each.since, each.id)):
            await self.dispatcher.turn(0)
            if entry.kind in DEFERRED or (entry.state is EntryState.OFFERED and not offered):
                entry.state, entry.agent, entry.offer, entry.offered_at, entry.beside = (
                    EntryState.WAITING,
                    "",
                    "",
                    0,
                    [],
                )
            assert await self.store.restore(entry, self.clock())
        self.untold_until = self.begun + AGENTS_TOLD_WITHIN_MS
        self.clock.advance(TOLD_WITHIN_MS)
        self.chosen = {each.id: each.status for each in before.agents}

    @precondition(lambda self: self.chosen)
    @rule()
    def it_is_told_what_agents_had_chosen(self) -> None:
        chosen, self.chosen, now = self.chosen, {}, self.clock.advance(1)
        for name, status in chosen.items():
            known = self.runner.run(self.store.agent(name))
            if known and known.status is Status.OFFLINE:
                self.runner.run(self.store.set_status(name, status, "", "", now))
        assert self.runner.run(self.store.agents_told(self.begun, "n1", True, now))
        self.untold_until = 0

    @invariant()
    def what_rules_did_is_known_as_it_is(self) -> None:
        self.runner.run(self.dispatcher.turn(0))
        assert self.dispatcher._overflows is not None
        seen = {name: caller.entry for name, caller in self.dispatcher._overflows.board.callers.items()}
        for entry in self.runner.run(self.store.snapshot()).entries:
            if entry.kind is Kind.CALL and entry.state is not EntryState.CONNECTED:
                assert history(seen[entry.id]) == history(entry)


LineOverflows.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
TestLineOverflows = LineOverflows.TestCase
