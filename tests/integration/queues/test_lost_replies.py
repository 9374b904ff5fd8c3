"""A connection that breaks after the server did what was asked and before it said so: the store asks again, and what
was asked is done once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.events import Event
from core.ids import counted_ids
from queues.model import AgentState, EntryState, Setback, Status
from queues.store.port import Recalled
from queues.store.redis import RedisStore
from tests.line import NOW, agent, entry, fence_of, kinds, offered, proposal, talking
from tests.valkey import Valkey

pytestmark = pytest.mark.native


class LossyWire:
    """Stands before Valkey. After `lose_next_reply`, the next reply is thrown away and the connection cut."""

    def __init__(self, server: Path, path: Path) -> None:
        self._server = server
        self.path = path
        self._lose = False
        self.lost = 0

    def lose_next_reply(self) -> None:
        self._lose = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_unix_connection(str(self._server))
        await asyncio.gather(self._pass(reader, to_server[1], False), self._pass(to_server[0], writer, True))

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, replies: bool) -> None:
        while data := await source.read(65_536):
            if replies and self._lose:
                self._lose = False
                self.lost += 1
                break
            to.write(data)
        to.close()


@pytest.fixture
async def wire(valkey: Valkey) -> AsyncIterator[LossyWire]:
    wire = LossyWire(valkey.socket, valkey.socket.with_name("lossy.sock"))
    server = await asyncio.start_unix_server(wire.serve, str(wire.path))
    yield wire
    server.close()


@pytest.fixture
async def store(wire: LossyWire, valkey: Valkey) -> AsyncIterator[RedisStore]:
    store = RedisStore(f"unix://{wire.path}", valkey.prefix(), counted_ids("event"))
    await store.snapshot()
    yield store
    assert wire.lost == 1
    await store.close()


async def test_a_call_is_put_in_line_once_and_said_to_be(store: RedisStore, wire: LossyWire) -> None:
    wire.lose_next_reply()
    assert await store.enqueue(entry())
    assert await kinds(store) == ["entry.entered"]


async def test_an_offer_is_made_once(store: RedisStore, wire: LossyWire) -> None:
    await store.put_agent(agent(), NOW)
    await store.enqueue(entry())
    fence = await fence_of(store)
    wire.lose_next_reply()
    assert await store.offer(fence, [proposal()]) == [None]
    assert len(await store.inbox("n1", "0", 0)) == 1
    assert (await kinds(store)).count("entry.offered") == 1


async def test_ringing_is_told_once(store: RedisStore, wire: LossyWire) -> None:
    await offered(store)
    wire.lose_next_reply()
    assert await store.ringing("e1", "o1", NOW) is None
    assert (await kinds(store)).count("entry.ringing") == 1


async def test_an_answer_is_told_once(store: RedisStore, wire: LossyWire) -> None:
    await offered(store)
    wire.lose_next_reply()
    assert await store.answer("e1", "o1", NOW) is None
    assert (await kinds(store)).count("entry.answered") == 1


async def test_an_unanswered_offer_counts_once(store: RedisStore, wire: LossyWire) -> None:
    await offered(store)
    wire.lose_next_reply()
    assert await store.withdraw("e1", "o1", Setback.NO_ANSWER, NOW) is None
    assert (await store.agent("a1")).missed == 1
    assert (await store.entry("e1")).state is EntryState.WAITING


async def test_a_caller_leaves_once_and_is_said_to_have_left(store: RedisStore, wire: LossyWire) -> None:
    await store.enqueue(entry())
    wire.lose_next_reply()
    assert await store.leave("e1", "abandoned", NOW) is None
    assert await kinds(store) == ["entry.entered", "entry.left"]


async def test_a_talk_ends_once_and_is_said_to_have_ended(store: RedisStore, wire: LossyWire) -> None:
    await talking(store)
    wire.lose_next_reply()
    assert await store.finish("e1", 1, NOW) is None
    assert (await kinds(store)).count("entry.finished") == 1


async def test_a_wrap_up_ends_once(store: RedisStore, wire: LossyWire) -> None:
    await talking(store, wrap_up_ms=1)
    await store.finish("e1", 1, NOW)
    wire.lose_next_reply()
    assert await store.end_wrap_up("a1", NOW + 5) is None
    assert (await store.agent("a1")).state is AgentState.IDLE


async def test_a_status_is_told_once(store: RedisStore, wire: LossyWire) -> None:
    await store.put_agent(agent(), NOW)
    wire.lose_next_reply()
    assert await store.set_status("a1", Status.PAUSED, "", "a1", NOW) is None
    assert await kinds(store) == ["agent.profile", "agent.status"]


async def test_a_calls_end_is_told_once(store: RedisStore, wire: LossyWire) -> None:
    await store.save_call("c1", {"step": "menu"})
    wire.lose_next_reply()
    assert await store.drop_call("c1", [Event("end", "call.ended", NOW, "c1")])
    assert await kinds(store) == ["call.ended"]


async def test_what_the_history_knows_is_told_once_and_said_to_be(store: RedisStore, wire: LossyWire) -> None:
    begun = (await store.announce("n1", "north", NOW)).begun
    wire.lose_next_reply()
    assert await store.retell(begun, "n1", "north", Recalled([entry()], {"roads": "sophie"}), NOW)
    assert (await kinds(store))[2:] == ["queue.closed", "entry.restored", "store.told"]


async def test_who_follows_misses_nothing(store: RedisStore, wire: LossyWire) -> None:
    wire.lose_next_reply()
    await store.emit([Event("one", "call.arrived", NOW, "c1")])
    assert {event.id for _, event in await store.follow("0", 0)} == {"one"}, "perhaps twice, with one id"
