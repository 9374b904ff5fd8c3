"""A caller's sound as a file that SIPp can play: silence, one digit (RFC 4733), silence. Format: libpcap's first."""

import struct
from collections.abc import Iterator
from pathlib import Path

PACKET_MS = 20
SAMPLES = 160
SOUND, EVENTS = 0, 101
"""Payload types, as app/bench/sipp/caller.xml says them."""
DIGIT_PACKETS = 5

_FILE = struct.Struct("<IHHiIII")
_RECORD = struct.Struct("<IIII")
_PORT = 40_000
"""Any: SIPp puts its own ports and addresses in."""


def write(path: Path, *, digit: int, digit_at_ms: int, length_ms: int) -> None:
    """Silence of `length_ms`, in which the digit is pressed at `digit_at_ms`."""
    with path.open("wb") as file:
        file.write(_FILE.pack(0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))  # version 2.4, Ethernet
        for sequence, (at_ms, packet) in enumerate(_packets(digit, digit_at_ms, length_ms)):
            frame = _frame(packet[:2] + struct.pack("!H", sequence) + packet[4:], sequence)
            file.write(_RECORD.pack(at_ms // 1000, at_ms % 1000 * 1000, len(frame), len(frame)))
            file.write(frame)


def _packets(digit: int, digit_at_ms: int, length_ms: int) -> Iterator[tuple[int, bytes]]:
    """When each RTP packet leaves, and its bytes; the sequence number is put in later."""
    first, last = digit_at_ms // PACKET_MS, digit_at_ms // PACKET_MS + DIGIT_PACKETS - 1
    for number in range(length_ms // PACKET_MS):
        at_ms = number * PACKET_MS
        if not first <= number <= last:
            yield at_ms, _rtp(SOUND, number * SAMPLES, b"\xff" * SAMPLES)
            continue
        duration, end = (number - first + 1) * SAMPLES, number == last
        event = struct.pack("!BBH", digit, 0x80 | 10 if end else 10, duration)
        for _ in range(3 if end else 1):
            yield at_ms, _rtp(EVENTS | (0x80 if number == first else 0), first * SAMPLES, event)


def _rtp(kind: int, timestamp: int, payload: bytes) -> bytes:
    return struct.pack("!BBHII", 0x80, kind, 0, timestamp, 0x67756963) + payload


def _frame(payload: bytes, number: int) -> bytes:
    """In UDP, in IPv4, in Ethernet."""
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(payload), 0)
    address = bytes((127, 0, 0, 1))
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), number, 0, 64, 17, 0, address, address)
    return bytes(12) + b"\x08\x00" + ip + udp + payload
