"""What the history knows is told to a store that knew nothing: once, whoever tries, and nothing that is over."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.errors import GuichetError
from core.events import Event
from core.ids import counted_ids
from queues.model import Entry, EntryState, Kind
from queues.store.memory import MemoryStore
from queues.store.port import Recalled, Thrown
from telephony import retelling
from telephony.house import House
from telephony.presence import Presence
from telephony.retelling import Retelling, placed, unknown, without
from tests.unit.telephony.town import PlainQueue, agent, flow, house_of

WAY = flow(bye={"say": "Goodbye.", "then": "hangup"})
CLOSED = {"position": "closed", "at": 1, "until": 0, "because": "", "author": "sophie"}


def message(name: str = "m", queue: str = "roads", **more: object) -> Entry:
    facts: dict[str, object] = {"kind": Kind.VOICEMAIL, "file": f"{name}-file", "asterisk": "guichet", **more}
    return Entry(name, "call", queue, 1_000, 1_000, **facts)  # type: ignore[arg-type]


def known(*entries: Entry) -> Recalled:
    thrown = Thrown(CLOSED, "hours.switched", {"hours": "mairie", **CLOSED})
    return Recalled(entries or [message()], {"civil": "sophie"}, {"mairie": thrown}, {"camille": 3})


class History:
    """What it knows, and when it knows what was asked."""

    def __init__(self, recalled: Recalled) -> None:
        self.recalled = recalled
        self.away = 0
        """How often it does not answer."""
        self.records = True
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []
        """What happens after it was asked, and before it is told."""

    async def knows(self, event: str) -> bool:
        return self.records

    async def recall(self, asterisk: str, now: int) -> Recalled:
        if self.away:
            self.away -= 1
            raise GuichetError("the database is away")
        for happens in self.meanwhile:
            await happens()
        return self.recalled


class Engine:
    def __init__(self, history: History, node: str = "node-1", store: MemoryStore | None = None) -> None:
        self.house = house_of(WAY, node=node, store=store) if store else house_of(WAY, node=node)
        self.presence = Presence(self.house, _nobody, _nobody, lambda: None)
        self.retelling = Retelling(self.house, history, self.presence.untold)


async def _nobody() -> list[object]:
    return []


async def begun(history: History) -> Engine:
    """A store that began with this engine."""
    engine = Engine(history)
    await engine.presence.look()
    assert engine.presence.untold.is_set()
    return engine


async def waiting(house: House) -> list[str]:
    return [entry.id for entry in (await house.store.snapshot()).entries]


async def test_what_the_history_knows_stands_in_the_store_again() -> None:
    engine = await begun(History(known()))
    house = engine.house
    await agent(house, "camille", "1001")
    assert await engine.retelling.tell()
    [entry] = (await house.store.snapshot()).entries
    assert (entry.id, entry.state, entry.file, entry.node) == ("m", EntryState.WAITING, "m-file", "node-1")
    assert (await house.store.snapshot()).closed == {"civil"}
    assert await house.store.switches() == {"mairie": CLOSED}
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.holds == 3
    assert not engine.presence.untold.is_set()
    await engine.presence.look()
    assert not engine.presence.untold.is_set()


async def test_of_two_engines_that_tell_at_once_one_does_and_what_was_done_between_stays_done() -> None:
    first, second = History(known()), History(known())
    one = await begun(first)
    store = one.house.store
    assert isinstance(store, MemoryStore)
    two = Engine(second, "node-2", store)

    async def the_other_was_quicker() -> None:
        assert await one.retelling.tell()
        await store.leave("m", "done", one.house.clock())

    second.meanwhile.append(the_other_was_quicker)
    assert not await two.retelling.tell()
    assert await waiting(two.house) == []


async def test_what_was_said_since_it_was_asked_is_not_undone() -> None:
    history = History(known(message(), message("n")))
    engine = await begun(history)
    store, now = engine.house.store, engine.house.clock()

    async def much_happens() -> None:
        await store.restore(message(), now)
        await store.leave("m", "done", now)
        await store.close_queue("civil", "ada", now)
        await store.open_queue("civil", "ada", now)
        told = Event("back", "hours.switched", now, "", {"hours": "mairie", **CLOSED, "position": ""})
        await store.set_switch("mairie", None, [told])

    history.meanwhile.append(much_happens)
    assert await engine.retelling.tell()
    assert await waiting(engine.house) == ["n"]
    assert not (await store.snapshot()).closed
    assert await store.switches() == {}


async def test_a_store_that_is_wiped_again_meanwhile_is_told_anew() -> None:
    history = History(known())
    engine = await begun(history)
    house = engine.house

    async def wiped() -> None:
        house.clock.advance(1_000)  # type: ignore[attr-defined]
        vars(house.store).update(vars(MemoryStore(house.clock, counted_ids("again"))))
        await engine.presence.look()

    history.meanwhile.append(wiped)
    assert not await engine.retelling.tell()
    history.meanwhile.clear()
    await engine.presence.look()
    assert engine.presence.untold.is_set()
    assert await engine.retelling.tell()
    assert await waiting(house) == ["m"]


async def test_a_database_that_is_away_is_asked_until_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retelling, "CALLS_FIRST_S", 0)
    monkeypatch.setattr(retelling, "PAUSES_S", (0, 0))
    history = History(known())
    history.away = 3
    engine = await begun(history)
    running = asyncio.create_task(engine.retelling.run())
    async with asyncio.timeout(15):
        while not await waiting(engine.house):  # noqa: ASYNC110
            await asyncio.sleep(0)
    running.cancel()
    assert history.away == 0


async def test_nothing_is_told_before_the_history_has_taken_in_what_happened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retelling, "RECORDED_WITHIN_S", 0.05)
    monkeypatch.setattr(retelling, "LOOK_EVERY_S", 0)
    history = History(known())
    history.records = False
    engine = await begun(history)
    with pytest.raises(GuichetError, match="nothing was recorded"):
        await engine.retelling.tell()
    assert await waiting(engine.house) == []
    assert engine.presence.untold.is_set()


# --- pure -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "data", "gone"),
    [
        ("entry.finished", {"entry": "m"}, "entries"),
        ("queue.opened", {"queue": "civil"}, "closed"),
        ("hours.switched", {"hours": "mairie"}, "switches"),
        ("agent.work", {"agent": "camille"}, "holds"),
    ],
)
def test_what_something_was_said_of_since_is_left_alone(kind: str, data: dict[str, str], gone: str) -> None:
    left = without(known(), [Event("e", kind, 1, "", data)])
    assert [name for name in ("entries", "closed", "switches", "holds") if not getattr(left, name)] == [gone]


def test_a_message_waits_on_the_terms_that_its_queue_has_now() -> None:
    entry = placed(message(ring_ms=1, skills={"fr": 2}), PlainQueue(ring_ms=9_000), "node-1")
    assert (entry.ring_ms, entry.requirement, entry.node) == (9_000, [{"skills": {"fr": 2}}], "node-1")


def test_a_message_whose_queue_is_gone_is_offered_as_it_came() -> None:
    came = message(queue="gone", ring_ms=7_000, requirement=[{"skills": {"roads": 2}}])
    entry = placed(came, None, "node-1")
    assert (entry.ring_ms, entry.requirement, entry.node) == (7_000, came.requirement, "node-1")
    assert unknown([came, message()], {"roads": PlainQueue()}) == {"gone": 1}


def test_a_callback_is_still_the_agents_alone_who_asked_for_it() -> None:
    entry = placed(message(kind=Kind.CALLBACK, members={"ada": {}}), PlainQueue(ring_ms=9_000), "node-1")
    assert (entry.members, entry.ring_ms) == ({"ada": {}}, 9_000)
