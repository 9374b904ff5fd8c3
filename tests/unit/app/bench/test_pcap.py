"""The sound that SIPp plays: silence with one digit in it."""

import struct
from itertools import pairwise
from pathlib import Path

from app.bench import pcap
from telephony.phone.rtp import Rtp
from telephony.phone.sdp import EVENTS


def packets(path: Path) -> list[tuple[int, bytes]]:
    """When each one leaves in ms, and the RTP in it."""
    data, found, at = path.read_bytes(), [], 24
    while at < len(data):
        seconds, microseconds, kept, length = struct.unpack_from("<IIII", data, at)
        assert kept == length
        found.append((seconds * 1000 + microseconds // 1000, data[at + 16 + 42 : at + 16 + length]))
        at += 16 + length
    return found


def test_it_is_as_long_as_wished_and_every_packet_has_its_time(tmp_path: Path) -> None:
    pcap.write(tmp_path / "caller.pcap", digit=2, digit_at_ms=500, length_ms=2_000)
    made = packets(tmp_path / "caller.pcap")
    assert made[-1][0] == 2_000 - pcap.PACKET_MS
    numbers = [int.from_bytes(packet[2:4]) for _, packet in made]
    assert all(following == number + 1 for number, following in pairwise(numbers))


def test_a_phone_hears_the_digit_once(tmp_path: Path) -> None:
    pcap.write(tmp_path / "caller.pcap", digit=2, digit_at_ms=500, length_ms=2_000)
    phone = Rtp()
    for _, packet in packets(tmp_path / "caller.pcap"):
        phone.datagram_received(packet, ("127.0.0.1", 1))
    assert pcap.EVENTS == EVENTS
    assert phone.digits == "2"
