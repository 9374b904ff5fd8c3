"""A call's way through its flow and its queue, on a fake line and the store in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.errors import ChannelLost
from queues.model import AgentState, EntryState, OfferMessage, Proposal, Rung
from queues.store.port import DISPATCHER
from telephony.call import Call
from telephony.channel import DialResult, DialStatus
from telephony.fake import HANG_UP, Doing, FakeChannel
from telephony.house import House
from telephony.record import Arrival
from tests.unit.telephony.town import agent, flow, house_of, offer, told

ARRIVAL = Arrival("+33612345678", "Ada", "3939")
GREETING = {"say": "Hello.", "then": "topic"}
TOPIC = {"menu": "Press 1 for roads.", "choices": {"1": "roads"}, "otherwise": "bye"}
ROADS = {"queue": "roads", "answered": "bye", "otherwise": "sorry"}
BYE = {"say": "Goodbye.", "then": "hangup"}
SORRY = {"say": "Sorry.", "then": "hangup"}
WAY = {"hello": GREETING, "topic": TOPIC, "roads": ROADS, "bye": BYE, "sorry": SORRY}
TALKED = DialResult(DialStatus.ANSWERED, 5_000)
ENTRY = "fake-1-1"


async def whole_call(house: House, channel: FakeChannel) -> None:
    async with asyncio.timeout(5):
        await Call.arrive(house, channel, ARRIVAL).run()


@asynccontextmanager
async def under_way(house: House, channel: FakeChannel) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(whole_call(house, channel))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_caller_hears_the_flow_and_it_ends() -> None:
    house, channel = house_of(flow(hello={"say": "Hello.", "then": "bye"}, bye=BYE)), FakeChannel()
    await whole_call(house, channel)
    assert channel.played == ["Hello.", "Goodbye."]
    assert channel.finished
    assert await told(house) == ["call.arrived", "call.heard", "call.ended"]


async def test_what_was_played_is_told_by_the_names_of_the_files_along_with_the_next_save() -> None:
    house = house_of(flow(**WAY))
    await whole_call(house, FakeChannel(["7", "", "8"]))
    heard = [event.data["sounds"] for _, event in await house.store.follow("0", 0) if event.kind == "call.heard"]
    assert heard == [["Hello.", "Press 1 for roads."], ["Press 1 for roads.", "Goodbye."]]


async def test_a_caller_who_hangs_up_before_the_answer_is_recorded() -> None:
    house, channel = house_of(flow(hello={"say": "Hello.", "then": "hangup"})), FakeChannel()
    channel.hang_up()
    await whole_call(house, channel)
    assert await told(house) == ["call.arrived", "call.ended"]


async def test_a_known_caller_is_known_to_the_flow() -> None:
    known = {"branch": [{"when": "caller.contacts > 0", "then": "bye"}], "otherwise": "sorry"}
    house, channel = house_of(flow(known=known, bye=BYE, sorry=SORRY), **{"n+33612345678": 2}), FakeChannel()
    await whole_call(house, channel)
    assert channel.played == ["Goodbye."]


async def test_a_key_during_the_greeting_is_the_menu_s_answer() -> None:
    house = house_of(flow(**WAY))
    channel = FakeChannel(during={"Hello.": "1"})
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
    assert await house.store.entry(ENTRY)
    assert channel.played == ["Hello."]


async def test_a_waiting_call_is_woken_by_an_offer_and_joined_with_the_agent() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        assert channel.music
        await offer(house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        channel.phone_answers()
        await channel.until(Doing.TALKING)
        entry = await house.store.entry(ENTRY)
        assert entry is not None
        assert entry.state is EntryState.CONNECTED
        channel.phone_ends(TALKED)
        await call
    assert channel.played[-1] == "Goodbye."
    assert [kind for kind in await told(house) if kind.startswith(("entry", "call"))] == [
        "call.arrived", "call.chose", "call.heard", "entry.entered", "entry.offered", "entry.ringing", "entry.answered",
        "entry.finished", "call.heard", "call.ended",
    ]  # fmt: skip
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.state is AgentState.WRAP_UP


async def test_a_call_that_is_sent_away_takes_the_flows_exit() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        await house.store.send_away(ENTRY, "closed", "boss", house.clock())
        await house.calls["fake-1"].sent_away(ENTRY, "closed")
        await call
    assert channel.played[-1] == "Sorry."
    left = [event.data["reason"] for _, event in await house.store.follow("0", 0) if event.kind == "entry.left"]
    assert left == ["closed"]


async def test_a_call_is_not_sent_away_from_the_phone_that_rings_for_it() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        await offer(house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        await house.store.send_away(ENTRY, "closed", "boss", house.clock())
        await house.calls["fake-1"].sent_away(ENTRY, "closed")
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        await call
    assert channel.played[-1] == "Sorry."


async def test_a_call_for_a_closed_queue_takes_the_flows_exit_and_says_why() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await house.store.close_queue("roads", "boss", house.clock())
    await whole_call(house, channel)
    assert channel.played[-1] == "Sorry."
    events = [event for _, event in await house.store.follow("0", 0)]
    assert [event.data["reason"] for event in events if event.kind == "call.refused"] == ["closed"]
    assert "entry.entered" not in [event.kind for event in events]


async def all_ring(house: House, channel: FakeChannel) -> None:
    """camille, sacha and noa are rung at once."""
    await channel.until(Doing.WAITING)
    for name, extension in (("camille", "1001"), ("sacha", "1002"), ("noa", "1003")):
        await agent(house, name, extension)
    fence, now = await house.store.take_lease(DISPATCHER, "test", 60_000), house.clock()
    assert fence is not None
    beside: list[Rung] = [{"offer": "o2", "agent": "sacha"}, {"offer": "o3", "agent": "noa"}]
    assert await house.store.offer(fence, [Proposal("o1", ENTRY, "camille", now, now + 50_000, "", beside)]) == [None]
    [(_, notice)] = await house.store.inbox(house.node, "0", 0)
    assert isinstance(notice, OfferMessage)
    await house.calls["fake-1"].offered(notice)


async def doing(house: House) -> list[AgentState]:
    found = [await house.store.agent(name) for name in ("camille", "sacha", "noa")]
    return [each.state for each in found if each]


async def test_of_several_phones_the_first_that_answers_has_the_call_and_the_others_are_let_go() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"], phones={"1003": DialResult(DialStatus.BUSY)})
    async with under_way(house, channel) as call:
        await all_ring(house, channel)
        await channel.until(Doing.RINGING)
        assert [dialled[:2] for dialled in channel.dials] == [("1001", "o1"), ("1002", "o2"), ("1003", "o3")]
        channel.phone_answers("1002")
        await channel.until(Doing.TALKING)
        assert await doing(house) == [AgentState.IDLE, AgentState.TALKING, AgentState.IDLE]
        channel.phone_ends(TALKED)
        await call
    assert channel.played[-1] == "Goodbye."
    events = [event for _, event in await house.store.follow("0", 0)]
    withdrawn = [(e.data["offer"], e.data["reason"]) for e in events if e.kind == "entry.withdrawn"]
    assert withdrawn == [("o3", "busy"), ("o1", "answered_elsewhere")]
    assert [e.data["agent"] for e in events if e.kind == "entry.finished"] == ["sacha"]


async def test_where_none_of_several_phones_answers_the_caller_is_back_in_line() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    async with under_way(house, channel):
        await all_ring(house, channel)
        await channel.until(Doing.RINGING)
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(ENTRY)
        assert entry is not None
        assert (entry.state, sorted(entry.excluded)) == (EntryState.WAITING, ["camille", "noa", "sacha"])
        missed = [await house.store.agent(name) for name in ("camille", "sacha", "noa")]
        assert [each.missed for each in missed if each] == [1, 1, 1]


@pytest.mark.parametrize("seen", [True, False])
async def test_another_engine_finds_out_which_of_several_phones_had_answered(seen: bool) -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    async with under_way(house, channel):
        await all_ring(house, channel)
        await channel.until(Doing.RINGING)
    if seen:
        await house.store.answer(ENTRY, "o2", house.clock())
    again = FakeChannel()
    again.last = ("o1", DialResult(DialStatus.ANSWERED, 5_000, "1002"))
    call = await Call.resume(house, again)
    assert call is not None
    async with asyncio.timeout(5):
        await call.run(resumed=True)
    assert again.played == ["Goodbye."]
    events = [event for _, event in await house.store.follow("0", 0)]
    assert [e.data["agent"] for e in events if e.kind == "entry.finished"] == ["sacha"]


async def test_an_agent_who_does_not_answer_leaves_the_caller_in_line() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await channel.until(Doing.WAITING)
        before = await house.store.entry(ENTRY)
        await offer(house, ENTRY, "camille")
        await channel.until(Doing.RINGING)
        channel.phone_ends(DialResult(DialStatus.NO_ANSWER))
        await channel.until(Doing.WAITING)
        after = await house.store.entry(ENTRY)
    assert before is not None
    assert after is not None
    assert (after.state, after.since) == (EntryState.WAITING, before.since)
    assert "camille" in after.excluded
    assert channel.music


LOST = DialResult(DialStatus.ANSWERED, 4_000, lost=True)


async def talks(house: House, channel: FakeChannel, which: str = "offer-1") -> None:
    """The caller waits; camille is offered the call, and takes it."""
    await channel.until(Doing.WAITING)
    await offer(house, ENTRY, "camille", which)
    await channel.until(Doing.RINGING)
    channel.phone_answers()
    await channel.until(Doing.TALKING)


async def test_a_caller_whose_agents_phone_is_lost_is_told_so_and_waits_for_that_agent() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel) as call:
        await talks(house, channel)
        channel.phone_ends(LOST)
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(ENTRY)
        assert entry is not None
        assert (entry.state, entry.preferred["agents"]) == (EntryState.WAITING, ["camille"])
        assert channel.played[-1].startswith("La ligne de votre correspondant")
        assert channel.music
        await talks(house, channel, "offer-2")
        channel.phone_ends(TALKED)
        await call
    assert channel.played[-1] == "Goodbye."


async def test_an_agent_who_is_not_back_yet_is_not_left_out_of_the_call_that_they_lost() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel):
        await talks(house, channel)
        channel.phone_ends(LOST)
        await channel.until(Doing.WAITING)
        channel.phones["1001"] = DialResult(DialStatus.UNREACHABLE)
        await offer(house, ENTRY, "camille", "offer-2")
        await channel.until(Doing.NOTHING)
        await channel.until(Doing.WAITING)
        entry = await house.store.entry(ENTRY)
    assert entry is not None
    assert (entry.excluded, entry.withdrawn) == ({}, "offer-2")


async def test_a_caller_who_gives_up_after_the_agents_phone_was_lost_leaves_nothing_behind() -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel) as call:
        await talks(house, channel)
        channel.phone_ends(LOST)
        await channel.until(Doing.WAITING)
        channel.hang_up()
        await call
    assert await house.store.entry(ENTRY) is None
    assert [kind for kind in await told(house) if kind.startswith("entry")][-2:] == ["entry.interrupted", "entry.left"]


async def test_another_engine_finds_out_that_the_agents_phone_was_lost() -> None:
    house, first = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, first) as call:
        await talks(house, first)
        call.cancel()
    second = FakeChannel()
    second.last = ("offer-1", LOST)
    resumed = await Call.resume(house, second)
    assert resumed is not None
    run = asyncio.create_task(resumed.run(resumed=True))
    await second.until(Doing.WAITING)
    entry = await house.store.entry(ENTRY)
    assert entry is not None
    assert (entry.state, entry.preferred["agents"]) == (EntryState.WAITING, ["camille"])
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


@pytest.mark.parametrize("moment", [Doing.WAITING, Doing.RINGING, Doing.TALKING])
async def test_a_caller_who_hangs_up_leaves_nothing_behind(moment: Doing) -> None:
    house, channel = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        if moment is not Doing.WAITING:
            await offer(house, ENTRY, "camille")
            await channel.until(Doing.RINGING)
        if moment is Doing.TALKING:
            channel.phone_answers()
            await channel.until(Doing.TALKING)
        channel.hang_up()
        await call
    assert await house.store.entry(ENTRY) is None
    assert await house.store.live_calls() == {}
    assert house.calls == {}
    kinds = await told(house)
    assert kinds[-1] == "call.ended"
    assert ("entry.finished" if moment is Doing.TALKING else "entry.left") in kinds
    camille = await house.store.agent("camille")
    assert camille is not None
    assert camille.state is (AgentState.WRAP_UP if moment is Doing.TALKING else AgentState.IDLE)


class HangsUpOnTheWayIn(FakeChannel):
    """In the very moment in which the line is to remember that it waits."""

    async def remember(self, text: str) -> None:
        self.hang_up()
        await super().remember(text)


async def test_a_caller_who_hangs_up_on_the_way_into_the_line_leaves_nothing_behind() -> None:
    house = house_of(flow(**WAY))
    await agent(house, "camille", "1001")
    await whole_call(house, HangsUpOnTheWayIn(["1"]))
    assert (await house.store.snapshot()).entries == ()
    happened = await told(house)
    assert [kind for kind in happened if kind.startswith("entry.")] == ["entry.entered", "entry.left"]
    assert happened[-1] == "call.ended"


async def test_a_caller_who_hangs_up_at_the_menu_is_recorded() -> None:
    house = house_of(flow(**WAY))
    await whole_call(house, FakeChannel([HANG_UP]))
    assert await told(house) == ["call.arrived", "call.heard", "call.ended"]


async def test_another_engine_goes_on_where_the_first_one_lost_the_call() -> None:
    house = house_of(flow(**WAY))
    first = FakeChannel(["1"])
    async with under_way(house, first) as call:
        await first.until(Doing.WAITING)
        first.lose()
        with pytest.raises(ChannelLost):
            await call
    before = await house.store.entry(ENTRY)
    assert before is not None
    second = house_of(house.towns.live().flows.by_name["welcome"], store=house.store, node="node-2")  # type: ignore[arg-type]
    await agent(second, "camille", "1001")
    line = FakeChannel(phones={"1001": TALKED})
    resumed = await Call.resume(second, line)
    assert resumed is not None
    run = asyncio.create_task(resumed.run(resumed=True))
    await line.until(Doing.WAITING)
    after = await second.store.entry(ENTRY)
    assert after is not None
    assert (after.since, after.node) == (before.since, "node-2")
    await offer(second, ENTRY, "camille")
    await asyncio.wait_for(run, 5)
    assert line.played == ["Goodbye."]


async def test_a_conversation_that_outlived_its_engine_is_recorded() -> None:
    house, first = house_of(flow(**WAY)), FakeChannel(["1"])
    await agent(house, "camille", "1001")
    async with under_way(house, first) as call:
        await first.until(Doing.WAITING)
        await offer(house, ENTRY, "camille")
        await first.until(Doing.RINGING)
        call.cancel()
    second = FakeChannel()
    second.last = ("offer-1", TALKED)
    resumed = await Call.resume(house, second)
    assert resumed is not None
    await asyncio.wait_for(resumed.run(resumed=True), 5)
    assert [kind for kind in await told(house) if kind.startswith("entry")][-2:] == ["entry.answered", "entry.finished"]
    assert second.played == ["Goodbye."]


async def test_a_place_that_was_saved_but_never_taken_is_taken_by_the_next_engine() -> None:
    house, first = house_of(flow(**WAY)), FakeChannel(["1"])
    async with under_way(house, first):
        await first.until(Doing.WAITING)
    saved = await house.store.load_call("fake-1")
    assert saved is not None
    wiped = house_of(flow(**WAY))
    await wiped.store.save_call("fake-1", saved)
    line = FakeChannel()
    resumed = await Call.resume(wiped, line)
    assert resumed is not None
    run = asyncio.create_task(resumed.run(resumed=True))
    await line.until(Doing.WAITING)
    entry = await wiped.store.entry(ENTRY)
    assert entry is not None
    assert entry.since == saved["first_queued"]
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)


async def test_a_call_whose_flow_is_gone_hears_a_sentence() -> None:
    house, first = house_of(flow(**WAY)), FakeChannel(["1"])
    async with under_way(house, first):
        await first.until(Doing.COLLECTING)
    changed, line = house_of(flow(other=BYE), store=house.store), FakeChannel()  # type: ignore[arg-type]
    resumed = await Call.resume(changed, line)
    assert resumed is not None
    await resumed.run(resumed=True)
    assert line.played[-1].startswith("Veuillez nous excuser")
    _, last = (await house.store.follow("0", 0))[-1]
    assert (last.kind, last.data["reason"]) == ("call.ended", "failed")


async def test_a_fault_of_ours_is_told_to_the_caller_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = {"queue": "nowhere", "answered": "bye", "otherwise": "bye"}
    house, channel = house_of(flow(nowhere=nowhere, bye=BYE)), FakeChannel()
    await whole_call(house, channel)
    assert channel.played[-1].startswith("Veuillez nous excuser")
    assert channel.finished
    assert "fake-1 failed in step 'nowhere'" in caplog.text
