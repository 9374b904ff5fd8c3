"""Messages that callers leave: they stand in the queue's line, and an agent's phone rings for them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from core.errors import GuichetError
from core.ids import counted_ids
from queues.model import AgentState, Entry, EntryState, Kind, OfferMessage, Proposal, Setback
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER
from telephony.call import Call
from telephony.changes import follow_changes
from telephony.channel import DialResult, DialStatus, Taken
from telephony.fake import FakeChannel
from telephony.house import House
from telephony.messages import MessageDesk
from telephony.parts import Parts
from telephony.record import Arrival
from tests.unit.telephony.town import agent, flow, house_of

WAY = flow(
    leave={"voicemail": "Speak.", "queue": "roads", "then": "bye"},
    bye={"say": "Goodbye.", "then": "hangup"},
)
HEARD = DialResult(DialStatus.ANSWERED, 5_000)


class Folder:
    def fresh(self, call: str) -> Path:
        return Path("/recordings") / f"{call}-0123456789ab"

    def path(self, name: str) -> Path:
        return Path("/recordings") / name

    async def discard(self, path: Path) -> None: ...


class AgentLine:
    """A line of our own; the phone that it rings does that."""

    def __init__(self, result: DialResult) -> None:
        self.result = result
        self.played: Sequence[str] = ()
        self.while_heard: Callable[[], Awaitable[None]] | None = None

    async def play_to(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        sounds: Sequence[str],
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        await on_ringing()
        if self.result.status is DialStatus.ANSWERED:
            self.played = sounds
            await on_answer()
            if self.while_heard:
                await self.while_heard()
        return self.result

    async def call_for(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        number: str,
        shown: str,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        return await self.play_to(extension, offer, ring_ms, [number, shown], on_ringing, on_answer)


async def house_with_message(*, gone: bool = False, node: str = "node-1") -> House:
    """A caller has left a message for roads, and camille is there."""
    house = house_of(WAY, node=node)
    house.parts = Parts(recordings=Folder())
    await agent(house, "camille", "1001")
    await Call.arrive(house, FakeChannel(speaks=[Taken(7_000, gone=gone)]), Arrival("+336", "Ada", "3939")).run()
    return house


async def message_of(house: House) -> Entry | None:
    entries = (await house.store.snapshot()).entries
    return entries[0] if entries else None


async def offered(house: House) -> OfferMessage:
    entry, now = await message_of(house), house.clock()
    assert entry is not None
    fence = await house.store.take_lease(DISPATCHER, "test", 60_000)
    assert fence is not None
    assert await house.store.offer(fence, [Proposal("o1", entry.id, "camille", now, now + 50_000)]) == [None]
    [(_, notice)] = await house.store.inbox(entry.node, "0", 0)
    assert isinstance(notice, OfferMessage)
    return notice


def desk_of(house: House, fails: str = "") -> tuple[MessageDesk, list[str]]:
    called: list[str] = []

    async def call_out(extension: str) -> None:
        if fails:
            raise GuichetError(fails)
        called.append(extension)

    return MessageDesk(house, call_out), called


@pytest.mark.parametrize("gone", [False, True])
async def test_a_message_is_work_for_its_queue_with_its_deadline(gone: bool) -> None:
    house = await house_with_message(gone=gone)
    entry = await message_of(house)
    assert entry is not None
    assert (entry.kind, entry.queue, entry.call, entry.file) == (
        Kind.VOICEMAIL, "roads", "fake-1", "fake-1-0123456789ab"
    )  # fmt: skip
    assert (entry.node, entry.asterisk, entry.due) == ("node-1", "guichet", house.clock() + 3_600_000)


async def test_an_agent_is_rung_hears_the_message_and_is_done_with_it() -> None:
    house = await house_with_message()
    desk, called = desk_of(house)
    await desk.offered(await offered(house))
    await asyncio.sleep(0)
    assert called == ["1001"]
    line, seen = AgentLine(HEARD), list[AgentState]()

    async def look() -> None:
        camille = await house.store.agent("camille")
        assert camille is not None
        seen.append(camille.state)

    line.while_heard = look
    assert await desk.serve("1001", line)
    assert list(line.played) == [
        "Voici un message. Pour le réécouter, tapez étoile.",
        "/recordings/fake-1-0123456789ab",
    ]
    assert seen == [AgentState.TALKING]
    assert await message_of(house) is None
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.state is AgentState.WRAP_UP
    kinds = [event.kind for _, event in await house.store.follow("0", 0) if event.kind.startswith("entry.")]
    assert kinds == ["entry.entered", "entry.offered", "entry.ringing", "entry.answered", "entry.finished"]
    assert not await desk.serve("1001", line), "it is played once"


async def test_a_message_that_nobody_takes_is_in_line_again_and_counts_as_missed() -> None:
    house = await house_with_message()
    desk, _ = desk_of(house)
    await desk.offered(await offered(house))
    await desk.serve("1001", AgentLine(DialResult(DialStatus.NO_ANSWER)))
    entry, camille = await message_of(house), await house.store.agent("camille")
    assert entry is not None and camille is not None
    assert (entry.state, list(entry.excluded), camille.missed) == (EntryState.WAITING, ["camille"], 1)


async def test_a_line_that_cannot_be_had_gives_the_message_back() -> None:
    house = await house_with_message()
    desk, _ = desk_of(house, fails="Asterisk does not answer.")
    await desk.offered(await offered(house))
    cursor = (await house.store.snapshot()).cursor
    await house.store.follow(cursor, 5_000)
    reasons = [e.data["reason"] for _, e in await house.store.follow("0", 0) if e.kind == "entry.withdrawn"]
    assert reasons == [Setback.UNREACHABLE]


async def test_a_message_that_another_engine_sees_to_stays_with_it_until_that_one_has_left() -> None:
    house = await house_with_message(node="main-1-a")
    offer = await offered(house)
    await house.store.answer(offer.entry, offer.offer, house.clock())
    await house.store.announce("main-1-a", house.asterisk, house.clock())
    other = house_of(WAY, store=house.store, node="main-2-a")
    other.parts = Parts(recordings=Folder())
    other.messages, _ = desk_of(other)
    await other.take_over()
    entry = await message_of(other)
    assert entry is not None
    assert (entry.state, entry.node) == (EntryState.CONNECTED, "main-1-a")
    following = asyncio.create_task(follow_changes(other))
    await asyncio.sleep(0)
    await house.store.forget_node("main-1-a", "silent", house.clock())
    async with asyncio.timeout(15):
        while (entry := await message_of(other)) is None or entry.node != "main-2-a" or entry.offer:  # noqa: ASYNC110
            await asyncio.sleep(0)
    following.cancel()
    assert entry.state is EntryState.WAITING


@pytest.mark.parametrize("heard", [False, True])
async def test_the_next_engine_takes_the_messages_over_and_what_was_begun_is_in_line_again(heard: bool) -> None:
    house = await house_with_message()
    offer = await offered(house)
    if heard:
        await house.store.answer(offer.entry, offer.offer, house.clock())
    assert isinstance(house.store, MemoryStore)
    other = house_of(WAY, store=house.store, node="node-2")
    other.parts = Parts(recordings=Folder())
    desk, _ = desk_of(other)
    await desk.take_over()
    entry, camille = await message_of(other), await other.store.agent("camille")
    assert entry is not None and camille is not None
    assert (entry.state, entry.node, camille.state) == (EntryState.WAITING, "node-2", AgentState.IDLE)


@pytest.mark.parametrize(("heard", "state"), [(False, AgentState.OFFERED), (True, AgentState.TALKING)])
async def test_a_wiped_store_is_told_who_is_rung_for_a_message_or_hears_it(heard: bool, state: AgentState) -> None:
    house = await house_with_message()
    desk, _ = desk_of(house)
    await desk.offered(await offered(house))
    await asyncio.sleep(0)
    before = await message_of(house)
    line = AgentLine(HEARD)

    async def wipe() -> None:
        vars(house.store).update(vars(MemoryStore(house.clock, counted_ids("again"))))
        await agent(house, "camille", "1001")
        await desk.tell_again()
        again, camille = await message_of(house), await house.store.agent("camille")
        assert before is not None and again is not None and camille is not None
        assert (again.id, again.file, again.offer, camille.state) == (before.id, before.file, before.offer, state)

    if heard:
        line.while_heard = wipe
    else:
        await wipe()
    assert await desk.serve("1001", line)
    assert await message_of(house) is None
    told = [event for _, event in await house.store.follow("0", 0)]
    assert [event.kind for event in told if event.kind.startswith("entry.")][-1] == "entry.finished"
    await desk.tell_again()
    assert await message_of(house) is None, "what is over is told no more"


async def test_a_line_for_another_engine_is_left_to_it() -> None:
    house = await house_with_message()
    desk, _ = desk_of(house)
    assert not await desk.serve("1001", AgentLine(HEARD))


async def house_with_callback() -> House:
    """Camille wants to call somebody back."""
    house = house_of(WAY)
    house.parts = Parts(recordings=Folder())
    await agent(house, "camille", "1001")
    now = house.clock()
    wanted = Entry("c-1", "c", "roads", now, now, members={"camille": {}}, kind=Kind.CALLBACK, file="+33612345678",
                   node=house.node, asterisk=house.asterisk)  # fmt: skip
    await house.store.enqueue(wanted)
    return house


async def ends(house: House) -> list[str]:
    return [event.data["reason"] for _, event in await house.store.follow("0", 0) if event.kind == "call.ended"]


async def test_an_agent_is_rung_and_then_the_citizen_who_is_called_back() -> None:
    house = await house_with_callback()
    desk, called = desk_of(house)
    await desk.offered(await offered(house))
    await asyncio.sleep(0)
    line = AgentLine(HEARD)
    assert await desk.serve("1001", line)
    assert (called, list(line.played)) == (["1001"], ["+33612345678", "3939"])
    assert (await house.store.agent("camille")).state is AgentState.WRAP_UP
    assert (await message_of(house), await ends(house)) == (None, ["flow_ended"])


@pytest.mark.parametrize("fails", ["", "no line"])
async def test_it_is_tried_once(fails: str) -> None:
    house = await house_with_callback()
    desk, _ = desk_of(house, fails)
    await desk.offered(await offered(house))
    await asyncio.sleep(0)
    if not fails:
        assert await desk.serve("1001", AgentLine(DialResult(DialStatus.NO_ANSWER)))
    await asyncio.sleep(0)
    assert (await message_of(house), await ends(house)) == (None, ["agent_not_there"])
    assert (await house.store.agent("camille")).state is AgentState.IDLE
