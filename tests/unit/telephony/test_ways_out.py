"""What overflow rules and announcements want of a waiting call, on a fake line and the store in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.errors import ChannelLost
from core.events import Event
from ivr import acts
from ivr.acts import Callback
from queues.model import Entry, EntryState, RuleMessage
from queues.overflow.deeds import Deed
from queues.overflow.rules import CHOICES
from queues.store.port import DISPATCHER
from telephony import waiting_words
from telephony.call import Call
from telephony.channel import DialResult, DialStatus, Taken
from telephony.fake import Doing, FakeChannel
from telephony.house import House
from telephony.parts import Parts
from tests.unit.telephony.test_call import BYE, ENTRY, GREETING, SORRY, TALKED, TOPIC, under_way
from tests.unit.telephony.test_deeds import Town
from tests.unit.telephony.town import agent, flow, house_of, offer, told

ROADS = {"queue": "roads", "answered": "bye", "otherwise": "sorry"}
RECALL = {"say": "You chose to be called back.", "then": "hangup"}
WAY = {"hello": GREETING, "topic": TOPIC, "roads": ROADS, "bye": BYE, "sorry": SORRY}
NUMBER = "+33809401401"


def house(**parts: Any) -> House:
    made = house_of(flow(**WAY))
    made.parts = Parts(**parts)
    return made


def deed(house: House, action: str, name: str = "d1", **more: Any) -> Deed:
    said = {"action": action, "when": "surge", "values": {}, "why": "it is so"}
    return Deed(name, ENTRY, house.clock(), "roads/1", said, **more)


async def ruled(house: House, deed: Deed, *, deliver: bool = True) -> None:
    """What the dispatcher would commit; told to the call as `listen` would, if it is to be delivered here."""
    fence = await house.store.take_lease(DISPATCHER, "test", 60_000)
    assert fence is not None
    assert await house.store.overflow(fence, [deed]) == [None]
    for _, notice in await house.store.inbox(house.node, "0", 0) if deliver else ():
        if isinstance(notice, RuleMessage) and notice.deed == deed.id:
            await house.calls[notice.call].ruled(notice)


async def then(house: House, choice: str, **more: Any) -> None:
    await ruled(house, deed(house, "then", aside=True, notice={"then": choice}, **more))


async def entry(house: House) -> Entry | None:
    return await house.store.entry(ENTRY)


async def events(house: House, kind: str) -> list[Event]:
    return [event for _, event in await house.store.follow("0", 0) if event.kind == kind]


async def reason(house: House) -> str:
    [left] = await events(house, "entry.left")
    return str(left.data["reason"])


@asynccontextmanager
async def waiting(house: House, **how: Any) -> AsyncIterator[tuple[FakeChannel, "asyncio.Task[None]"]]:
    channel = FakeChannel(["1"], **how)
    async with under_way(house, channel) as call:
        await channel.until(Doing.WAITING)
        yield channel, call


def test_flows_and_queues_call_the_ways_out_the_same() -> None:
    assert acts.WAYS_OUT == CHOICES


async def test_a_caller_is_told_something_and_has_music_again() -> None:
    at = house()
    async with waiting(at) as (channel, _):
        await ruled(at, deed(at, "say", notice={"say": {"fr": "Patience.", "en": "Please hold."}}))
        await until(lambda: channel.played[-1] == "Patience.")
        await channel.until(Doing.WAITING)
        assert channel.music
        assert await entry(at)


async def test_a_caller_is_told_the_place_and_the_wait() -> None:
    at = house()
    announcement = {"position": 3, "from_min": 4, "to_min": 8, "longer": False}
    said = Deed("d1", ENTRY, at.clock(), "", announcement, announced={"at": 1}, notice={"announce": announcement})
    async with waiting(at) as (channel, _):
        await ruled(at, said)
        await until(lambda: "minutes" in channel.played[-1])
    assert channel.played[-2:] == ["Vous êtes en position 3.", "Votre attente sera de 4 à 8 minutes."]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"position": 1}, ["You are next in line."]),
        ({"position": 2}, ["You are number 2 in line."]),
        ({"from_min": 0, "to_min": 1}, ["Your wait will be less than one minute."]),
        ({"from_min": 0, "to_min": 3}, ["Your wait will be less than 3 minutes."]),
        ({"from_min": 60, "to_min": 0}, ["Your wait will be more than 60 minutes."]),
        (
            {"from_min": 2, "to_min": 5, "longer": True},
            ["The wait is longer than expected.", "Your wait will be 2 to 5 minutes."],
        ),
    ],
)
def test_the_words_of_an_announcement(told: dict[str, int], words: list[str]) -> None:
    assert [prompt.text for prompt in waiting_words.announcement(told, "en")] == words


def test_every_sentence_is_there_in_both_languages() -> None:
    french, english, german = (
        [prompt.text for each in (waiting_words.prompts, waiting_words.figures) for prompt in each(language)]
        for language in ("fr", "en", "de")
    )
    assert german == english, "other callers hear English"
    assert len(french) == len(english) > 40
    assert not set(french) & set(english)


async def test_an_offer_interrupts_an_announcement() -> None:
    at = house()
    await agent(at, "camille", "1001")
    async with waiting(at, phones={"1001": TALKED}) as (channel, call):
        notice = RuleMessage("d1", ENTRY, "fake-1", "", {"announce": {"position": 3, "from_min": 4, "to_min": 8}})
        await at.calls["fake-1"].ruled(notice)
        await channel.until(Doing.PLAYING)
        await offer(at, ENTRY, "camille")
        await call
    assert not any("minutes" in sound for sound in channel.played)
    assert channel.played[-1] == "Goodbye."


async def test_keys_that_are_offered_are_told_and_can_be_pressed(tmp_path: Path) -> None:
    town = Town(tmp_path)
    at = house(callbacks=town)
    offered = {"1": "callback", "2": "voicemail"}
    async with waiting(at) as (channel, call):
        await ruled(at, deed(at, "offer", exits=offered, notice={"offer": offered}))
        await until(lambda: "restez" in channel.played[-1])
        await channel.until(Doing.WAITING)
        channel.press("7")
        channel.press("1")
        await call
    assert channel.played[-4:-1] == [
        "Pour être rappelé, tapez 1.", "Pour laisser un message, tapez 2.", "Sinon, restez en ligne.",
    ]  # fmt: skip
    assert "nous vous rappellerons" in channel.played[-1]
    assert town.asked == [Callback("roads", "+33612345678")]
    assert await reason(at) == "callback"
    [aside] = await events(at, "entry.aside")
    assert aside.data["reason"] == "callback"
    [chose] = (event.data for event in await events(at, "call.chose") if event.data["step"] == "roads")
    assert (chose["digits"], chose["choice"]) == ("1", "callback")


async def test_a_key_pressed_while_an_agent_is_tried_counts_for_nothing() -> None:
    at = house()
    await agent(at, "camille", "1001")
    async with waiting(at) as (channel, _):
        await ruled(at, deed(at, "offer", exits={"1": "end"}, notice={"offer": {"1": "end"}}))
        await until(lambda: "restez" in channel.played[-1])
        await channel.until(Doing.WAITING)
        await offer(at, ENTRY, "camille", deliver=False)
        channel.press("1")
        await asyncio.sleep(0)
        await channel.until(Doing.WAITING)
        kept = await entry(at)
        assert kept is not None and kept.state is EntryState.OFFERED


async def test_what_the_flow_has_a_step_for_is_the_flow_s() -> None:
    at = house_of(flow(**{**WAY, "roads": {**ROADS, "exits": {"callback": "recall"}}, "recall": RECALL}))
    async with waiting(at) as (channel, call):
        await then(at, "callback")
        await call
    assert channel.played[-1] == "You chose to be called back."
    assert await reason(at) == "callback"


async def test_what_is_refused_leaves_the_caller_in_line_and_nothing_false_is_heard() -> None:
    at = house()
    async with waiting(at) as (channel, _):
        before = len(channel.played)
        await then(at, "callback")
        await until_event(at, "entry.back")
        await channel.until(Doing.WAITING)
        kept = await entry(at)
        assert kept is not None
        assert (kept.state, kept.pending) == (EntryState.WAITING, {})
        assert channel.played[before:] == []
        assert channel.music


async def test_a_message_is_left_from_the_line(tmp_path: Path) -> None:
    at = house(recordings=Town(tmp_path))
    async with waiting(at, speaks=[Taken(5_000)]) as (channel, call):
        await then(at, "voicemail")
        await call
    assert channel.played[-1] == "Votre message est enregistré. Au revoir."
    assert await reason(at) == "voicemail"
    [message] = await events(at, "call.voicemail")
    assert message.data["queue"] == "roads"


async def test_nothing_said_is_no_message_and_the_wait_goes_on(tmp_path: Path) -> None:
    at = house(recordings=Town(tmp_path))
    async with waiting(at) as (channel, _):
        await then(at, "voicemail")
        await until_event(at, "entry.back")
        await channel.until(Doing.WAITING)
    assert not any("enregistré" in sound for sound in channel.played)


async def test_who_hangs_up_after_speaking_has_left_a_message_and_did_not_give_up(tmp_path: Path) -> None:
    at = house(recordings=Town(tmp_path))
    async with waiting(at, speaks=[Taken(5_000, gone=True)]) as (_, call):
        await then(at, "voicemail")
        await call
    assert await reason(at) == "voicemail"


async def test_a_polite_end_is_said_and_the_call_is_over() -> None:
    at = house()
    async with waiting(at) as (channel, call):
        await then(at, "end")
        await call
    assert "Merci de rappeler plus tard" in channel.played[-1]
    assert channel.finished
    assert await reason(at) == "end"


async def test_a_caller_is_put_through_outside_and_is_out_of_the_line(tmp_path: Path) -> None:
    at = house(transfers=Town(tmp_path))
    async with waiting(at, phones={NUMBER: TALKED}) as (_, call):
        await ruled(at, deed(at, "transfer", aside=True, notice={"transfer": NUMBER}))
        await call
    assert await reason(at) == "transferred"


async def test_who_cannot_be_put_through_waits_on(tmp_path: Path) -> None:
    at = house(transfers=Town(tmp_path))
    busy = DialResult(DialStatus.BUSY)
    async with waiting(at, phones={NUMBER: busy}) as (channel, _):
        await ruled(at, deed(at, "transfer", aside=True, notice={"transfer": NUMBER}))
        await until_event(at, "entry.back")
        await channel.until(Doing.WAITING)
    assert channel.dials[0][0] == NUMBER


async def test_an_answer_is_sent_and_the_caller_waits_on(tmp_path: Path) -> None:
    town = Town(tmp_path)
    at = house(answers=town, sms=town)
    async with waiting(at) as (channel, _):
        await ruled(at, deed(at, "sms", notice={"sms": "acte"}))
        await until(lambda: "vient de vous être envoyé" in channel.played[-1])
        await channel.until(Doing.WAITING)
        assert await entry(at)
    assert [type(act).__name__ for act in town.asked] == ["Answer", "Sms"]


async def test_another_engine_does_what_the_first_one_was_told_and_had_not_done(tmp_path: Path) -> None:
    at = house()
    async with waiting(at) as (first, call):
        await ruled(at, deed(at, "then", aside=True, notice={"then": "voicemail"}), deliver=False)
        first.lose()
        with pytest.raises(ChannelLost):
            await call
    second = house_of(at.towns.live().flows.by_name["welcome"], store=at.store, node="node-2")  # type: ignore[arg-type]
    second.parts = Parts(recordings=Town(tmp_path))
    line = FakeChannel(speaks=[Taken(5_000)])
    resumed = await Call.resume(second, line)
    assert resumed is not None
    await asyncio.wait_for(resumed.run(resumed=True), 5)
    assert await reason(at) == "voicemail"


async def test_another_engine_knows_the_keys_that_were_offered(tmp_path: Path) -> None:
    at = house()
    async with waiting(at) as (first, call):
        await ruled(at, deed(at, "offer", exits={"9": "end"}, notice={"offer": {"9": "end"}}))
        await until(lambda: "restez" in first.played[-1])
        first.lose()
        with pytest.raises(ChannelLost):
            await call
    second = house_of(at.towns.live().flows.by_name["welcome"], store=at.store, node="node-2")  # type: ignore[arg-type]
    line = FakeChannel()
    resumed = await Call.resume(second, line)
    assert resumed is not None
    run = asyncio.create_task(resumed.run(resumed=True))
    await line.until(Doing.WAITING)
    line.press("9")
    await asyncio.wait_for(run, 5)
    assert await reason(at) == "end"


async def until(true: Any) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 — whatever it is, it happens in this loop
            await asyncio.sleep(0)


async def until_event(house: House, kind: str) -> None:
    async with asyncio.timeout(5):
        while kind not in await told(house):  # noqa: ASYNC110
            await asyncio.sleep(0)
