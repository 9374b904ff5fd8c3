"""The channel, the AGI subclass and the AMI client on a real Asterisk."""

import asyncio
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.install.native import Native
from asterisk_conf.site import Phone
from asterisk_conf.write import AMI_USER, ami_secret
from core.errors import CallerGone, ChannelLost
from ivr.acts import Digits, Pressed
from queues.model import Device
from telephony.asterisk.agi import Agi
from telephony.asterisk.ami import Ami
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.channel import AsteriskChannel
from telephony.asterisk.devices import Devices, live_channels
from telephony.asterisk.dialling import reachable
from telephony.asterisk.fastagi import FastAgiServer
from telephony.channel import WAKE, DialResult, DialStatus
from telephony.phone import Phone as Handset
from telephony.phone import PhoneCall
from telephony.phone.audio import tone
from tests.ports import own
from tests.running_asterisk import RunningAsterisk

pytestmark = pytest.mark.asterisk

SIP, AMI, ENGINE, LIMIT_S = own(21060), own(21038), own(21073), 20
AGENT = Phone("101", "correcthorse1")
T = TypeVar("T")


@pytest.fixture(scope="module")
def asterisk(native: Native) -> Iterator[RunningAsterisk]:
    with RunningAsterisk(
        native, [AGENT], sip_port=SIP, ami_port=AMI, rtp_first=own(21100), rtp_last=own(21299), numbers=("3939",),
        agi_hosts=(("127.0.0.1", ENGINE),), patience_s=2, qualify_s=1,
    ) as running:  # fmt: skip
        for name, seconds in (("short", 0.1), ("long", 5.0)):
            sound(running.folder / name, seconds)
        yield running


def sound(path: Path, seconds: float) -> None:
    with wave.open(f"{path}.wav", "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(tone(1000, seconds).tobytes())
    Path(f"{path}.wav").chmod(0o644)


class Engine:
    """An engine that does what the test says, one call at a time."""

    def __init__(self, asterisk: RunningAsterisk) -> None:
        self.sounds = asterisk.folder
        self.ami = Ami("127.0.0.1", AMI, AMI_USER, ami_secret(asterisk.site.home))
        self.arrived: asyncio.Queue[tuple[AsteriskChannel, Agi, asyncio.Event]] = asyncio.Queue()

    async def handle(self, agi: Agi) -> None:
        channel = AsteriskChannel(agi, self.ami, "guichet")
        over = asyncio.Event()
        self.arrived.put_nowait((channel, agi, over))
        await over.wait()

    @property
    def short(self) -> str:
        return str(self.sounds / "short")

    @property
    def long(self) -> str:
        return str(self.sounds / "long")

    async def soon(self, awaited: Awaitable[T]) -> T:
        async with asyncio.timeout(LIMIT_S):
            return await awaited


@pytest.fixture
async def engine(asterisk: RunningAsterisk) -> AsyncIterator[Engine]:
    made = Engine(asterisk)
    server = FastAgiServer({"inbound": made.handle, "resume": made.handle, "agent": made.handle})
    await server.start("127.0.0.1", ENGINE)
    connecting = asyncio.create_task(made.ami.run())
    await made.soon(made.ami.wait_connected())
    yield made
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    await server.close()


@asynccontextmanager
async def calling(engine: Engine, **options: Any) -> AsyncIterator[tuple[PhoneCall, AsteriskChannel, Agi]]:
    async with Handset("0612345678", "", ("127.0.0.1", SIP), "127.0.0.1") as caller:
        call = await caller.call("3939", **options)
        channel, agi, over = await engine.soon(engine.arrived.get())
        await channel.answer()
        await call.answered.wait()
        yield call, channel, agi
        if not channel._agi._connection.lost:
            await channel.finish()
        over.set()
        await call.ended.wait()


@asynccontextmanager
async def agent() -> AsyncIterator[Handset]:
    async with Handset(AGENT.extension, AGENT.password, ("127.0.0.1", SIP), "127.0.0.1") as phone:
        await phone.register()
        yield phone
        await phone.unregister()


class Told:
    """What dial told of the agent's phone."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.rang = asyncio.Event()
        self.answered = asyncio.Event()

    async def ringing(self) -> None:
        self.heard.append("ringing")
        self.rang.set()

    async def answer(self) -> None:
        self.heard.append("answered")
        self.answered.set()


def dialling(channel: AsteriskChannel, told: Told, ring_ms: int = 20_000) -> "asyncio.Task[DialResult]":
    return asyncio.create_task(channel.dial("101", "offer-1", ring_ms, told.ringing, told.answer))


# --- who calls ----------------------------------------------------------------------------------------------------


async def test_the_call_is_named_and_its_numbers_are_clean(engine: Engine) -> None:
    async with calling(engine, caller_name='A "b" <script>') as (_, channel, agi):
        assert channel.id == agi.env["agi_uniqueid"]
        assert channel.id.startswith("guichet-")
        assert channel.name.startswith("PJSIP/")
        assert (channel.caller_number, channel.dialled, channel.withheld) == ("0612345678", "3939", False)
        assert "script" in channel.caller_name


# --- sounds and digits --------------------------------------------------------------------------------------------


async def test_sounds_are_played_and_stopped_by_a_digit(engine: Engine) -> None:
    async with calling(engine) as (call, channel, agi):
        assert await engine.soon(channel.play([engine.short])) == ""
        assert agi.endpos == 800
        assert await engine.soon(channel.play([engine.short, engine.short], interruptible=False)) == ""
        assert await engine.soon(channel.play([engine.short, engine.short])) == ""
        for sounds in ([engine.long], [engine.short, engine.long]):
            playing = asyncio.create_task(channel.play(sounds))
            await call.wait_tone(1000)
            await call.press("5")
            assert await engine.soon(playing) == "5"
        assert 0 < agi.endpos < 40_000 or agi.endpos == 0


async def test_a_missing_sound_does_not_end_the_call(engine: Engine) -> None:
    async with calling(engine) as (_, channel, _):
        assert await engine.soon(channel.play(["/nowhere/x"])) == ""
        assert await engine.soon(channel.play(["/nowhere/x", engine.short])) == ""
        silence = Pressed("", complete=False)
        assert await engine.soon(channel.collect(["/nowhere/x"], Digits(first_ms=50))) == silence
        two = ["/nowhere/x", "/nowhere/y"]
        assert await engine.soon(channel.collect(two, Digits(most=2, first_ms=50, next_ms=60))) == silence


async def collecting(engine: Engine, sounds: list[str], digits: Digits, press: str, typed: str = "") -> Pressed:
    async with calling(engine) as (call, channel, _):
        collected = asyncio.create_task(channel.collect(sounds, digits, typed))
        if sounds:
            await call.wait_tone(1000)
        if press:
            await call.press(press)
        return await engine.soon(collected)


async def test_a_digit_stops_the_menu_and_is_there_at_once(engine: Engine) -> None:
    assert await collecting(engine, [engine.long], Digits(), "3") == Pressed("3")
    assert await collecting(engine, [engine.short, engine.long], Digits(), "#") == Pressed("#")


async def test_silence_after_a_menu_is_nothing(engine: Engine) -> None:
    digits = Digits(first_ms=100, next_ms=100)
    assert await collecting(engine, [engine.short], digits, "") == Pressed("", complete=False)
    assert await collecting(engine, [engine.short, engine.short], digits, "") == Pressed("", complete=False)
    assert await collecting(engine, [], digits, "") == Pressed("", complete=False)


async def test_several_digits_end_by_length_terminator_or_silence(engine: Engine) -> None:
    digits = Digits(most=4, terminator="#", first_ms=5000, next_ms=400)
    assert await collecting(engine, [engine.long], digits, "1234") == Pressed("1234")
    assert await collecting(engine, [engine.long], digits, "12#") == Pressed("12")
    assert await collecting(engine, [engine.long], digits, "#") == Pressed("")
    assert await collecting(engine, [engine.long], digits, "12") == Pressed("12", complete=False)


async def test_without_a_terminator_the_hash_is_a_key_like_others(engine: Engine) -> None:
    assert await collecting(engine, [engine.long], Digits(most=3), "1#*") == Pressed("1#*")


async def test_what_was_typed_before_counts_and_nothing_is_played(engine: Engine) -> None:
    digits = Digits(most=3, terminator="#", next_ms=3000)
    assert await collecting(engine, [], digits, "23", typed="1") == Pressed("123")
    assert await collecting(engine, [], Digits(), "", typed="1") == Pressed("1")
    assert await collecting(engine, [], digits, "", typed="#") == Pressed("")


@pytest.mark.parametrize("step", ["play", "play two", "one digit", "more digits", "wait"])
async def test_a_hang_up_is_seen_at_each_step(engine: Engine, step: str) -> None:
    async with calling(engine) as (call, channel, agi):
        steps: dict[str, Callable[[], Awaitable[Any]]] = {
            "play": lambda: channel.play([engine.long]),
            "play two": lambda: channel.play([engine.long, engine.long]),
            "one digit": lambda: channel.collect([engine.long], Digits()),
            "more digits": lambda: channel.collect([engine.long], Digits(most=4)),
            "wait": channel.wait_for_digit,
        }
        doing = asyncio.ensure_future(steps[step]())
        if step != "wait":
            await call.wait_tone(1000)
        await call.hang_up()
        with pytest.raises(CallerGone):
            await engine.soon(doing)
        assert await in_greenlet(agi.get_variable, "CHANNEL(name)") == channel.name
        with pytest.raises(CallerGone):
            await channel.start_music()


# --- waiting ------------------------------------------------------------------------------------------------------


async def test_a_sleeper_is_woken_also_when_it_has_just_lain_down(engine: Engine) -> None:
    async with calling(engine) as (call, channel, _):
        await channel.start_music()
        await channel.wake()  # nothing sleeps: nothing is sent
        for _ in range(20):
            asleep = asyncio.create_task(channel.wait_for_digit())
            await asyncio.sleep(0)
            await channel.wake()  # may come before Asterisk has read the command
            assert await engine.soon(asleep) == WAKE
        asleep = asyncio.create_task(channel.wait_for_digit())
        await call.press("7")
        assert await engine.soon(asleep) == "7"


# --- agents -------------------------------------------------------------------------------------------------------


async def test_an_agent_answers_and_hangs_up_and_the_call_goes_on(engine: Engine) -> None:
    async with agent() as phone, calling(engine, caller_name="Zo\u00e9\u202e") as (_, channel, _):
        told = Told()
        dialled = dialling(channel, told)
        ringing = await phone.next_call()
        ringing.answer()
        await engine.soon(told.answered.wait())
        assert told.heard == ["ringing", "answered"]
        await engine.soon(bridged(engine, channel))
        await asyncio.sleep(0.3)  # they talk
        await ringing.hang_up()
        result = await engine.soon(dialled)
        assert result.status is DialStatus.ANSWERED
        assert 200 < result.talk_ms < 3000
        assert await channel.last_dial() == ("offer-1", result)
        assert await engine.soon(channel.play([engine.short])) == ""
        await channel.remember("etat-civil 1700000000000 0")
        assert await channel.last_dial() == ("", DialResult(DialStatus.UNREACHABLE))


async def test_a_caller_who_hangs_up_while_talking_leaves_how_long_it_was(engine: Engine) -> None:
    async with agent() as phone, calling(engine) as (call, channel, _):
        told = Told()
        dialled = dialling(channel, told)
        (await phone.next_call()).answer()
        await engine.soon(told.answered.wait())
        await asyncio.sleep(0.3)  # they talk
        await call.hang_up()
        result = await engine.soon(dialled)
        assert result.status is DialStatus.ANSWERED
        assert 200 < result.talk_ms < 3000


async def test_a_caller_who_hangs_up_while_it_rings_is_gone(engine: Engine) -> None:
    async with agent() as phone, calling(engine) as (call, channel, _):
        told = Told()
        dialled = dialling(channel, told)
        await phone.next_call()
        await engine.soon(told.rang.wait())
        await call.hang_up()
        assert await engine.soon(dialled) == DialResult(DialStatus.CALLER_GONE)
        assert told.heard == ["ringing"]


async def is_there(engine: Engine, channel: AsteriskChannel) -> None:
    """Asterisk asks a phone that has just registered whether it answers, before it counts it as there."""
    while not await engine.soon(reachable(channel._agi, [AGENT.extension])):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_no_answer_busy_and_unreachable_are_told_apart(engine: Engine) -> None:
    async with calling(engine) as (_, channel, _):
        assert (await engine.soon(dialling(channel, Told()))).status is DialStatus.UNREACHABLE
        async with agent() as phone:
            await is_there(engine, channel)
            assert (await engine.soon(dialling(channel, Told(), ring_ms=300))).status is DialStatus.NO_ANSWER
            await phone.next_call()
            dialled = dialling(channel, Told())
            (await phone.next_call()).reject(486)
            assert (await engine.soon(dialled)).status is DialStatus.BUSY


async def test_an_extension_that_is_none_is_refused(engine: Engine) -> None:
    async with calling(engine) as (_, channel, _):
        told = Told()
        for evil in ("1", "101&PJSIP/102", "0612345678", "101,20", "", "abc"):
            with pytest.raises(ValueError, match="extension"):
                await channel.dial(evil, "offer-1", 1000, told.ringing, told.answer)


async def bridged(engine: Engine, channel: AsteriskChannel) -> None:
    while not (await live_channels(engine.ami, "guichet"))[channel.id].bridged:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


# --- the engine dies ----------------------------------------------------------------------------------------------


async def test_a_new_engine_learns_how_the_ringing_ended_that_the_former_one_began(engine: Engine) -> None:
    async with agent() as phone, calling(engine) as (_, channel, agi):
        dialled = dialling(channel, Told())
        ringing = await phone.next_call()
        ringing.answer()
        agi._connection.close()
        with pytest.raises(ChannelLost):
            await engine.soon(dialled)
        await ringing.hang_up()
        again, _, over = await engine.soon(engine.arrived.get())
        assert again.id == channel.id
        offer, result = await again.last_dial()
        assert (offer, result.status) == ("offer-1", DialStatus.ANSWERED)
        await again.finish()
        over.set()


# --- devices ------------------------------------------------------------------------------------------------------


async def test_an_agents_phone_is_followed(engine: Engine) -> None:
    changes: asyncio.Queue[tuple[str, Device]] = asyncio.Queue()

    async def on_change(extension: str, device: Device) -> None:
        changes.put_nowait((extension, device))

    devices = Devices(engine.ami, on_change)
    await devices._resync()
    following = asyncio.create_task(devices.run())
    while await engine.soon(changes.get()) != ("101", Device.UNREACHABLE):
        pass  # what an earlier test left behind goes by
    async with agent():
        assert await engine.soon(changes.get()) == ("101", Device.FREE)
        async with calling(engine) as (_, channel, _):
            await engine.soon(dialling(channel, Told(), ring_ms=200))
            assert await engine.soon(changes.get()) == ("101", Device.BUSY)
            assert await engine.soon(changes.get()) == ("101", Device.FREE)
    assert await engine.soon(changes.get()) == ("101", Device.UNREACHABLE)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
