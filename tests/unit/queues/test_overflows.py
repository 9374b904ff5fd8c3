"""Which overflow rule is followed for whom and when, on the dispatcher, a hand-moved clock and the store in memory."""

from itertools import pairwise
from typing import Any

import pytest

from core.clock import HandClock
from core.events import Event
from core.files import Faults
from core.ids import counted_ids
from queues.control import LiveControl, Unknown
from queues.definition import Queue
from queues.dispatcher import Dispatcher
from queues.load import load_queues
from queues.model import Agent, Device, Entry, EntryState, RuleMessage, Status
from queues.overflow.board import EVERY_QUEUE, Opening
from queues.store.memory import MemoryStore
from tests.history_checker import check

MINUTE = 60_000


class House:
    """A queue `q` with rules and others beside it, the store and the dispatcher."""

    def __init__(self, rules: str, *others: str, head: str = "") -> None:
        faults = Faults()
        files = {"q.yaml": f"queue: q\n{head}\noverflow:\n{rules}\n".encode()}
        files |= {f"o{number}.yaml": each.encode() for number, each in enumerate(others)}
        self.queues: dict[str, Queue] = dict(load_queues(files, faults))
        assert not faults.found, "\n".join(map(str, faults.found))
        self.clock = HandClock()
        self.began = self.clock()
        self.store = MemoryStore(self.clock, counted_ids("event"))
        self.open: dict[str, bool] = {}
        self.closes_at: int | None = None
        self.versions: dict[str, dict[str, Queue]] = {}
        self.dispatcher = self.another("d1")

    def another(self, name: str) -> Dispatcher:
        return Dispatcher(
            self.store, name, self.clock, counted_ids(name), lease_ms=3_600_000,
            queues=self.queues_of, openings=self.opening,
        )  # fmt: skip

    def queues_of(self, version: str) -> dict[str, Queue]:
        return self.versions.get(version, self.queues)

    async def opening(self, hours: str) -> Opening | None:
        return Opening(self.open[hours], self.closes_at) if hours in self.open else None

    async def caller(self, name: str, queue: str = "q", **more: Any) -> None:
        now = self.clock()
        terms = self.queues[queue].terms(more.get("skills", {}))
        assert await self.store.enqueue(Entry(name, f"call-{name}", queue, now, now, node="n1", **{**terms, **more}))
        await self.turn()

    async def agent(self, name: str, *, status: Status = Status.AVAILABLE, **skills: int) -> None:
        now = self.clock()
        await self.store.put_agent(Agent(name, "1001", skills=skills), now)
        await self.store.set_device(name, Device.FREE, now)
        await self.store.set_status(name, status, "", name, now)
        await self.turn()

    async def turn(self) -> None:
        for _ in range(3):
            await self.dispatcher.turn(0)

    async def later(self, ms: int) -> None:
        """Time passes, as the dispatcher's own deadlines cut it."""
        end = self.clock() + ms
        while self.clock() < end:
            self.clock.advance(min(1_000, end - self.clock()))
            await self.turn()

    async def events(self, kind: str = "entry.overflowed") -> list[Event]:
        return [event for _, event in await self.store.follow("0", 0) if event.kind == kind]

    async def followed(self) -> list[tuple[str, str, int]]:
        """Entry, rule's number, seconds after the beginning."""
        return [
            (event.data["entry"], event.data["rule"].partition("/")[2], round((event.at - HandClock().now) / 1000))
            for event in await self.events()
        ]

    async def notices(self) -> list[dict[str, Any]]:
        found = await self.store.inbox("n1", "0", 0)
        return [notice.what for _, notice in found if isinstance(notice, RuleMessage)]

    async def entry(self, name: str) -> Entry:
        found = await self.store.entry(name)
        assert found is not None
        return found

    async def sound(self) -> None:
        assert check([event for _, event in await self.store.follow("0", 0)]) == []


async def test_a_caller_who_waited_long_enough_is_moved_and_keeps_the_place() -> None:
    house = House("  - {when: waited > 5m, move: general}", "queue: general\nring: 5s")
    await house.caller("e1")
    await house.later(4 * MINUTE)
    assert await house.followed() == []
    await house.later(2 * MINUTE)
    assert await house.followed() == [("e1", "1", 301)], "at the moment, not at some later look"
    entry = await house.entry("e1")
    assert (entry.queue, entry.since, entry.ring_ms, entry.hops) == ("general", HandClock().now, 5_000, 1)
    await house.sound()


async def test_a_fresh_place_is_the_end_of_the_line() -> None:
    house = House("  - {when: waited > 5m, move: general, fresh: true}", "queue: general")
    await house.caller("e1")
    await house.later(6 * MINUTE)
    entry = await house.entry("e1")
    assert entry.since == entry.entered > HandClock().now
    await house.sound()


async def test_the_people_of_another_queue_may_be_asked_too() -> None:
    rules = "  - {when: waited > 1m, widen: general}"
    house = House(rules, "queue: general\nrequire: [{skills: {general: 1}}]", head="require: [{skills: {civil: 2}}]")
    await house.agent("other", general=3)
    await house.agent("busy", status=Status.PAUSED, civil=2)
    await house.caller("e1")
    await house.later(30_000)
    assert (await house.entry("e1")).state is EntryState.WAITING
    await house.later(35_000)
    entry = await house.entry("e1")
    assert (entry.queue, entry.state, entry.agent) == ("q", EntryState.OFFERED, "other")
    [widened] = await house.events("entry.widened")
    assert widened.data["also"] == {"general": [{"skills": {"general": 1}}]}
    await house.sound()


async def test_a_later_step_may_begin_at_once() -> None:
    head = "require: [{skills: {civil: 2}, for: 30m}, {skills: {general: 1}}]"
    house = House("  - {when: staffed == 2, widen: {step: 2}}", head=head)
    await house.agent("other", general=3)
    await house.agent("here", status=Status.PAUSED, civil=2)
    await house.caller("e1")
    await house.later(3_000)
    assert (await house.entry("e1")).agent == "other"
    await house.sound()


async def test_a_raised_caller_goes_before_the_others() -> None:
    house = House("  - {when: waited > 10s, raise: 5, every: 1m}")
    await house.caller("e1", "q", priority=0)
    await house.later(11_000)
    assert [event.data["priority"] for event in await house.events("entry.prioritised")] == [5]
    await house.later(2 * MINUTE)
    assert [event.data["priority"] for event in await house.events("entry.prioritised")] == [5, 10, 15]
    assert [at for _, _, at in await house.followed()] == [11, 71, 131]
    await house.sound()


async def test_a_rule_about_the_queue_is_followed_when_it_begins_to_hold_for_everybody() -> None:
    house = House("  - {when: length > 2, say: Il y a du monde.}")
    for name in ("e1", "e2"):
        await house.caller(name)
    await house.later(5_000)
    assert await house.followed() == []
    await house.caller("e3")
    await house.later(3_000)
    assert sorted(entry for entry, _, _ in await house.followed()) == ["e1", "e2", "e3"]
    await house.caller("e4")
    await house.later(10_000)
    assert sorted(entry for entry, _, _ in await house.followed()) == ["e1", "e2", "e3", "e4"], "each of them once"
    await house.sound()


async def test_it_is_followed_again_when_it_held_no_more_in_between() -> None:
    house = House("  - {when: staffed == 0, say: Personne.}\n  - {when: staffed == 1, say: Quelqu'un., once: true}")
    await house.caller("e1", excluded={})
    for _ in range(3):
        await house.agent("a1", status=Status.PAUSED)
        await house.later(3_000)
        await house.store.set_status("a1", Status.OFFLINE, "", "a1", house.clock())
        await house.later(3_000)
    assert [rule for _, rule, _ in await house.followed()] == ["1", "2", "1", "1", "1"]


async def test_hysteresis_keeps_a_rule_that_began_to_hold() -> None:
    house = House("  - {when: length > 3, until: length < 2, say: Il y a du monde.}")
    for number in range(4):
        await house.caller(f"e{number}")
    await house.later(3_000)
    assert len(await house.followed()) == 4
    for name in ("e0", "e1"):
        await house.store.leave(name, "abandoned", house.clock())
    await house.later(3_000)
    await house.caller("new")
    await house.later(3_000)
    assert len(await house.followed()) == 5, "three wait, which is between the two: the newcomer is told too"
    for name in ("e2", "e3"):
        await house.store.leave(name, "abandoned", house.clock())
    await house.later(3_000)
    await house.caller("newer")
    await house.later(3_000)
    assert len(await house.followed()) == 5, "it ended, and two are not more than three"


async def test_after_a_cooldown_the_next_caller_s_turn_comes() -> None:
    house = House("  - {when: length > 2, cooldown: 30s, move: general}", "queue: general")
    for number in range(5):
        await house.caller(f"e{number}")
    await house.later(2 * MINUTE)
    followed = await house.followed()
    assert len(followed) == 3, "then two are left, which is not more than two"
    times = [at for _, _, at in followed]
    assert all(later - sooner >= 30 for sooner, later in pairwise(times))
    await house.sound()


async def test_rules_are_followed_in_order_and_those_below_one_that_takes_away_are_not() -> None:
    rules = """
  - {when: waited > 1m, say: Patience.}
  - {when: waited > 1m, then: voicemail}
  - {when: waited > 1m, raise: 3}"""
    house = House(
        rules.replace("then: voicemail}\n  - {when: waited > 1m", "then: voicemail}\n  - {when: waited > 59s")
    )
    await house.caller("e1")
    await house.later(2 * MINUTE)
    assert [rule for _, rule, _ in await house.followed()] == ["3", "1", "2"]
    entry = await house.entry("e1")
    assert (entry.state, entry.pending) == (EntryState.ASIDE, {"then": "voicemail"})
    assert await house.notices() == [{"say": "Patience."}, {"then": "voicemail"}]
    await house.sound()


async def test_nobody_is_offered_to_an_agent_while_aside_and_again_when_back() -> None:
    house = House("  - {when: staffed == 0, then: voicemail}")
    await house.caller("e1")
    assert (await house.entry("e1")).state is EntryState.ASIDE
    await house.agent("a1")
    await house.later(2_000)
    assert (await house.entry("e1")).state is EntryState.ASIDE
    await house.store.come_back("e1", house.clock())
    await house.turn()
    assert (await house.entry("e1")).state is EntryState.OFFERED
    await house.sound()


async def test_a_caller_whom_somebody_idle_can_take_is_sent_nowhere() -> None:
    house = House("  - {when: true, then: end}")
    await house.agent("a1")
    await house.caller("e1")
    assert (await house.entry("e1")).state is EntryState.OFFERED
    assert await house.followed() == []
    await house.caller("e2")
    assert [entry for entry, _, _ in await house.followed()] == ["e2"], "at entry"
    await house.sound()


async def test_whoever_cannot_be_taken_though_somebody_is_idle_is_not_left_alone() -> None:
    house = House("  - {when: true, then: end}")
    await house.agent("a1")
    await house.caller("e1", requirement=[{"skills": {"latin": 3}}])
    assert await house.followed() == []
    await house.later(3_000)
    assert [entry for entry, _, _ in await house.followed()] == ["e1"]


async def test_keys_are_offered_and_kept_with_the_entry() -> None:
    house = House("  - {when: length > 0, offer: {1: callback, 2: voicemail}, say: {fr: Tapez 1 ou 2.}}")
    await house.caller("e1")
    await house.turn()
    assert (await house.entry("e1")).exits == {"1": "callback", "2": "voicemail"}
    assert await house.notices() == [{"offer": {"1": "callback", "2": "voicemail"}, "say": {"fr": "Tapez 1 ou 2."}}]


async def test_hops_are_bounded() -> None:
    further = [f"queue: o{number}\noverflow: [{{when: waited > 1m, move: o{number + 1}}}]" for number in range(8)]
    house = House("  - {when: waited > 1m, move: o0}", *further, "queue: o8")
    await house.caller("e1")
    await house.later(5 * MINUTE)
    entry = await house.entry("e1")
    assert (entry.hops, entry.queue) == (5, "o4")
    await house.sound()


async def test_a_new_dispatcher_does_not_follow_anew_what_was_followed() -> None:
    house = House("  - {when: length > 0, say: Bonjour.}\n  - {when: waited > 1m, say: Patience.}")
    await house.caller("e1")
    await house.later(2 * MINUTE)
    before = await house.followed()
    assert [rule for _, rule, _ in before] == ["1", "2"]
    await house.store.release_lease("dispatcher", "d1")
    house.dispatcher = house.another("d2")
    await house.later(2 * MINUTE)
    assert await house.followed() == before
    await house.caller("e2")
    assert [entry for entry, _, _ in await house.followed()] == ["e1", "e1", "e2"], "newcomers are told"


@pytest.mark.parametrize("known", [None, True, False])
async def test_hours_that_nobody_knows_neither_open_nor_close(known: bool | None) -> None:
    house = House("  - {when: closed, then: end}\n  - {when: open, say: Bonjour.}", head="hours: mairie")
    if known is not None:
        house.open["mairie"] = known
    await house.caller("e0")
    await house.later(2_000)
    assert [rule for _, rule, _ in await house.followed()] == {None: [], True: ["2"], False: ["1"]}[known]
    await house.sound()


async def test_closed_is_too_late() -> None:
    house = House("  - {when: too_late, then: end}", head="hours: mairie")
    house.open["mairie"] = False
    await house.caller("e1")
    assert [rule for _, rule, _ in await house.followed()] == ["1"]


async def test_each_decision_says_why_in_one_sentence() -> None:
    rules = """
  - {when: waited > 1m and length >= 1, raise: 2}
  - {when: waited > 2m, widen: general}
  - {when: callers_per_agent > 3, offer: {1: callback}}
  - {when: waited > 4m, move: general}"""
    house = House(rules, "queue: general")
    await house.caller("e1")
    await house.later(5 * MINUTE)
    assert [event.data["why"] for event in await house.events()] == [
        "the caller may press 1 for callback: rule 3 of q says so when callers_per_agent > 3"
        " (callers_per_agent without limit)",
        "priority 0 becomes 2: rule 1 of q says so when waited > 1m and length >= 1 (waited 61s, length 1)",
        "the people of general may be asked too: rule 2 of q says so when waited > 2m (waited 121s)",
        "moved to general, keeping the time waited: rule 4 of q says so when waited > 4m (waited 241s)",
    ]
    values = [event.data["values"] for event in await house.events()]
    assert values[1] == {"waited": 61_000, "length": 1}


async def test_the_surge_switch_holds_at_once_and_for_a_new_dispatcher() -> None:
    house = House("  - {when: surge, say: Il y a foule.}", "queue: other\noverflow: [{when: surge, raise: 2}]")
    control = LiveControl(house.store, lambda: house.queues, house.clock, counted_ids("surge"))
    await house.caller("e1")
    await house.caller("o1", "other")
    await control.surge("q", "boss", on=True)
    await house.later(2_000)
    assert [entry for entry, _, _ in await house.followed()] == ["e1"]
    await control.surge(EVERY_QUEUE, "boss", on=True)
    await control.surge("q", "boss", on=False)
    await house.store.release_lease("dispatcher", "d1")
    house.dispatcher = house.another("d2")
    await house.later(2_000)
    assert [entry for entry, _, _ in await house.followed()] == ["e1", "o1"]
    await control.surge(EVERY_QUEUE, "boss", on=False)
    await house.caller("e2")
    await house.later(2_000)
    assert [entry for entry, _, _ in await house.followed()] == ["e1", "o1"]
    switched = await house.events("queue.surge")
    assert [(event.data["queue"], event.data["on"], event.data["author"]) for event in switched] == [
        ("q", True, "boss"), ("*", True, "boss"), ("q", False, "boss"), ("*", False, "boss"),
    ]  # fmt: skip
    with pytest.raises(Unknown):
        await control.surge("nowhere", "boss", on=True)


async def test_the_rules_of_a_version_that_is_published_hold_at_once() -> None:
    house = House("  - {when: waited > 1h, raise: 2}")
    house.versions["v2"] = House("  - {when: waited > 1m, raise: 5}").queues
    await house.caller("e1")
    await house.later(2 * MINUTE)
    assert await house.followed() == []
    published = Event("p1", "town.published", house.clock(), "", {"version": "v2", "before": "v1"})
    await house.store.emit([published])
    await house.later(2_000)
    assert (await house.entry("e1")).priority == 5
