"""Callers' words recorded and callers put through, on a real Asterisk."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.install.native import Native
from asterisk_conf.write import AMI_USER, RECORDINGS, ami_secret, trunk_names
from ivr.acts import Take
from speech.sound import level_db
from speech.wav import read_wav
from telephony.asterisk.agi import Agi
from telephony.asterisk.ami import Ami
from telephony.asterisk.channel import AsteriskChannel
from telephony.asterisk.fastagi import FastAgiServer
from telephony.channel import Along, DialResult, DialStatus, Taken
from telephony.phone import Phone, PhoneCall
from telephony.phone.audio import Audio, tone
from tests.ports import own
from tests.running_asterisk import RunningAsterisk

pytestmark = pytest.mark.asterisk

SIP, AMI, ENGINE, LIMIT_S = own(21160), own(21138), own(21173), 20
CARRIER = "127.0.0.9"
TAKE = Take(most_ms=20_000, silence_ms=2_000)


@pytest.fixture(scope="module")
def asterisk(native: Native) -> Iterator[RunningAsterisk]:
    with RunningAsterisk(
        native, [], sip_port=SIP, ami_port=AMI, rtp_first=own(21300), rtp_last=own(21399), numbers=("3939",),
        trunks=(CARRIER,), agi_hosts=(("127.0.0.1", ENGINE),), patience_s=2,
    ) as running:  # fmt: skip
        yield running


@asynccontextmanager
async def calling(asterisk: RunningAsterisk) -> AsyncIterator[tuple[PhoneCall, AsteriskChannel]]:
    """A call that an engine holds until the block ends."""
    ami = Ami("127.0.0.1", AMI, AMI_USER, ami_secret(asterisk.site.home))
    arrived: asyncio.Queue[AsteriskChannel] = asyncio.Queue()
    over = asyncio.Event()

    async def handle(agi: Agi) -> None:
        arrived.put_nowait(AsteriskChannel(agi, ami, "guichet", trunk_names(asterisk.site.trunks)))
        await over.wait()

    server = FastAgiServer({"inbound": handle, "resume": handle})
    await server.start("127.0.0.1", ENGINE)
    connecting = asyncio.create_task(ami.run())
    try:
        async with asyncio.timeout(LIMIT_S), Phone("0612345678", "", ("127.0.0.1", SIP), "127.0.0.1") as caller:
            await ami.wait_connected()
            call = await caller.call("3939")
            channel = await arrived.get()
            await channel.answer()
            await call.answered.wait()
            yield call, channel
            await channel.finish()
            over.set()
            await call.ended.wait()
    finally:
        over.set()
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await server.close()


@pytest.fixture
def path(asterisk: RunningAsterisk, request: pytest.FixtureRequest) -> Path:
    return asterisk.site.home / RECORDINGS / request.node.name


def seconds_of(path: Path) -> float:
    speech = read_wav(path.with_name(f"{path.name}.wav").read_bytes())
    return len(speech.samples) / speech.rate


async def test_what_a_caller_says_after_the_tone_is_in_the_file(asterisk: RunningAsterisk, path: Path) -> None:
    async with calling(asterisk) as (call, channel):
        recording = asyncio.create_task(channel.record(path, TAKE))
        await call.wait_sound()
        await call.wait_silence(over=0.2)
        call.play_tone(800)
        await asyncio.sleep(1.5)  # so long the caller speaks
        await call.press("#")
        taken = await recording
    assert not taken.gone
    assert 1_200 < taken.ms < 4_000
    assert seconds_of(path) == pytest.approx(taken.ms / 1000, abs=0.1)
    speech = read_wav(path.with_name(f"{path.name}.wav").read_bytes())
    assert level_db((speech.samples * 32767).astype("int16")) > -30


async def test_silence_ends_a_recording_and_leaves_next_to_nothing(asterisk: RunningAsterisk, path: Path) -> None:
    async with calling(asterisk) as (_, channel):
        taken = await channel.record(path, TAKE)
    assert not taken.gone
    assert taken.ms <= 1_200


async def test_what_was_said_before_the_caller_hung_up_is_kept(asterisk: RunningAsterisk, path: Path) -> None:
    async with calling(asterisk) as (call, channel):
        recording = asyncio.create_task(channel.record(path, TAKE))
        await call.wait_sound()
        await call.wait_silence(over=0.2)
        call.play_tone(800)
        await asyncio.sleep(1.5)  # so long the caller speaks
        await call.hang_up()
        taken = await recording
    assert taken.gone
    assert 1_200 < taken.ms < 4_000
    assert seconds_of(path) == pytest.approx(taken.ms / 1000, abs=0.1)


async def test_a_file_that_cannot_be_written_does_not_end_the_call(asterisk: RunningAsterisk) -> None:
    async with calling(asterisk) as (_, channel):
        assert await channel.record(Path("/nowhere/x"), TAKE) == Taken(0, failed="unavailable")


# --- others' phones -------------------------------------------------------------------------------------------------


class Carrier(Phone):
    """Somebody outside, behind a carrier's address and SIP's own port."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(CARRIER, 5060))
        self.port = 5060


async def nothing() -> None:
    """Not told here."""


async def test_a_caller_speaks_with_somebody_outside_and_is_back_afterwards(asterisk: RunningAsterisk) -> None:
    async with Carrier("+33809401401", ip=CARRIER) as outside, calling(asterisk) as (call, channel):
        answered = asyncio.Event()

        async def told() -> None:
            answered.set()

        transfer = asyncio.create_task(channel.transfer("+33809401401", "transfer-1", 10_000, told))
        ringing = await outside.next_call()
        assert ringing.invite.get("user-to-user") == ""
        ringing.answer()
        await answered.wait()
        ringing.play_tone(600)
        await call.wait_tone(600)
        await ringing.hang_up()
        assert (await transfer).status is DialStatus.ANSWERED
        dialled, result = await channel.last_dial()
        assert (dialled, result.status) == ("transfer-1", DialStatus.ANSWERED)


async def test_somebody_outside_who_is_busy_is_told(asterisk: RunningAsterisk) -> None:
    async with Carrier("+33809401401", ip=CARRIER) as outside, calling(asterisk) as (_, channel):
        transfer = asyncio.create_task(channel.transfer("+33809401401", "transfer-1", 10_000, nothing))
        (await outside.next_call()).reject(486)
        assert await transfer == DialResult(DialStatus.BUSY)


@pytest.fixture
def whisper(asterisk: RunningAsterisk) -> str:
    """A sound of 700 Hz that is longer than any test."""
    path = asterisk.site.home / "whisper"
    Audio(tone(700, seconds=20)).save(path.with_suffix(".wav"))
    return str(path)


async def test_whoever_picks_up_outside_is_told_first_while_the_caller_hears_it_ring(
    asterisk: RunningAsterisk, whisper: str
) -> None:
    async with Carrier("+33809401401", ip=CARRIER) as outside, calling(asterisk) as (call, channel):
        joined, along = asyncio.Event(), Along(b"\x04contact=guichet-1.7&queue=voirie".hex(), [whisper])

        async def told() -> None:
            joined.set()

        transfer = asyncio.create_task(channel.transfer("+33809401401", "transfer-1", 10_000, told, along))
        ringing = await outside.next_call()
        assert ringing.invite.get("user-to-user") == f"{along.header};purpose=isdn-uui;encoding=hex"
        begun = time.monotonic()
        ringing.answer()
        await ringing.wait_tone(700)
        await call.wait_tone(440, limit=6)
        assert not joined.is_set()
        await ringing.press("#")  # they have heard enough
        await joined.wait()
        for one, other, hz in ((ringing, call, 600), (call, ringing, 500)):
            one.play_tone(hz)
            await other.wait_tone(hz)
        assert call.heard.since(begun).share_at(700) < 0.01
        await ringing.hang_up()
        assert (await transfer).status is DialStatus.ANSWERED


async def test_whoever_is_gone_before_they_were_joined_has_not_answered(
    asterisk: RunningAsterisk, whisper: str
) -> None:
    async with Carrier("+33809401401", ip=CARRIER) as outside, calling(asterisk) as (call, channel):
        joined = asyncio.Event()

        async def told() -> None:
            joined.set()

        along = Along(whisper=[whisper])
        transfer = asyncio.create_task(channel.transfer("+33809401401", "transfer-1", 10_000, told, along))
        ringing = await outside.next_call()
        ringing.answer()
        await ringing.wait_tone(700)
        await ringing.hang_up()
        assert await transfer == DialResult(DialStatus.NO_ANSWER)
        assert not joined.is_set()
        playing = asyncio.create_task(channel.play([whisper]))  # the caller is still there
        await call.wait_tone(700)
        await call.press("1")
        assert await playing == "1"
