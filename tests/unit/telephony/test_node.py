"""What an engine does about calls that another one held: nothing while their line lives, and an end once it is gone."""

import asyncio

import pytest

from queues.model import AgentState, Entry, EntryState, Kind
from telephony.call import Call
from telephony.channel import DialResult, DialStatus
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.node import LiveChannel, hung_up, listen, resync
from telephony.record import Arrival, CallRecord
from tests.unit.telephony.town import agent, flow, house_of, offer, told

WAY = flow(
    topic={"menu": "Press 1 for roads.", "choices": {"1": "roads"}, "otherwise": "bye"},
    roads={"queue": "roads", "answered": "bye", "otherwise": "bye"},
    bye={"say": "Goodbye.", "then": "hangup"},
)
ENTRY = "fake-1-1"


async def an_orphan(*, offered: bool = False) -> House:
    """A house in whose store a call waits (or is offered to camille) that no engine holds any more."""
    house, channel = house_of(WAY), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    task = asyncio.create_task(Call.arrive(house, channel, Arrival("+33612345678", "Ada", "3939")).run())
    await channel.until(Doing.WAITING)
    if offered:
        await offer(house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return house


async def look_at(house: House, lines: dict[str, LiveChannel]) -> None:
    stored = {call: CallRecord.from_data(data) for call, data in (await house.store.live_calls()).items()}
    await resync(house, stored, lines)


async def the_entry(house: House) -> Entry | None:
    return await house.store.entry(ENTRY)


async def test_work_that_nobody_here_can_do_lets_the_agent_go_at_once() -> None:
    house = house_of(WAY)
    await agent(house, "camille", "1001")
    await house.store.enqueue(Entry("m1", "c1", "roads", 0, 0, kind=Kind.CALLBACK, node=house.node))
    await offer(house, "m1", "camille", deliver=False)
    cursor = (await house.store.snapshot()).cursor
    listening = asyncio.create_task(listen(house))
    assert await house.store.follow(cursor, 5_000)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.state is AgentState.IDLE


async def test_a_call_whose_line_lives_is_left_alone() -> None:
    house = await an_orphan()
    await look_at(house, {"fake-1": LiveChannel(bridged=False)})
    entry = await the_entry(house)
    assert entry is not None
    assert entry.state is EntryState.WAITING


async def test_a_call_whose_line_is_gone_is_ended_as_lost() -> None:
    house = await an_orphan()
    await look_at(house, {})
    assert await the_entry(house) is None
    assert await house.store.live_calls() == {}
    assert (await told(house))[-2:] == ["entry.left", "call.ended"]


async def test_an_agent_held_for_a_call_that_is_gone_is_free_again() -> None:
    house = await an_orphan(offered=True)
    await look_at(house, {})
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.state is AgentState.IDLE


async def test_an_answer_that_no_engine_saw_is_committed() -> None:
    house = await an_orphan(offered=True)
    await look_at(house, {"fake-1": LiveChannel(bridged=True)})
    entry = await the_entry(house)
    assert entry is not None
    assert entry.state is EntryState.CONNECTED


async def test_a_conversation_that_ended_unseen_is_recorded() -> None:
    house = await an_orphan(offered=True)
    await look_at(house, {"fake-1": LiveChannel(bridged=True)})
    await look_at(house, {})
    assert [kind for kind in await told(house) if kind.startswith("entry")][-2:] == ["entry.answered", "entry.finished"]


async def test_a_call_of_another_asterisk_is_none_of_our_business() -> None:
    house = await an_orphan()
    house.asterisk = "another"
    await look_at(house, {})
    assert await the_entry(house) is not None


async def test_a_hang_up_ends_a_call_that_nobody_holds() -> None:
    house = await an_orphan()
    await hung_up(house, "fake-1")
    await hung_up(house, "fake-1")
    await hung_up(house, "fake-unknown")
    assert [kind for kind in await told(house) if kind in ("entry.left", "call.ended")] == ["entry.left", "call.ended"]


async def test_an_offer_in_the_inbox_wakes_the_call_that_it_is_for() -> None:
    house = house_of(WAY)
    channel = FakeChannel(["1"], phones={"1001": DialResult(DialStatus.ANSWERED, 1_000)})
    await agent(house, "camille", "1001")
    call = asyncio.create_task(Call.arrive(house, channel, Arrival("", "", "3939")).run())
    await channel.until(Doing.WAITING)
    inbox = asyncio.create_task(listen(house))
    await offer(house, ENTRY, "camille", deliver=False)
    await asyncio.wait_for(call, 5)
    inbox.cancel()
    with pytest.raises(asyncio.CancelledError):
        await inbox
    assert [extension for extension, _, _ in channel.dials] == ["1001"]
