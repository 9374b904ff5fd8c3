"""A store that forgot everything is told again while callers wait under rules: nobody is sent away for what is not
known yet, and what rules did for a caller before is not done anew."""

from copy import deepcopy
from typing import Any

import pytest

from core.ids import counted_ids
from queues.dispatcher import AGENTS_TOLD_WITHIN_MS, TOLD_WITHIN_MS, Dispatcher
from queues.model import Agent, Entry, EntryState, Status
from queues.overflow.following import MOST_HOPS
from queues.store.memory import MemoryStore
from tests.unit.queues.test_overflows import MINUTE, House

ALONE = "  - {when: staffed == 0, then: voicemail}"
WAITED = "  - {when: waited > 1m, raise: 5}"


class Wiped(House):
    """`a1` is on a break: at work, and nobody is idle."""

    begun = 0

    async def agent_at_work(self) -> None:
        await self.agent("a1", status=Status.PAUSED, x=1)

    async def wipe(self) -> None:
        """The store knows nothing but what an engine knows: the accounts, and the calls as they stood. Who leads looks
        at it afresh, since the lease is forgotten too."""
        entries = [deepcopy(each) for each in (await self.store.snapshot()).entries]
        self.clock.advance(1_000)
        vars(self.store).update(vars(MemoryStore(self.clock, counted_ids("again"))))
        self.dispatcher = self.another("again")
        await self.turn()
        self.begun = (await self.store.announce("n1", "guichet", self.clock())).begun
        await self.store.put_agent(Agent("a1", "1001", skills={"x": 1}), self.clock())
        for entry in entries:
            await self.turn()
            assert await self.store.restore(entry, self.clock())
        await self.turn()

    async def agents_told(self, status: Status = Status.PAUSED, *, known: bool = True) -> None:
        if known:
            await self.store.set_status("a1", status, "", "", self.clock())
        assert await self.store.agents_told(self.begun, "n1", known, self.clock())
        await self.turn()

    async def done(self) -> list[str]:
        return [event.data["action"] for event in await self.events()]


# --- who is at work ---------------------------------------------------------------------------------------------------


async def waiting(rules: str = ALONE, head: str = "") -> Wiped:
    house = Wiped(rules, head=head)
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(10_000)
    assert await house.done() == []
    return house


@pytest.mark.parametrize("away_ms", [0, 2_000, 20_000, MINUTE])
async def test_nobody_is_sent_away_for_want_of_agents_whose_choice_is_not_told_again_yet(away_ms: int) -> None:
    house = await waiting()
    await house.wipe()
    await house.later(away_ms)
    await house.agents_told()
    await house.later(10_000)
    assert (await house.done(), (await house.entry("e1")).state) == ([], EntryState.WAITING)
    await house.sound()


@pytest.mark.parametrize("rule", ["staffed < 1", "not staffed > 0", "idle == 0", "callers_per_agent > 3", "too_late"])
async def test_so_it_is_with_whatever_depends_on_who_is_at_work(rule: str) -> None:
    house = await waiting(f"  - {{when: {rule} and waited > 12s, then: voicemail}}", head="hours: mairie")
    house.open["mairie"] = True
    await house.wipe()
    await house.later(30_000)
    assert await house.done() == []


async def test_another_dispatcher_waits_for_it_too() -> None:
    house = await waiting()
    await house.wipe()
    await house.later(5_000)
    house.dispatcher = house.another("d2")
    await house.store.release_lease("dispatcher", "again")
    await house.later(20_000)
    assert await house.done() == []
    await house.agents_told()
    house.dispatcher = house.another("d3")
    await house.store.release_lease("dispatcher", "d2")
    await house.store.set_status("a1", Status.OFFLINE, "", "a1", house.clock())
    await house.later(3_000)
    assert await house.done() == ["then"], "it knows that it was told"


async def test_where_nobody_was_at_work_the_rule_is_followed_once_that_is_known() -> None:
    house = await waiting()
    await house.wipe()
    await house.later(TOLD_WITHIN_MS)
    assert await house.done() == []
    await house.agents_told(Status.OFFLINE)
    await house.later(2_000)
    assert await house.done() == ["then"]


async def test_what_nobody_will_ever_know_is_not_waited_for() -> None:
    house = await waiting()
    await house.wipe()
    await house.later(30_000)
    await house.agents_told(known=False)
    await house.later(2_000)
    assert await house.done() == ["then"]


async def test_an_engine_that_never_comes_to_tell_it_is_not_waited_for_for_ever() -> None:
    house = await waiting()
    await house.wipe()
    await house.later(AGENTS_TOLD_WITHIN_MS - 1_000)
    assert await house.done() == []
    await house.later(3_000)
    assert await house.done() == ["then"]


async def test_what_does_not_depend_on_them_goes_on_meanwhile() -> None:
    house = await waiting(WAITED)
    await house.wipe()
    await house.later(MINUTE)
    assert await house.done() == ["raise"]


async def test_no_rule_is_followed_while_engines_still_tell_of_their_calls() -> None:
    house = await waiting("  - {when: position == 1 and waited > 12s, then: end}")
    await house.wipe()
    await house.later(TOLD_WITHIN_MS - 1_000)
    assert await house.done() == [], "others may come who were there before"
    await house.later(2_000)
    assert await house.done() == ["then"]


async def test_a_call_that_comes_before_any_engine_said_that_it_is_there_is_not_sent_away() -> None:
    house = Wiped(ALONE)
    house.dispatcher = Dispatcher(
        house.store, "d1", house.clock, counted_ids("d1"), 3_600_000, queues=house.queues_of, engines=True
    )
    await house.caller("e1")
    await house.later(30_000)
    assert await house.done() == []
    house.begun = (await house.store.announce("n1", "guichet", house.clock())).begun
    await house.store.put_agent(Agent("a1", "1001", skills={"x": 1}), house.clock())
    await house.agents_told(Status.OFFLINE)
    await house.later(TOLD_WITHIN_MS + 1_000)
    assert await house.done() == ["then"]


@pytest.mark.parametrize("away_ms", [5_000, 30_000])
async def test_no_step_is_skipped_for_want_of_agents_whose_choice_is_not_told_again_yet(away_ms: int) -> None:
    house = Wiped("  []", head="require: [{skills: {x: 1}, for: 2m}, {skills: {y: 1}}]")
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(10_000)
    await house.wipe()
    await house.agent("junior", y=1)
    await house.later(away_ms)
    assert (await house.entry("e1")).state is EntryState.WAITING
    await house.agents_told()
    await house.later(10_000)
    assert (await house.entry("e1")).state is EntryState.WAITING, "a1 is on a break, and may come"
    await house.store.set_status("a1", Status.OFFLINE, "", "a1", house.clock())
    await house.later(1_000)
    assert (await house.entry("e1")).agent == "junior"


async def test_nothing_is_said_of_a_wait_while_nobody_knows_who_is_at_work() -> None:
    house = Wiped("  []", head="announce: {wait: true, position: true, every: 15s}")
    await house.agent("a1", x=1)
    for number in range(6):
        await house.caller(f"s{number}")
        served = await house.entry(f"s{number}")
        await house.store.answer(served.id, served.offer, house.clock())
        await house.later(MINUTE)
        await house.store.finish(served.id, MINUTE, house.clock())
        await house.later(31_000)
    await house.store.set_status("a1", Status.PAUSED, "", "a1", house.clock())
    await house.caller("e1")
    await house.later(6_000)
    await house.wipe()
    await house.later(40_000)
    before = (await house.entry("e1")).announced
    assert "to_min" not in [event.data for event in await house.events("entry.announced")][-1]
    assert before["staffed"] == 1, "those who were at work are compared with those who will be"


# --- what was done already --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        "{when: waited > 5s, widen: other, once: true}",
        "{when: waited > 5s, sms: acte, once: true}",
        "{when: waited > 5s, offer: {1: callback}, once: true}",
        "{when: waited > 5s, raise: 5, once: true}",
        "{when: waited > 5s, say: Patience.}",
        "{when: length > 0, say: Patience.}",
        "{when: length > 0 and position > 0, say: Patience.}",
        "{when: staffed == 1, raise: 2}",
    ],
)
async def test_what_was_done_for_a_caller_is_not_done_again(rule: str) -> None:
    house = Wiped(f"  - {rule}", "queue: other\nrequire: [{skills: {v: 1}}]")
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(10_000)
    assert len(await house.done()) == 1
    before = await house.entry("e1")
    await house.wipe()
    await house.agents_told()
    await house.later(MINUTE)
    assert await house.done() == []
    assert await house.entry("e1") == before
    await house.sound()


async def test_what_is_done_every_so_often_goes_on_at_its_time() -> None:
    house = Wiped("  - {when: waited > 5s, say: Patience., every: 1m}")
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(40_000)
    await house.wipe()
    await house.agents_told()
    await house.later(20_000)
    assert await house.done() == []
    await house.later(10_000)
    assert await house.done() == ["say"]


async def test_moves_are_counted_from_where_they_stood() -> None:
    onward = [f"queue: q{at}\noverflow:\n  - {{when: waited > {at}m, move: q{at + 1}}}" for at in range(1, 8)]
    house = Wiped("  - {when: waited > 1s, move: q1}", *onward, "queue: q8")
    await house.agent_at_work()
    await house.caller("e1")
    for _ in range(8):
        await house.later(90_000)
        await house.wipe()
        await house.agents_told()
    assert (await house.entry("e1")).hops == MOST_HOPS


async def test_a_caller_is_told_the_place_when_it_is_time_again_and_not_a_later_one() -> None:
    house = Wiped("  []", head="announce: {position: true, every: 30s}")
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(6_000)
    assert len(await house.events("entry.announced")) == 1
    await house.wipe()
    await house.agents_told()
    await house.caller("urgent", priority=50)
    await house.later(40_000)
    assert "e1" not in [event.data["entry"] for event in await house.events("entry.announced")]
    assert (await house.entry("e1")).announced["position"] == 1


async def test_whom_a_rule_added_is_asked_by_the_next_dispatcher_as_by_this_one() -> None:
    house = Wiped(
        "  - {when: waited > 5s, widen: other, once: true}",
        "queue: other\nrequire: [{skills: {v: 1}}]",
        head="require: [{skills: {q: 1}}]",
    )
    await house.agent("q1", status=Status.PAUSED, q=1)
    await house.caller("e1")
    await house.later(10_000)
    await house.wipe()
    await house.agents_told()
    await house.agent("v1", v=1)
    await house.later(5_000)
    entry = await house.entry("e1")
    assert (entry.state, entry.agent) == (EntryState.OFFERED, "v1")


async def test_what_was_done_is_known_too_where_the_agent_s_phone_was_lost_in_mid_talk() -> None:
    house = Wiped("  - {when: waited > 5s, raise: 5, once: true}\n  - {when: waited > 5s, sms: acte, once: true}")
    await house.agent_at_work()
    await house.caller("e1")
    await house.later(10_000)
    assert await house.done() == ["raise", "sms"]
    await house.store.set_status("a1", Status.AVAILABLE, "", "a1", house.clock())
    await house.later(1_000)
    entry: Entry = await house.entry("e1")
    await house.store.answer("e1", entry.offer, house.clock())
    await house.turn()
    await house.store.interrupt("e1", entry.offer, 60_000, house.clock())
    await house.store.set_status("a1", Status.PAUSED, "", "a1", house.clock())
    await house.later(MINUTE)
    assert await house.done() == ["raise", "sms"]
    known: dict[str, Any] = (await house.entry("e1")).followed
    assert set(known) == {"q/1", "q/2"}


async def test_who_was_aside_is_so_again_and_comes_back_as_any() -> None:
    house = Wiped("  - {when: waited > 1m, then: voicemail}")
    await house.agent_at_work()
    await house.caller("e1")
    await house.store.step_aside("e1", "callback", house.clock())
    await house.turn()
    await house.wipe()
    await house.agents_told()
    await house.later(2 * MINUTE)
    assert await house.done() == []
    await house.store.come_back("e1", house.clock())
    await house.later(2_000)
    assert await house.done() == ["then"]
    await house.sound()
