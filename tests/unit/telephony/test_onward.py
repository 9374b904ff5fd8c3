"""Where a caller goes whom an agent sends elsewhere, on a fake line and the store in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from queues.model import DirectMessage, Preferred
from telephony.call import Call
from telephony.channel import DialResult, DialStatus
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.record import CallRecord
from tests.unit.telephony.test_call import ENTRY, WAY, under_way
from tests.unit.telephony.town import PlainQueue, agent, flow, house_of, offer, told

SECOND, THIRD = "fake-1-2", "fake-1-3"
TALKED = DialResult(DialStatus.ANSWERED, 5_000)


def town() -> House:
    house = house_of(flow(**WAY))
    house.towns.live().queues["civil"] = PlainQueue(wrap_up_ms=10_000)
    return house


def onward(**changes: Any) -> dict[str, Any]:
    return {"id": "m1", "how": "blind", "to": "queue:civil", "author": "camille", "keep_place": True, **changes}


async def talk(house: House, channel: FakeChannel, entry: str, who: str) -> None:
    await offer(house, entry, who, f"to-{who}-{entry[-1]}")
    await channel.until(Doing.RINGING)
    channel.phone_answers()
    await channel.until(Doing.TALKING)


async def send(house: House, entry: str, who: str, **changes: Any) -> None:
    said = onward(**changes)
    assert await house.store.direct(entry, who, said, house.clock()) is None
    await house.calls["fake-1"].directed(DirectMessage(entry, "fake-1", said))


@asynccontextmanager
async def taken_over(house: House, channel: FakeChannel) -> AsyncIterator[None]:
    """By an engine, as the dialplan asks one to."""
    call = await Call.resume(house, channel)
    assert call is not None
    task = asyncio.create_task(call.run(resumed=True))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_into_another_queue_with_the_place_kept_and_on_its_terms() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    await agent(house, "sacha", "1002")
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        first = await house.store.entry(ENTRY)
        await talk(house, channel, ENTRY, "camille")
        house.clock.advance(30_000)
        await send(house, ENTRY, "camille")
        await channel.until(Doing.WAITING)
        second = await house.store.entry(SECOND)
        assert (second.queue, second.since, second.wrap_up_ms) == ("civil", first.since, 10_000)
        assert second.entered == first.entered + 30_000
        assert channel.music
        assert (await house.store.agent("camille")).state == "wrap_up"
        await talk(house, channel, SECOND, "sacha")
        channel.phone_ends(TALKED)
        await call
    assert channel.played[-1] == "Goodbye."
    assert [kind for kind in await told(house) if kind.startswith("entry")] == [
        "entry.entered", "entry.offered", "entry.ringing", "entry.answered", "entry.directed", "entry.finished",
        "entry.entered", "entry.offered", "entry.ringing", "entry.answered", "entry.finished",
    ]  # fmt: skip


async def test_or_behind_all_who_wait_there() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
        house.clock.advance(30_000)
        await send(house, ENTRY, "camille", keep_place=False)
        await channel.until(Doing.WAITING)
        second = await house.store.entry(SECOND)
        assert second.since == second.entered == house.clock()


async def test_to_an_agent_who_is_asked_before_all_others_of_the_line() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
        await send(house, ENTRY, "camille", to="agent:sacha")
        await channel.until(Doing.WAITING)
        second = await house.store.entry(SECOND)
        assert (second.queue, second.preferred) == ("roads", Preferred(agents=["sacha"], for_ms=60_000))


async def test_who_is_not_answered_comes_back_to_the_agent_who_sent_them_before_all_others() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    await agent(house, "sacha", "1002")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
        await send(house, ENTRY, "camille", to="agent:sacha")
        await channel.until(Doing.WAITING)
        await offer(house, SECOND, "sacha", "to-sacha")
        await channel.until(Doing.RINGING)
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        await channel.until(Doing.WAITING)
        third = await house.store.entry(THIRD)
        assert (third.queue, third.preferred["agents"]) == ("roads", ["camille"])
        left = [event.data["reason"] for _, event in await house.store.follow("0", 0) if event.kind == "entry.left"]
        assert left == ["returned"]


async def test_who_is_sent_to_a_queue_that_closed_meanwhile_comes_back() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
        await house.store.close_queue("civil", "boss", house.clock())
        await send(house, ENTRY, "camille")
        await channel.until(Doing.WAITING)
        third = await house.store.entry(THIRD)
        assert (third.queue, third.preferred["agents"]) == ("roads", ["camille"])


async def test_an_engine_that_takes_the_call_over_in_the_middle_goes_on_to_where_it_was_sent() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
        await house.store.direct(ENTRY, "camille", onward(), house.clock())
    # That engine died: it was told of nothing. The conversation ends, and another one takes the call.
    heir = FakeChannel()
    heir.last = (channel.dials[-1][1], TALKED)
    async with taken_over(house, heir):
        await heir.until(Doing.WAITING)
        assert (await house.store.entry(SECOND)).queue == "civil"
        assert await house.store.entry(ENTRY) is None


async def test_an_engine_that_finds_the_way_onward_in_the_record_ends_the_conversation_first() -> None:
    house, channel = town(), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        await talk(house, channel, ENTRY, "camille")
    record = CallRecord.from_data(await house.store.load_call("fake-1"))
    record.onward = {**onward(), "queue": "roads"}
    await house.store.save_call("fake-1", record.to_data())
    heir = FakeChannel()
    async with taken_over(house, heir):
        await heir.until(Doing.WAITING)
        assert (await house.store.entry(SECOND)).queue == "civil"
        assert (await house.store.agent("camille")).state == "wrap_up"
        kept = CallRecord.from_data(await house.store.load_call("fake-1"))
        assert (kept.onward, kept.entry, kept.moved["queue"]) == ({}, SECOND, "civil")


async def parking(house: House, channel: FakeChannel) -> None:
    """Camille parks the caller."""
    await agent(house, "camille", "1001")
    await agent(house, "sacha", "1002")
    await channel.until(Doing.WAITING)
    await talk(house, channel, ENTRY, "camille")
    await send(house, ENTRY, "camille", how="park", to="park:2")
    await channel.until(Doing.WAITING)


async def test_a_parked_caller_is_aside_with_music_and_offered_to_nobody() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await parking(house, channel)
        entry = await house.store.entry(SECOND)
        assert (entry.state, entry.queue, entry.parked["slot"], entry.parked["by"]) == ("aside", "roads", 2, "camille")
        assert (entry.parked["until"], list(entry.members)) == (house.clock() + 180_000, ["-"])
        assert channel.music


async def test_whoever_takes_a_parked_caller_is_offered_the_call_alone() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await parking(house, channel)
        await send(house, SECOND, "sacha", id="m2", how="take", to="agent:sacha")
        await channel.until(Doing.NOTHING)
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(THIRD)
        assert (entry.queue, entry.preferred["agents"], entry.parked) == ("roads", ["sacha"], {})
        left = [event.data["reason"] for _, event in await house.store.follow("0", 0) if event.kind == "entry.left"]
        assert left == ["taken"]


async def test_a_parked_caller_whom_nobody_takes_comes_back_to_who_parked_them() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await parking(house, channel)
        call = house.calls["fake-1"]
        assert isinstance(call, Call) and call.line is not None
        call.line._begin_unparking()
        await channel.until(Doing.NOTHING)
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(THIRD)
        assert entry.preferred["agents"] == ["camille"]


async def test_an_engine_that_takes_a_parked_call_over_keeps_it_parked() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await parking(house, channel)
    heir = FakeChannel()
    async with taken_over(house, heir):
        await heir.until(Doing.WAITING)
        entry = await house.store.entry(SECOND)
        assert (entry.state, entry.parked["slot"]) == ("aside", 2)
        await send(house, SECOND, "sacha", id="m2", how="take", to="agent:sacha")
        await heir.until(Doing.NOTHING)
        await heir.until(Doing.WAITING)
        assert (await house.store.entry(THIRD)).preferred["agents"] == ["sacha"]
