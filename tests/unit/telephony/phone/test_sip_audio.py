"""What is heard is judged by its level and frequency, and laid out along time."""

import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.phone import sdp
from telephony.phone.audio import FLOOR, RATE, SILENCE, Audio, decode, encode, tone
from telephony.phone.heard import MOST_BYTES, Heard
from telephony.phone.rtp import Rtp


def test_coding_loses_little() -> None:
    every = np.arange(-32_768, 32_768, dtype=np.int16)
    error = np.abs(decode(encode(every)).astype(int) - np.clip(every.astype(int), -32_635, 32_635))
    assert np.all(error <= np.abs(every.astype(int)) / 16 + 8)


def test_coding_knows_the_reference_values() -> None:
    assert encode(np.array([0, 32_767, -32_768], np.int16)) == b"\xff\x80\x00"
    assert list(decode(b"\xff\x80\x00\x7f")) == [0, 32_124, -32_124, 0]


@pytest.mark.parametrize("hz", [300, 440, 1000, 3000])
def test_a_tone_is_known_by_its_frequency(hz: int) -> None:
    heard = Audio(decode(encode(tone(hz, 0.3))))
    assert heard.pitch == pytest.approx(hz, abs=5)
    assert heard.level == pytest.approx(-12, abs=0.5)
    assert heard.has_tone(hz)
    assert not heard.has_tone(hz + 200)


def test_nothing_and_silence_are_silent() -> None:
    assert Audio().silent
    assert Audio(decode(SILENCE * 800)).level == FLOOR
    assert Audio(decode(SILENCE * 800)).pitch == 0.0


def test_noise_is_no_tone() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 4000).astype(np.int16)
    assert not Audio(noise).has_tone(440)
    assert not Audio(noise).silent


def test_what_was_heard_can_be_kept_as_a_file(tmp_path: Path) -> None:
    Audio(tone(440, 0.5)).save(tmp_path / "heard.wav")
    with wave.open(str(tmp_path / "heard.wav")) as file:
        assert (file.getframerate(), file.getnframes()) == (RATE, RATE // 2)


class Wall:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def test_where_nothing_came_there_is_silence() -> None:
    wall = Wall()
    heard = Heard(wall)
    heard.add(encode(tone(440, 0.5)))
    wall.time += 1.5
    heard.add(encode(tone(440, 0.5)))
    assert heard.since(100.0).seconds == pytest.approx(1.5)
    assert heard.since(100.5).level < heard.since(101.0).level
    wall.time += 1.0
    assert heard.last(0.5).silent
    assert heard.last(0.5).seconds == 0.5


def test_packets_that_come_a_little_late_join_without_a_seam() -> None:
    wall = Wall()
    heard = Heard(wall)
    sound = encode(tone(440, 1.0))
    for packet in range(50):
        wall.time += 0.02 if packet % 2 else 0.025
        heard.add(sound[packet * 160 : (packet + 1) * 160])
    assert heard.since(100.0).share_at(440) > 0.99


def test_only_the_last_minutes_are_kept() -> None:
    wall = Wall()
    heard = Heard(wall)
    for _ in range(400):
        wall.time += 1
        heard.add(encode(tone(440)))
    assert heard.since(0).seconds * RATE <= MOST_BYTES + 11 * RATE
    assert heard.last(1.0).has_tone(440)


def test_a_description_is_read_as_it_was_written() -> None:
    media = sdp.read(sdp.describe("127.0.0.3", 4000, 96))
    assert media == sdp.Media("127.0.0.3", 4000, 96)


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"m=audio\r\nc=IN IP4", b"c=IN IP4 127.0.0.1\r\nm=audio 99999 RTP/AVP 0", b"m=audio 4000 x"],
)
def test_a_description_without_a_place_for_sound_is_none(body: bytes) -> None:
    assert sdp.read(body) is None


def test_on_hold_nothing_is_sent() -> None:
    held = sdp.read(b"c=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n")
    assert held is not None
    assert not held.reachable


async def test_a_call_that_is_given_up_before_it_has_a_port_keeps_none() -> None:
    sound = Rtp()
    sound.close()
    port = await sound.open("127.0.0.4")
    await asyncio.sleep(0)  # for what was closed to be gone
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.4", port)
    )
    transport.close()
