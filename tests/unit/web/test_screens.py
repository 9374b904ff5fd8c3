"""What each agent has on the screen, however events and look-ups come together."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from core.clock import HandClock
from core.events import Event
from core.ids import counted_ids
from queues.model import Agent, Device, Entry, Kind, Proposal, Setback, Status
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER, StoreAway
from web.desk import screens as module
from web.desk.screens import Screens


class Away(MemoryStore):
    """A store that is away as often as a test wants."""

    times = 0

    async def agent(self, agent: str) -> Agent | None:
        if self.times:
            self.times -= 1
            raise StoreAway
        return await super().agent(agent)


class Centre:
    """A line, and agents with a page each. `told` is what camille's page was told, but how she stands."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.store = Away(self.clock, counted_ids("event"))
        self.cursor = "0"
        self.open = {"camille", "sacha"}
        self.says: list[tuple[str, str, str]] = []
        self.history = asyncio.Event()
        self.history.set()
        """Cleared: stories are looked up until it is set."""
        self.fails = 0
        self.made: list[tuple[Entry, Mapping[str, Any] | None, str]] = []
        self.screens = self.fresh()

    def fresh(self) -> Screens:
        """As a web process that has just begun."""

        async def also(_: str) -> None:
            pass

        return Screens(self.store, self.make_pop, self.say, self.open.__contains__, also)

    async def make_pop(self, entry: Entry, session: Mapping[str, Any] | None, why: str, _: Agent) -> Any:
        await self.history.wait()
        if self.fails:
            self.fails -= 1
            raise OSError("the disk")
        self.made.append((entry, session, why))
        return SimpleNamespace(tell="pop", call=entry.call)

    def say(self, agent: str, told: Any) -> None:
        self.says.append((agent, told.tell, told.call))

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(tell, call) for agent, tell, call in self.says if agent == "camille" and tell != "state"]

    async def heard(self) -> None:
        """All that happened is heard of, and all that can be told is."""
        for cursor, event in await self.store.follow(self.cursor, 0):
            self.cursor = cursor
            self.screens.heard(event)
        for _ in range(60):
            await asyncio.sleep(0)

    async def comes(self, name: str = "camille") -> None:
        await self.store.put_agent(Agent(name, {"camille": "1001", "sacha": "1002"}[name]), self.clock())
        await self.store.set_device(name, Device.FREE, self.clock())
        await self.store.set_status(name, Status.AVAILABLE, "", name, self.clock())

    async def offered(self, call: str, *beside: str, kind: Kind = Kind.CALL) -> None:
        now = self.clock()
        entry = Entry(f"{call}-1", call, "voirie", since=now, entered=now, kind=kind, wrap_up_ms=30_000)
        await self.store.enqueue(entry)
        fence = await self.store.take_lease(DISPATCHER, "test", 60_000)
        rung = [{"offer": f"{call}-{name}", "agent": name} for name in beside]
        proposal = Proposal(f"{call}-o", f"{call}-1", "camille", now, now + 9_000, "for a reason", rung)
        assert await self.store.offer(fence or 0, [proposal]) == [None]

    async def talked(self, call: str) -> None:
        await self.store.answer(f"{call}-1", f"{call}-o", self.clock())
        await self.store.finish(f"{call}-1", 500, self.clock())


@pytest.fixture
async def centre() -> Centre:
    centre = Centre()
    await centre.comes()
    await centre.heard()
    return centre


async def test_a_call_that_is_over_before_its_story_is_known_is_shown_as_one_that_is_over(centre: Centre) -> None:
    centre.history.clear()
    await centre.offered("call-1")
    await centre.heard()
    await centre.talked("call-1")
    await centre.heard()
    centre.history.set()
    await centre.heard()
    assert centre.told[-2:] == [("pop", "call-1"), ("gone", "call-1")]


async def test_a_caller_who_is_gone_before_their_story_is_known_does_not_come_to_the_page_any_more(
    centre: Centre,
) -> None:
    centre.history.clear()
    await centre.offered("call-1")
    await centre.heard()
    await centre.store.leave("call-1-1", "caller_hung_up", centre.clock())
    await centre.heard()
    centre.history.set()
    await centre.heard()
    assert centre.told == [("gone", "call-1")]


async def test_the_next_call_is_shown_though_the_story_of_the_last_is_still_looked_up(centre: Centre) -> None:
    centre.history.clear()
    await centre.offered("call-1")
    await centre.heard()
    await centre.store.leave("call-1-1", "caller_hung_up", centre.clock())
    await centre.offered("call-2")
    await centre.heard()
    centre.history.set()
    await centre.heard()
    assert centre.told == [("gone", "call-1"), ("pop", "call-2")]


async def test_a_store_that_is_away_for_a_moment_costs_no_call(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AWAY_S", 0)
    await centre.offered("call-1")
    centre.store.times = 2
    await centre.heard()
    assert centre.told == [("pop", "call-1")]


async def test_a_screen_that_could_not_be_made_is_made_at_the_next_change(centre: Centre) -> None:
    centre.fails = 1
    await centre.offered("call-1")
    await centre.heard()
    assert centre.told == []
    await centre.store.answer("call-1-1", "call-1-o", centre.clock())
    await centre.heard()
    assert centre.told == [("pop", "call-1")]


async def test_a_call_is_shown_once_however_much_changes(centre: Centre) -> None:
    await centre.offered("call-1")
    await centre.heard()
    await centre.store.ringing("call-1-1", "call-1-o", centre.clock())
    await centre.store.answer("call-1-1", "call-1-o", centre.clock())
    await centre.heard()
    assert centre.told == [("pop", "call-1")]


async def test_all_who_are_rung_at_once_have_it_on_their_screens_and_who_loses_it_alone_is_told(
    centre: Centre,
) -> None:
    await centre.comes("sacha")
    await centre.offered("call-1", "sacha")
    await centre.heard()
    assert {(agent, tell) for agent, tell, _ in centre.says if tell == "pop"} == {("camille", "pop"), ("sacha", "pop")}
    await centre.store.answer("call-1-1", "call-1-sacha", centre.clock())
    await centre.heard()
    assert [agent for agent, tell, _ in centre.says if tell == "gone"] == ["camille"]
    await centre.store.finish("call-1-1", 500, centre.clock())
    await centre.heard()
    assert [agent for agent, tell, _ in centre.says if tell == "gone"] == ["camille", "sacha"]


async def test_one_of_several_whose_phone_is_busy_keeps_it_from_nobody_else_s_screen(centre: Centre) -> None:
    await centre.comes("sacha")
    await centre.offered("call-1", "sacha")
    await centre.store.withdraw("call-1-1", "call-1-sacha", Setback.BUSY, centre.clock())
    await centre.heard()
    assert [agent for agent, tell, _ in centre.says if tell == "gone"] == ["sacha"]


# --- the wrap-up ----------------------------------------------------------------------------------------------------


async def test_a_page_opened_in_the_wrap_up_never_shows_a_former_call(centre: Centre) -> None:
    await centre.offered("call-1")
    await centre.heard()
    await centre.talked("call-1")
    await centre.store.cut_wrap_up("camille", "camille", centre.clock())
    await centre.heard()
    centre.open.clear()
    await centre.offered("call-2")
    await centre.talked("call-2")
    await centre.heard()
    centre.says.clear()
    centre.open.add("camille")
    centre.screens.due("camille", pop=True)
    await centre.heard()
    assert centre.told == [("pop", "call-2"), ("gone", "call-2")]
    assert centre.screens.had("camille", "call-2")


async def test_a_web_process_that_has_just_begun_knows_what_is_wrapped_up(centre: Centre) -> None:
    arrived = {"number": "+33612345678", "name": "Ana", "withheld": False, "language": "fr"}
    await centre.store.emit([Event("in", "call.arrived", centre.clock(), "call-1", arrived)])
    await centre.offered("call-1")
    await centre.talked("call-1")
    centre.screens, events = centre.fresh(), await centre.store.recent(100, (await centre.store.snapshot()).cursor)
    centre.screens.recall(events)
    centre.screens.due("camille", pop=True)
    for _ in range(60):
        await asyncio.sleep(0)
    assert centre.told == [("pop", "call-1"), ("gone", "call-1")]
    ((entry, session, why),) = centre.made
    assert (entry.id, entry.queue, entry.since, why) == ("call-1-1", "voirie", centre.clock(), "for a reason")
    assert session is not None
    assert (session["session"]["caller"]["number"], session["session"]["language"]) == ("+33612345678", "fr")


async def test_a_message_that_is_done_with_meanwhile_does_not_take_the_call_s_place(centre: Centre) -> None:
    await centre.store.set_holds("camille", 2, "camille", centre.clock())
    await centre.offered("message", kind=Kind.VOICEMAIL)
    await centre.offered("call-1")
    await centre.talked("call-1")
    await centre.store.finish("message-1", 500, centre.clock())
    await centre.heard()
    centre.says.clear()
    centre.screens.due("camille", pop=True)
    await centre.heard()
    assert centre.told == [("pop", "call-1"), ("gone", "call-1")]
