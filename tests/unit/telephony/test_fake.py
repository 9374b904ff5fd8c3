"""The fake line behaves as the port says."""

import asyncio

import pytest

from core.errors import CallerGone, ChannelLost
from ivr.acts import Digits, Pressed
from telephony.channel import WAKE, Channel, DialResult, DialStatus
from telephony.fake import HANG_UP, Doing, FakeChannel

ANSWERED = DialResult(DialStatus.ANSWERED, talk_ms=5000)


async def nothing() -> None:
    pass


async def test_the_fake_is_a_channel() -> None:
    channel: Channel = FakeChannel(id="fake-7")
    assert channel.id == "fake-7"


async def test_a_scripted_caller_presses_keys_and_hangs_up() -> None:
    channel = FakeChannel(keys=["1", "", "1234#", HANG_UP], during={"welcome": "0"})
    assert await channel.play(["welcome", "never heard"]) == "0"
    assert await channel.collect(["menu"], Digits()) == Pressed("1")
    assert await channel.collect(["menu"], Digits()) == Pressed("", complete=False)
    assert await channel.collect(["number"], Digits(most=8, terminator="#"), typed="9") == Pressed("91234")
    with pytest.raises(CallerGone):
        await channel.collect(["menu"], Digits())
    with pytest.raises(CallerGone):
        await channel.play(["menu"])
    assert channel.played == ["welcome", "menu", "menu", "menu"]


async def test_a_waiting_caller_is_woken() -> None:
    channel = FakeChannel()
    await channel.wake()
    waiting = asyncio.create_task(channel.wait_for_digit())
    await channel.until(Doing.WAITING)
    await channel.wake()
    assert await waiting == WAKE


async def test_a_phone_is_driven_by_the_test() -> None:
    channel = FakeChannel()
    answered = asyncio.Event()

    async def on_answer() -> None:
        answered.set()

    dialling = asyncio.create_task(channel.dial("1001", "offer-1", 20_000, nothing, on_answer))
    await channel.until(Doing.RINGING)
    channel.phone_answers()
    await channel.until(Doing.TALKING)
    assert answered.is_set()
    channel.phone_ends(ANSWERED)
    assert await dialling == ANSWERED
    assert await channel.last_dial() == ("offer-1", ANSWERED)


async def test_phones_end_as_scripted() -> None:
    channel = FakeChannel(phones={"1001": DialResult(DialStatus.BUSY), "1002": ANSWERED})
    assert (await channel.dial("1001", "a", 1, nothing, nothing)).status is DialStatus.BUSY
    assert await channel.dial("1002", "b", 1, nothing, nothing) == ANSWERED


async def test_hanging_up_while_ringing_ends_the_dial_and_then_all_else() -> None:
    channel = FakeChannel()
    dialling = asyncio.create_task(channel.dial("1001", "a", 1, nothing, nothing))
    await channel.until(Doing.RINGING)
    channel.hang_up()
    assert (await dialling).status is DialStatus.CALLER_GONE
    with pytest.raises(CallerGone):
        await channel.start_music()


async def test_a_lost_line_raises_channel_lost_even_while_waiting() -> None:
    channel = FakeChannel()
    waiting = asyncio.create_task(channel.wait_for_digit())
    await channel.until(Doing.WAITING)
    channel.lose()
    with pytest.raises(ChannelLost):
        await waiting
