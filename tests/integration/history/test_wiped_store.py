"""A Valkey that forgets everything while messages wait: recorder, both databases, and engines that tell it again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import wall_clock
from core.events import Event
from core.ids import random_id
from history.recorder import GROUP, Recorder
from history.unfinished import Memory
from hours.switch import Switch, throw
from queues.model import Entry, Kind, Snapshot, message_id
from queues.store.redis import RedisStore
from telephony.presence import Presence
from telephony.retelling import Retelling
from tests.integration.history.helping import RULES
from tests.unit.history.told import arrived, ended, told
from tests.unit.telephony.town import flow, house_of
from tests.valkey import Valkey, own_valkey  # noqa: F401 — a fixture

pytestmark = pytest.mark.native
WAY = flow(bye={"say": "Goodbye.", "then": "hangup"})


class Centre:
    """Engines on one store, and the recorder beside them."""

    def __init__(self, url: str, database: AsyncEngine) -> None:
        self.url, self.database = url, database
        self.store = RedisStore(url)
        self.recorder = Recorder(self.store, database, wall_clock, RULES, pace_ms=10)

    def engine(self, node: str, asterisk: str = "guichet") -> tuple[Presence, Retelling]:
        house = house_of(WAY, node=node)
        house.store, house.clock, house.new_id, house.asterisk = self.store, wall_clock, random_id, asterisk
        presence = Presence(house, nobody, nobody, lambda: None)
        return presence, Retelling(house, Memory(self.database), presence.untold)

    @asynccontextmanager
    async def recording(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.recorder.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def recorded(self) -> None:
        async with asyncio.timeout(15):
            while await self.store.group_lag(GROUP):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def leave_a_message(self, call: str, asterisk: str = "guichet") -> str:
        file, now = f"{call}-{random_id()}", wall_clock()
        entry = Entry(message_id(call, file), call, "roads", now, now, kind=Kind.VOICEMAIL, file=file, due=now + 60_000)
        await self.store.emit([arrived(call, asterisk=asterisk)])
        await self.store.enqueue(entry)
        await self.store.emit(
            [told("call.voicemail", 1, call, queue="roads", file=file, seconds=9), ended(2, call=call)]
        )
        return entry.id

    async def wipe(self) -> None:
        async with Redis.from_url(self.url) as server:
            await server.flushall()

    async def waiting(self) -> list[str]:
        return [entry.call for entry in (await self.snapshot()).entries]

    async def snapshot(self) -> Snapshot:
        return await self.store.snapshot()


async def nobody() -> list[object]:
    return []


@pytest.fixture
async def centre(own_valkey: Valkey, engine: AsyncEngine) -> AsyncIterator[Centre]:  # noqa: F811
    made = Centre(own_valkey.url, engine)
    yield made
    await made.store.close()


async def told_at_once(*tellers: Callable[[], Awaitable[bool]]) -> list[bool]:
    async with asyncio.timeout(30):
        return sorted(await asyncio.gather(*(tell() for tell in tellers)))


async def test_engines_that_tell_at_once_tell_each_thing_once_and_nothing_that_was_done(centre: Centre) -> None:
    one, two, south = centre.engine("n1"), centre.engine("n2"), centre.engine("s1", "south")
    async with centre.recording():
        await one[0].look()
        await centre.leave_a_message("waits")
        heard = await centre.leave_a_message("heard")
        await centre.leave_a_message("south-waits", "south")
        await centre.store.close_queue("records", "sophie", wall_clock())
        await throw(centre.store, "mairie", Switch("closed", wall_clock(), because="Panne", author="sophie"), random_id)
        switches = await centre.store.switches()
        await centre.store.leave(heard, "done", wall_clock())
        await centre.recorded()
        await centre.wipe()

        await asyncio.gather(one[0].look(), two[0].look(), south[0].look())
        assert await told_at_once(one[1].tell, two[1].tell) == [False, True]
        assert await centre.waiting() == ["waits"]
        assert (await centre.snapshot()).closed == {"records"}
        assert await centre.store.switches() == switches
        assert await told_at_once(south[1].tell) == [True]
        assert sorted(await centre.waiting()) == ["south-waits", "waits"]
        await asyncio.gather(*(presence.look() for presence, _ in (one, two, south)))
        assert not any(presence.untold.is_set() for presence, _ in (one, two, south))
    restored = [event.call for _, event in await centre.store.follow("0", 0) if event.kind == "entry.restored"]
    assert sorted(restored) == ["south-waits", "waits"]


async def test_a_second_wipe_is_mended_as_the_first(centre: Centre) -> None:
    presence, retelling = centre.engine("n1")
    async with centre.recording():
        await presence.look()
        await centre.leave_a_message("waits")
        await centre.store.close_queue("records", "sophie", wall_clock())
        await centre.recorded()
        for _ in range(2):
            await centre.wipe()
            await presence.look()
            assert await told_at_once(retelling.tell) == [True]
            assert (await centre.waiting(), (await centre.snapshot()).closed) == (["waits"], {"records"})
            await centre.recorded()


async def test_what_was_done_is_not_told_though_the_recorder_lags(centre: Centre) -> None:
    """It has read that the message was heard, and is slow to write it, when the store is wiped."""
    presence, retelling = centre.engine("n1")
    async with centre.recording():
        await presence.look()
        heard = await centre.leave_a_message("heard")
        await centre.recorded()
    write, reached, may_go_on = centre.recorder._write, asyncio.Event(), asyncio.Event()

    async def slowly(events: list[Event], poison: list[dict[str, object]]) -> None:
        reached.set()
        await may_go_on.wait()
        await write(events, poison)

    centre.recorder._write = slowly  # type: ignore[method-assign, assignment]
    await centre.store.leave(heard, "done", wall_clock())
    async with centre.recording():
        await reached.wait()
        await centre.wipe()
        await presence.look()
        telling = asyncio.create_task(retelling.tell())
        await asyncio.sleep(0.1)
        assert not telling.done(), "the history has not taken in what happened before"
        may_go_on.set()
        async with asyncio.timeout(30):
            assert await telling
        assert await centre.waiting() == []


async def test_what_the_recorder_has_in_hand_is_not_lost_when_database_and_store_are_away_at_once(
    centre: Centre,
) -> None:
    presence, retelling = centre.engine("n1")
    await presence.look()
    write, refused = centre.recorder._write, asyncio.Event()

    async def away(events: list[Event], poison: list[dict[str, object]]) -> None:
        refused.set()
        raise OSError("the database is away")

    centre.recorder._write = away  # type: ignore[method-assign, assignment]
    await centre.leave_a_message("waits")
    async with centre.recording():
        await refused.wait()
        await centre.wipe()
        await presence.look()
        centre.recorder._write = write  # type: ignore[method-assign]
        async with asyncio.timeout(30):
            assert await retelling.tell()
        assert await centre.waiting() == ["waits"]
