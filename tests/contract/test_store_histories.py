"""Whatever is asked in whatever order: both stores say and do the same, and their rules hold."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.clock import wall_clock
from core.events import Event
from core.ids import counted_ids
from queues.model import Device, Entry, EntryState, Kind, Refusal, Setback, Snapshot, Status, Terms
from queues.overflow.deeds import Deed, Move
from queues.rung import rung_for
from queues.states import BUSY_WITH_A_CALL, IN_CONVERSATION
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER, QueueClosed, Store
from queues.store.redis import RedisStore
from tests.history_checker import check, unfinished
from tests.line import NOW, agent, entry, proposal
from tests.valkey import Valkey

ENTRIES = [f"e{number}" for number in range(4)]
AGENTS = [f"a{number}" for number in range(3)]

ASKS = st.fixed_dictionaries(
    {},
    optional={
        "requirement": st.sampled_from([[{"skills": {"x": 1}, "for_ms": 500}, {}], [{"any": [{"x": 2, "y": 1}]}]]),
        "strategy": st.sampled_from(["linear", "random"]),
        "members": st.sampled_from([{"a1": {"priority": 2, "delay_ms": 0, "place": 1}, "a0": {}}]),
        "preferred": st.sampled_from([{"agents": ["a2", "a0"], "for_ms": 100}]),
        "wrap_up_most_ms": st.sampled_from([300, 900]),
        "until_coded": st.booleans(),
        "kind": st.sampled_from(Kind),
    },
)

_PLAIN = {"strategy": "linear", "ring_ms": 1000, "wrap_up_ms": 0, "wrap_up_most_ms": 0, "until_coded": False}
TERMS = st.sampled_from(
    [
        {"queue": "civil", "terms": {"requirement": [{}], "members": {}, **_PLAIN}},
        {"queue": "roads", "terms": {"requirement": [{"skills": {"x": 2}}], "members": {"a2": {}}, **_PLAIN}},
    ]
)

entries, agents = st.sampled_from(ENTRIES), st.sampled_from(AGENTS)


class TwoStores(RuleBasedStateMachine):
    """Asks the store in memory and the one on Valkey the same, one after the other."""

    valkey: Valkey

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.redis = RedisStore(self.valkey.url, self.valkey.prefix(), counted_ids("event"))
        self.stores: tuple[Store, Store] = (MemoryStore(wall_clock, counted_ids("event")), self.redis)
        self.now = NOW
        self.fences: dict[Store, int] = {}
        """Each has its own: they begin with the time."""
        self.offers = 0
        self.lives = 0
        self.turns = 0
        self.known: dict[str, str] = {}
        """The entry's name in the rules to its newest id: an id is used once."""
        self.sinces: dict[str, int] = {}

    def both(self, ask: Callable[[Store], Coroutine[Any, Any, Any]]) -> Any:
        first, second = (self.runner.run(ask(store)) for store in self.stores)
        assert first == second
        return first

    def later(self, ms: int) -> int:
        self.now += ms
        return self.now

    def id_of(self, name: str) -> str:
        return self.known.get(name, name)

    def offer_of(self, name: str) -> str:
        found = self.both(lambda store: store.entry(self.id_of(name)))
        if found and found.beside:
            self.turns += 1
            offers = [found.offer, *(each["offer"] for each in found.beside)]
            return offers[self.turns % len(offers)]
        return found.offer or found.withdrawn if found else "none"

    @initialize()
    def lead(self) -> None:
        for store in self.stores:
            fence = self.runner.run(store.take_lease(DISPATCHER, "d1", 600_000))
            assert fence is not None
            self.fences[store] = fence

    @rule(name=entries, wrap_up=st.sampled_from([0, 500]), priority=st.integers(0, 2), asks=ASKS)
    def enqueue(self, name: str, wrap_up: int, priority: int, asks: dict[str, Any]) -> None:
        if self.both(lambda store: store.entry(self.id_of(name))) is None:
            self.lives += 1
            self.known[name] = f"{name}-{self.lives}"
        given = entry(self.id_of(name), self.now - NOW, wrap_up_ms=wrap_up, priority=priority, **asks)
        if self.both(lambda store: _enqueue(store, given)):
            self.sinces[given.id] = given.since

    @rule(name=entries, terms=TERMS, keep=st.booleans(), ms=st.sampled_from([0, 50]))
    def move(self, name: str, terms: dict[str, Any], keep: bool, ms: int) -> None:
        found, at = self.id_of(name), self.later(ms)
        refusal = self.both(lambda store: store.move(found, terms["queue"], terms["terms"], keep, "", "boss", at))
        if refusal is None and not keep:
            self.sinces[found] = self.both(lambda store: store.entry(found)).since

    @rule(name=entries, priority=st.integers(0, 3))
    def prioritise(self, name: str, priority: int) -> None:
        self.both(lambda store: store.prioritise(self.id_of(name), priority, "", "boss", self.now))

    @rule(name=entries)
    def send_away(self, name: str) -> None:
        self.both(lambda store: store.send_away(self.id_of(name), "closed", "boss", self.now))

    @rule(queue=st.sampled_from(["civil", "roads"]), closed=st.sampled_from([True, False, False]))
    def close_or_open(self, queue: str, closed: bool) -> None:
        self.both(lambda store: (store.close_queue if closed else store.open_queue)(queue, "boss", self.now))

    @rule(
        name=agents,
        skills=st.dictionaries(st.sampled_from("xy"), st.integers(1, 3)),
        status=st.sampled_from(Status),
        own_wrap_up=st.sampled_from([-1, -1, 0, 200]),
    )
    def put_agent(self, name: str, skills: dict[str, int], status: Status, own_wrap_up: int) -> None:
        given = agent(name, skills=skills, status=status, wrap_up_ms=own_wrap_up)
        self.both(lambda store: store.put_agent(given, self.now))

    @rule(name=agents)
    def remove_agent(self, name: str) -> None:
        self.both(lambda store: store.remove_agent(name, self.now))

    @rule(name=agents, status=st.sampled_from(Status))
    def set_status(self, name: str, status: Status) -> None:
        self.both(lambda store: store.set_status(name, status, "", name, self.now))

    @rule(name=agents, holds=st.sampled_from([-1, 0, 1, 2]))
    def set_holds(self, name: str, holds: int) -> None:
        self.both(lambda store: store.set_holds(name, holds, "boss", self.now))

    @rule(
        name=agents,
        device=st.sampled_from([Device.FREE, Device.FREE, Device.BUSY, Device.UNREACHABLE]),
        asterisk=st.sampled_from(["north", "north", "south"]),
    )
    def set_device(self, name: str, device: Device, asterisk: str) -> None:
        self.both(lambda store: store.set_device(name, device, self.now, asterisk))

    @rule(pairs=st.lists(st.tuples(entries, agents), min_size=1, max_size=4), stale=st.sampled_from([0, 0, 0, 1]))
    def offer(self, pairs: list[tuple[str, str]], stale: int) -> None:
        asked = []
        for name, who in pairs:
            self.offers += 1
            asked.append(proposal(f"o{self.offers}", self.id_of(name), who, self.now - NOW))
        refusals = self.both(lambda store: store.offer(self.fences[store] - stale, asked))
        assert not stale or set(refusals) == {Refusal.STALE_FENCE}

    @rule(name=entries, who=st.lists(agents, min_size=1, max_size=3, unique=True))
    def offer_together(self, name: str, who: list[str]) -> None:
        rung = []
        for each in who:
            self.offers += 1
            rung.append({"offer": f"o{self.offers}", "agent": each})
        asked = proposal(rung[0]["offer"], self.id_of(name), rung[0]["agent"], self.now - NOW)
        asked.beside = rung[1:]
        self.both(lambda store: store.offer(self.fences[store], [asked]))

    @rule(name=entries)
    def ringing(self, name: str) -> None:
        offer = self.offer_of(name)
        self.both(lambda store: store.ringing(self.id_of(name), offer, self.now))

    @rule(name=entries)
    def answer(self, name: str) -> None:
        offer = self.offer_of(name)
        self.both(lambda store: store.answer(self.id_of(name), offer, self.now))

    @rule(name=entries, setback=st.sampled_from(Setback), ms=st.sampled_from([1, 20_000]))
    def withdraw(self, name: str, setback: Setback, ms: int) -> None:
        offer, at = self.offer_of(name), self.later(ms)
        self.both(lambda store: store.withdraw(self.id_of(name), offer, setback, at))

    @rule(name=entries, prefer_ms=st.sampled_from([0, 30_000]), ms=st.sampled_from([0, 900]))
    def interrupt(self, name: str, prefer_ms: int, ms: int) -> None:
        offer, at = self.offer_of(name), self.later(ms)
        self.both(lambda store: store.interrupt(self.id_of(name), offer, prefer_ms, at))

    @rule(name=entries)
    def finish(self, name: str) -> None:
        self.both(lambda store: store.finish(self.id_of(name), 1000, self.now))

    @rule(name=entries, held=st.booleans())
    def hold(self, name: str, held: bool) -> None:
        self.both(lambda store: store.hold(self.id_of(name), held, self.now))

    @rule(name=agents, ms=st.sampled_from([100, 400, 5_000]))
    def extend_wrap_up(self, name: str, ms: int) -> None:
        self.both(lambda store: store.extend_wrap_up(name, self.now + ms, self.now))

    @rule(name=agents)
    def cut_wrap_up(self, name: str) -> None:
        at = self.later(1)
        self.both(lambda store: store.cut_wrap_up(name, "boss", at))

    @rule(name=agents)
    def code(self, name: str) -> None:
        at = self.later(1)
        self.both(lambda store: store.code(name, "settled", at))

    @rule(
        name=entries,
        does=st.sampled_from(["say", "offer", "widen", "raise", "move", "fresh", "then", "announce"]),
        stale=st.sampled_from([0, 0, 0, 1]),
    )
    def overflow(self, name: str, does: str, stale: int) -> None:
        at = self.later(1)
        self.offers += 1
        deed = deed_of(does, f"d{self.offers}", self.id_of(name), at)
        known = self.both(lambda store: store.entry(deed.entry))
        if known and deed.rule:
            deed.rule = f"{known.queue}/1"
        if known and deed.move and not stale:
            deed.move.since = deed.move.since if does == "fresh" else known.since
        [refusal] = self.both(lambda store: store.overflow(self.fences[store] - stale, [deed]))
        assert not stale or refusal is Refusal.STALE_FENCE
        [again] = self.both(lambda store: store.overflow(self.fences[store], [deed]))
        assert again == refusal or stale, "twice is once"
        if again is None and deed.move:
            self.sinces[deed.entry] = deed.move.since

    @rule(name=entries)
    def step_aside(self, name: str) -> None:
        self.both(lambda store: store.step_aside(self.id_of(name), "callback", self.now))

    @rule(name=entries)
    def come_back(self, name: str) -> None:
        self.both(lambda store: store.come_back(self.id_of(name), self.now))

    @rule(name=entries)
    def leave(self, name: str) -> None:
        self.both(lambda store: store.leave(self.id_of(name), "abandoned", self.now))

    @rule(name=entries)
    def restore(self, name: str) -> None:
        """A wiped store is told of it as it stood: the same, since all else is checked elsewhere, under another id."""
        found = self.both(lambda store: store.entry(self.id_of(name)))
        if found and found.state in (EntryState.WAITING, EntryState.ASIDE):
            self.both(lambda store: store.leave(found.id, "abandoned", self.now))
            self.lives += 1
            self.known[name] = f"{name}-{self.lives}"
            given = replace(found, id=self.id_of(name))
            self.sinces[given.id] = given.since
            assert self.both(lambda store: store.restore(given, self.now))

    @rule(name=entries, node=st.sampled_from(["n1", "n2"]))
    def adopt(self, name: str, node: str) -> None:
        self.both(lambda store: store.adopt(self.id_of(name), node, f"{node}-channel"))

    @rule(name=agents, ms=st.sampled_from([0, 500]))
    def end_wrap_up(self, name: str, ms: int) -> None:
        at = self.later(ms)
        self.both(lambda store: store.end_wrap_up(name, at))

    @invariant()
    def both_hold_the_same_and_it_is_sound(self) -> None:
        first, second = (self.runner.run(store.snapshot()) for store in self.stores)
        assert sorted(first.entries, key=lambda each: each.id) == sorted(second.entries, key=lambda each: each.id)
        assert first.closed == second.closed
        assert sorted(first.agents, key=lambda each: each.id) == sorted(second.agents, key=lambda each: each.id)
        assert sound(first) == []
        assert all(each.since == self.sinces[each.id] for each in first.entries), "a place in line moved"

    def teardown(self) -> None:
        events: list[list[Event]] = []
        for store in self.stores:
            events.append([event for _, event in self.runner.run(store.follow("0", 0, 100_000))])
            for node in ("n1", "n2"):
                inbox = [self.runner.run(each.inbox(node, "0", 0)) for each in self.stores]
                assert [offer for _, offer in inbox[0]] == [offer for _, offer in inbox[1]]
        live = {each.id for each in self.runner.run(self.redis.snapshot()).entries}
        self.runner.run(self.redis.close())
        self.runner.close()
        assert [_without_made_id(event) for event in events[0]] == [_without_made_id(event) for event in events[1]]
        assert check(events[0], in_order=False) == []
        assert unfinished(events[0]) == live
        assert all(len({event.id for event in told}) == len(told) for told in events), "an event's id is its own"


TO_GENERAL = entry("e", queue="general", requirement=[{"skills": {"y": 1}}], ring_ms=5_000)


def deed_of(does: str, name: str, entry_id: str, at: int) -> Deed:
    """What a rule `civil/1` does."""
    deed = Deed(name, entry_id, at, "" if does == "announce" else "civil/1")
    deed.told = {"action": "move" if does == "fresh" else does, "when": "surge", "values": {"x": None}, "why": "so"}
    match does:
        case "say":
            deed.notice = {"say": {"fr": "Patience."}}
        case "offer":
            deed.exits = {"1": "callback"}
            deed.notice = {"offer": deed.exits}
        case "widen":
            deed.also, deed.members = {"general": [{"skills": {"y": 1}}, {}]}, {"a2": {"priority": 2}}
        case "raise":
            deed.priority = at % 3
        case "then":
            deed.aside, deed.notice = True, {"then": "voicemail"}
        case "announce":
            deed.told, deed.announced = {"position": 2}, {"at": at, "position": 2}
            deed.notice = {"announce": {"position": 2}}
        case _:
            terms = {each: getattr(TO_GENERAL, each) for each in Terms.__annotations__}
            deed.move = Move("general", terms, at)  # type: ignore[arg-type]  # its keys are those of Terms
    return deed


async def _enqueue(store: Store, given: Entry) -> bool | None:
    try:
        return await store.enqueue(given)
    except QueueClosed:
        return None


def _without_made_id(event: Event) -> Event:
    """The stores make ids at different times. Lua knows no empty list: it is an empty object."""
    if event.kind == "entry.restored":
        return replace(event, data={**event.data, "beside": list(event.data["beside"])})
    return replace(event, id="") if event.id.startswith("event-") else event


def sound(snapshot: Snapshot) -> list[str]:
    """Entries and agents point at each other, or at nobody."""
    faults = []
    found = {each.id: each for each in snapshot.agents}
    for each in snapshot.entries:
        if (each.state in (EntryState.WAITING, EntryState.ASIDE)) != (each.agent == each.offer == ""):
            faults.append(f"{each} has an agent though it waits, or none though it does not")
        for rung in rung_for(each):
            if each.id in found[rung["agent"]].held:
                if each.kind is Kind.CALL or each.state is not EntryState.CONNECTED:
                    faults.append(f"{each} is held though it is no work for that")
            elif (found[rung["agent"]].entry, found[rung["agent"]].offer) != (each.id, rung["offer"]):
                faults.append(f"{each} has an agent who does not have it")
        if each.beside and each.state is not EntryState.OFFERED:
            faults.append(f"{each} has several offers though it is not offered")
    for who in snapshot.agents:
        for name in who.held:
            if name not in {each.id for each in snapshot.entries if each.agent == who.id}:
                faults.append(f"{who} holds {name}, which is not theirs")
        if (who.state in BUSY_WITH_A_CALL) != bool(who.entry and who.offer):
            faults.append(f"{who} has a call though free, or none though busy")
        if who.entry and all(who.id not in [r["agent"] for r in rung_for(e)] for e in snapshot.entries):
            faults.append(f"{who} has a call that does not know it")
        if who.state in IN_CONVERSATION and who.entry not in {each.id for each in snapshot.entries}:
            faults.append(f"{who} talks with nobody")
    return faults


@pytest.mark.native
@pytest.mark.timeout(300)  # on a machine that has other things to do
def test_both_stores_do_the_same_and_their_rules_hold(valkey: Valkey) -> None:
    machine = type("TwoStoresHere", (TwoStores,), {"valkey": valkey})
    few = settings(
        max_examples=60,
        stateful_step_count=40,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(machine, settings=few)
