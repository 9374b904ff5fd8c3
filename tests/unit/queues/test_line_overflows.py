"""Whatever callers, agents and overflow rules do: the line is served in order, everybody is counted once, and nobody is
tried while their caller is aside."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from core.files import Faults
from core.ids import counted_ids
from queues.dispatcher import Dispatcher
from queues.load import load_queues
from queues.model import EntryState
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


class LineOverflows(LineServed):
    """The same lives, in queues with rules."""

    turns = 8

    def __init__(self) -> None:
        super().__init__()
        faults = Faults()
        queues = load_queues({"civil": CIVIL, "roads": ROADS}, faults)
        assert not faults.found
        self.dispatcher = Dispatcher(
            self.store, "d1", self.clock, counted_ids("offer"), lease_ms=3_600_000, queues=lambda _: queues
        )

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


LineOverflows.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
TestLineOverflows = LineOverflows.TestCase
