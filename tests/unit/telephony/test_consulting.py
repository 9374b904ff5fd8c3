"""An agent asks somebody: the agent's own line, on a fake one and the store in memory."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.ids import counted_ids
from ivr.session import Session
from queues.model import Entry, EntryState, Kind, OfferMessage
from queues.store.memory import MemoryStore
from telephony import consulting
from telephony.channel import DialResult, DialStatus
from telephony.consulting import Consults
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.material import TownDirectory
from telephony.parts import Parts
from telephony.record import CallRecord
from tests.unit.ivr.material.files import SERVICE, service_of
from tests.unit.telephony.test_call import WAY
from tests.unit.telephony.town import agent, flow, house_of, offer

FIRST, ASKED = "call-1-1", "call-1-m1"
ONWARD = {"id": "m1", "how": "consult", "to": "agent:sacha", "author": "camille", "consult": ASKED}


async def town(**changes: Any) -> House:
    """Camille talks with a caller, and wants to ask sacha."""
    house = house_of(flow(**WAY))
    await agent(house, "camille", "1001")
    await agent(house, "sacha", "1002")
    now = house.clock()
    await house.store.enqueue(Entry(FIRST, "call-1", "roads", since=now, entered=now, node=house.node))
    await offer(house, FIRST, "camille", "to-camille", deliver=False)
    await house.store.answer(FIRST, "to-camille", now)
    await house.store.direct(FIRST, "camille", {**ONWARD, **changes}, now)
    return house


@asynccontextmanager
async def asking(house: House, channel: FakeChannel) -> AsyncIterator[tuple[Consults, "asyncio.Task[str]"]]:
    consults = Consults(house)
    task = asyncio.create_task(consults.run(channel, FIRST))
    try:
        yield consults, task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def ring(house: House, consults: Consults, channel: FakeChannel) -> None:
    await channel.until(Doing.WAITING)
    await offer(house, ASKED, "sacha", "to-sacha", deliver=False)
    (message,) = [
        each for _, each in await house.store.inbox(house.node, "0", 0)
        if isinstance(each, OfferMessage) and each.offer == "to-sacha"
    ]  # fmt: skip
    await consults.offered(message)
    await channel.until(Doing.RINGING)


async def onward(house: House) -> dict[str, Any]:
    entry = await house.store.entry(FIRST)
    assert entry is not None
    return entry.onward


async def test_a_colleague_alone_is_offered_the_consultation_and_nobody_else() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel):
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(ASKED)
        assert (entry.kind, entry.call, entry.queue, list(entry.members)) == (
            Kind.CONSULT, "call-1", "roads", ["sacha"],
        )  # fmt: skip
        assert channel.music


async def test_whoever_is_next_in_a_queue_is_asked_on_its_terms() -> None:
    house, channel = await town(to="queue:records"), FakeChannel()
    async with asking(house, channel):
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(ASKED)
        assert (entry.queue, entry.members) == ("records", {})


async def test_a_colleague_who_does_not_answer_sends_the_agent_back_to_the_caller() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await ring(house, consults, channel)
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        assert await task == FIRST
    said = await onward(house)
    assert (said["how"], said["there"]) == ("cancel", True)
    assert await house.store.entry(ASKED) is None


async def test_the_consultation_is_over_when_the_colleague_hangs_up() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await ring(house, consults, channel)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        assert (await house.store.entry(ASKED)).state is EntryState.CONNECTED
        channel.phone_ends(DialResult(DialStatus.ANSWERED, 1_000))
        assert await task == FIRST
    assert (await house.store.agent("sacha")).state == "wrap_up"
    assert (await onward(house))["how"] == "cancel"


async def test_whom_the_caller_was_handed_to_keeps_the_conversation() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await ring(house, consults, channel)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        await house.store.direct(FIRST, "camille", {**ONWARD, "id": "m2", "how": "complete"}, house.clock())
        channel.phone_ends(DialResult(DialStatus.ANSWERED, 1_000))
        assert await task == ""
    assert (await house.store.agent("sacha")).state == "talking"


@pytest.mark.parametrize("moment", [Doing.WAITING, Doing.RINGING, Doing.TALKING])
async def test_a_wiped_store_is_told_who_is_asked_and_it_goes_on(moment: Doing) -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await channel.until(Doing.WAITING)
        if moment is not Doing.WAITING:
            await ring(house, consults, channel)
        if moment is Doing.TALKING:
            channel.phone_answers()
            await channel.until(Doing.TALKING)
        before, first = await house.store.entry(ASKED), await house.store.entry(FIRST)
        vars(house.store).update(vars(MemoryStore(house.clock, counted_ids("again"))))
        await agent(house, "camille", "1001")
        await agent(house, "sacha", "1002")
        await house.store.restore(first, house.clock())
        await consults.tell_again()
        assert await house.store.entry(ASKED) == before
        if moment is Doing.WAITING:
            await ring(house, consults, channel)
        if moment is not Doing.TALKING:
            channel.phone_answers()
            await channel.until(Doing.TALKING)
        channel.phone_ends(DialResult(DialStatus.ANSWERED, 1_000))
        assert await task == FIRST
        await consults.tell_again()
    assert await house.store.entry(ASKED) is None
    assert (await house.store.agent("sacha")).state == "wrap_up"


async def test_an_agent_who_is_taken_back_while_it_rings_leaves_the_colleague_idle() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await ring(house, consults, channel)
        channel.hang_up()
        assert await task == ""
    sacha = await house.store.agent("sacha")
    assert (sacha.state, sacha.missed) == ("idle", 0)
    assert await house.store.entry(ASKED) is None


async def test_an_agent_who_hangs_up_on_whom_they_asked_sends_the_caller_to_them() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, _):
        await ring(house, consults, channel)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        await consults.left(FIRST)
        said = await onward(house)
        assert (said["how"], said["to"]) == ("blind", "agent:sacha")


async def test_an_agent_whose_phone_is_gone_before_anybody_answered_is_asked_first_again() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, _):
        await channel.until(Doing.WAITING)
        await consults.left(FIRST)
        said = await onward(house)
        assert (said["how"], said["to"], said["queue"]) == ("back", "agent:camille", "roads")


async def test_the_second_of_three_who_leaves_is_in_wrap_up_and_the_call_goes_on() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, _):
        await ring(house, consults, channel)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        await house.store.direct(FIRST, "camille", {**ONWARD, "id": "m2", "how": "join"}, house.clock())
        await consults.left(ASKED)
        assert (await house.store.agent("sacha")).state == "wrap_up"
        assert (await house.store.entry(FIRST)).state is EntryState.CONNECTED


async def test_an_agent_who_never_came_back_to_the_caller_is_asked_first_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consulting, "LOOK_AGAIN_S", 0)
    house = await town()
    await house.store.direct(FIRST, "camille", {**ONWARD, "id": "m2", "how": "cancel", "there": True}, house.clock())
    await Consults(house).left(FIRST)
    said = await onward(house)
    assert (said["how"], said["to"]) == ("back", "agent:camille")


async def test_an_agent_who_hangs_up_with_the_colleague_sends_the_caller_there_though_that_is_over() -> None:
    house, channel = await town(), FakeChannel()
    async with asking(house, channel) as (consults, task):
        await ring(house, consults, channel)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        channel.hang_up()
        assert await task == ""
        assert await house.store.entry(ASKED) is None
        await consults.left(FIRST)
    said = await onward(house)
    assert (said["how"], said["to"]) == ("blind", "agent:sacha")


class HastyLine(FakeChannel):
    """Something happens before it sleeps for the first time."""

    def __init__(self, happens: Callable[[], Awaitable[None]]) -> None:
        super().__init__()
        self._happens: Callable[[], Awaitable[None]] | None = happens

    async def start_music(self) -> None:
        await super().start_music()
        happens, self._happens = self._happens, None
        if happens:
            await happens()


async def test_an_offer_that_comes_before_the_line_sleeps_is_not_slept_over() -> None:
    house = await town()
    consults = Consults(house)

    async def offered() -> None:
        await offer(house, ASKED, "sacha", "to-sacha", deliver=False)
        (message,) = [
            each for _, each in await house.store.inbox(house.node, "0", 0)
            if isinstance(each, OfferMessage) and each.offer == "to-sacha"
        ]  # fmt: skip
        await consults.offered(message)

    line = HastyLine(offered)
    task = asyncio.create_task(consults.run(line, FIRST))
    await line.until(Doing.RINGING)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


# --- services -------------------------------------------------------------------------------------------------------


class Dials:
    def allowed(self, number: str) -> bool:
        return True


async def test_a_service_that_is_asked_is_told_of_the_caller_what_its_file_says() -> None:
    house, channel = await town(to="service:ccas", case="2600000397"), FakeChannel()
    service = SERVICE.replace("hours: ccas\n", "") + "context: {header: true, whisper: en}\n"
    house.towns.live().services["ccas"] = service_of(service)  # type: ignore[index]
    house.parts = Parts(directory=TownDirectory(house.towns, None), transfers=Dials())
    session = Session("call-1", "welcome", "v1", "fr")
    await house.store.save_call("call-1", CallRecord(session, "guichet", "SIP/1", 0).to_data(), [])
    async with asking(house, channel) as (_, task):
        await channel.until(Doing.RINGING)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        assert (await onward(house))["answered"]
        channel.phone_ends(DialResult(DialStatus.ANSWERED, 1_000))
        assert await task == FIRST
    (along,) = channel.along
    assert bytes.fromhex(along.header)[1:] == b"contact=call-1&case=2600000397&language=fr&queue=roads"
    assert along.whisper[0].startswith("Call put through by: Welcome. Case number two, ")
