"""An agent asks somebody while the caller waits: the caller's line, on a fake one and the store in memory."""

from typing import Any

from queues.model import Agent, EntryState, Kind
from telephony.channel import DialResult, DialStatus
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.record import CallRecord
from tests.unit.telephony.test_call import ENTRY, WAY, under_way
from tests.unit.telephony.test_onward import send, taken_over, talk
from tests.unit.telephony.town import agent, flow, house_of, offer, told

ASKED = "fake-1-m1"
CONSULT = {"id": "m1", "how": "consult", "to": "agent:sacha", "consult": ASKED}


async def asking(house: House, channel: FakeChannel) -> None:
    """Camille talks with the caller, and asks sacha."""
    await agent(house, "camille", "1001")
    await agent(house, "sacha", "1002")
    await channel.until(Doing.WAITING)
    await talk(house, channel, ENTRY, "camille")
    await send(house, ENTRY, "camille", **CONSULT)
    await channel.until(Doing.WAITING)


async def reached(house: House) -> None:
    """Sacha answers."""
    first = await house.store.entry(ENTRY)
    assert first is not None
    first.id, first.kind, first.state, first.agent, first.offer = ASKED, Kind.CONSULT, EntryState.WAITING, "", ""
    first.onward = {}
    await house.store.enqueue(first)
    await offer(house, ASKED, "sacha", "to-sacha", deliver=False)
    await house.store.answer(ASKED, "to-sacha", house.clock())


async def then(house: House, how: str, **more: Any) -> None:
    await send(house, ENTRY, "camille", **{**CONSULT, "id": how, "how": how, **more})


async def state(house: House, who: str) -> str:
    known: Agent | None = await house.store.agent(who)
    assert known is not None
    return known.state.value


def town() -> House:
    return house_of(flow(**WAY))


async def test_the_caller_hears_music_and_the_agent_s_phone_goes_to_ask() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await asking(house, channel)
        assert channel.music and channel.rooms.done == [("send_off", ENTRY)]
        assert await state(house, "camille") == "hold"


async def test_back_to_the_caller_in_a_room_until_the_agent_hangs_up() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel) as call:
        await asking(house, channel)
        await then(house, "cancel")
        await channel.until(Doing.MEETING)
        assert channel.rooms.done[-1] == ("fetch_agent", "agent-1", ENTRY, ENTRY)
        assert (channel.room, await state(house, "camille")) == (ENTRY, "talking")
        channel.room_ends()
        await call
    assert channel.played[-1] == "Goodbye."
    assert await state(house, "camille") == "wrap_up"


async def test_the_agent_asks_again_from_the_room() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await asking(house, channel)
        await then(house, "cancel")
        await channel.until(Doing.MEETING)
        await send(house, ENTRY, "camille", **{**CONSULT, "id": "m2"})
        await channel.until(Doing.WAITING)
        assert channel.rooms.done[-1] == ("send_off", ENTRY)


async def test_whom_they_asked_has_the_caller_and_the_first_agent_is_in_wrap_up() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel) as call:
        await asking(house, channel)
        await reached(house)
        await then(house, "complete")
        await channel.until(Doing.MEETING)
        assert channel.rooms.done[1:] == [("fetch", "agent-1", ASKED, ENTRY), ("hang_up", "agent-1")]
        assert (await state(house, "camille"), await state(house, "sacha")) == ("wrap_up", "talking")
        assert (await house.store.entry(ASKED)).kind is Kind.CALL
        channel.room_ends()
        await call
    assert await state(house, "sacha") == "wrap_up"
    assert channel.played[-1] == "Goodbye."
    assert (await told(house))[-3:] == ["agent.state", "call.heard", "call.ended"]


async def test_all_three_and_the_caller_keeps_the_second_when_the_first_leaves() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel) as call:
        await asking(house, channel)
        await reached(house)
        await then(house, "join")
        await channel.until(Doing.MEETING)
        assert channel.rooms.done[-1] == ("fetch_both", "agent-1", ENTRY, ASKED, ENTRY)
        await then(house, "complete", there=True)
        assert (await state(house, "camille"), channel.doing) == ("wrap_up", Doing.MEETING)
        channel.room_ends()
        await call
    assert await state(house, "sacha") == "wrap_up"


async def test_the_agent_s_phone_is_gone_and_the_caller_comes_back_to_them_first() -> None:
    house, channel = town(), FakeChannel(["1"])
    channel.rooms.gone.add("agent-1")
    async with under_way(house, channel):
        await asking(house, channel)
        entry = await house.store.entry("fake-1-2")
        assert entry.preferred["agents"] == ["camille"]
        assert await state(house, "camille") == "wrap_up"


async def test_a_caller_who_hangs_up_while_they_wait_frees_the_agent() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel) as call:
        await asking(house, channel)
        channel.hang_up()
        await call
    assert await state(house, "camille") == "wrap_up"
    assert channel.rooms.done[-1] == ("hang_up", "agent-1")


async def test_an_engine_that_takes_the_call_over_keeps_the_caller_waiting_while_the_agent_asks() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await asking(house, channel)
    heir = FakeChannel()
    heir.last = ("to-camille-1", DialResult(DialStatus.ANSWERED, 5_000))
    async with taken_over(house, heir):
        await heir.until(Doing.WAITING)
        assert heir.music and not heir.rooms.done
        assert (await house.store.entry(ENTRY)).onward["how"] == "consult"


async def test_it_puts_the_caller_into_the_room_that_was_meant_unless_that_is_over() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await asking(house, channel)
        await reached(house)
        await then(house, "complete")
        await channel.until(Doing.MEETING)
    heir = FakeChannel()
    heir.last = ("to-camille-1", DialResult(DialStatus.ANSWERED, 5_000))
    async with taken_over(house, heir):
        await heir.until(Doing.MEETING)
        assert CallRecord.from_data(await house.store.load_call("fake-1")).entry == ASKED
        heir.room_ends()
        await heir.until(Doing.FINISHED)
    assert await state(house, "sacha") == "wrap_up"


async def test_a_caller_who_waits_in_the_room_for_an_agent_who_never_comes_goes_back() -> None:
    house, channel = town(), FakeChannel(["1"])
    async with under_way(house, channel):
        await asking(house, channel)
        await then(house, "cancel")
        await channel.until(Doing.MEETING)
        await then(house, "back", to="agent:camille", queue="roads")
        await channel.until(Doing.WAITING)
        assert (await house.store.entry("fake-1-2")).preferred["agents"] == ["camille"]
