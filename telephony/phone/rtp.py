"""One call's sound on the network (RTP, RFC 3550): mu-law in packets of 20 ms, and digits (RFC 4733), both ways."""

import asyncio
import random
import struct
from collections import deque
from typing import cast

from telephony.phone.audio import RATE, SILENCE, Samples, encode
from telephony.phone.heard import Heard
from telephony.phone.sdp import EVENTS, Media

KEYS = "0123456789*#ABCD"
PACKET = 160
"""Samples in a packet: 20 ms."""

_INTERVAL = PACKET / RATE
_QUIET = SILENCE * PACKET
_MOST_BEHIND = 0.2
"""Seconds. A loop that was held up longer sends no burst, but leaves the time out, as a jitter buffer would."""
_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VOLUME = 10
_DIGIT_PACKETS = 5  # 100 ms, and the end is sent three times (RFC 4733 2.5.1.4)
_PAUSE_PACKETS = 3  # 60 ms between two digits
_PCMU = 0


class Rtp(asyncio.DatagramProtocol):
    """Sends from `send_to` on, without a pause, until `close`; what comes in is in `heard` and `digits`."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.digits = ""
        self.digit_came = asyncio.Event()
        self._peer: tuple[str, int] | None = None
        self._events = EVENTS
        self._sequence = random.randrange(1 << 16)
        self._timestamp = random.randrange(1 << 31)
        self._source = random.randrange(1 << 32)
        self._sound = b""
        self._position = 0
        self._repeat = False
        self._keys: deque[tuple[int, int, bool] | asyncio.Future[None] | None] = deque()
        self._key_began = 0
        self._last_event: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._closed = False
        self._due = 0.0

    async def open(self, ip: str) -> int:
        """Listen on any free port of that address; gives the port."""
        loop = asyncio.get_running_loop()
        self._loop = loop
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(ip, 0))
        return int(transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        if self._closed:  # a call may be given up before it has a port
            transport.close()

    def close(self) -> None:
        self._closed = True
        if self._timer:
            self._timer.cancel()
        if self._transport:
            self._transport.close()
        for item in self._keys:
            if isinstance(item, asyncio.Future) and not item.done():
                item.cancel()

    def send_to(self, media: Media) -> None:
        """Where the other side listens. The first packet leaves at once: Asterisk waits for one when it answers."""
        self._peer = (media.ip, media.port) if media.reachable else None
        self._events = media.events
        if self._timer is None:
            self._due = self._loop.time()
            self._tick()

    # --- sound ------------------------------------------------------------------------------------------------------

    def play(self, samples: Samples, repeat: bool = False) -> None:
        """From the next packet on, instead of what was playing; silence when it is over."""
        self._sound, self._position, self._repeat = encode(samples), 0, repeat

    def stop(self) -> None:
        self._sound = b""

    def press(self, keys: str) -> "asyncio.Future[None]":
        """Send digits one after the other; the future is done when the last packet of the last one has left."""
        sent: asyncio.Future[None] = self._loop.create_future()
        for position, code in enumerate(map(KEYS.index, keys), start=1):
            self._keys += [(code, PACKET * n, n == _DIGIT_PACKETS) for n in range(1, _DIGIT_PACKETS + 1)]
            if position == len(keys):
                self._keys.append(sent)
            self._keys += [None] * _PAUSE_PACKETS
        return sent

    def _tick(self) -> None:
        """Every 20 ms of the loop's clock; each tick is set from the one before, so that nothing drifts."""
        late = self._loop.time() - self._due
        if late > _MOST_BEHIND:
            left_out = int(late / _INTERVAL)
            self._due += left_out * _INTERVAL
            self._timestamp += left_out * PACKET
        if self._peer:
            self._send_one(self._peer)
        self._timestamp += PACKET
        self._due += _INTERVAL
        self._timer = self._loop.call_at(self._due, self._tick)

    def _send_one(self, peer: tuple[str, int]) -> None:
        item = self._keys.popleft() if self._keys else None
        if isinstance(item, tuple):
            self._send_event(peer, *item)
            if self._keys and isinstance(self._keys[0], asyncio.Future):
                sent = cast("asyncio.Future[None]", self._keys.popleft())
                if not sent.done():
                    sent.set_result(None)
        else:
            self._send_packet(peer, _PCMU, self._timestamp, self._next_sound())

    def _send_event(self, peer: tuple[str, int], code: int, duration: int, end: bool) -> None:
        first = duration == PACKET
        if first:
            self._key_began = self._timestamp
        payload = _EVENT.pack(code, (0x80 if end else 0) | _VOLUME, duration)
        for _ in range(3 if end else 1):
            self._send_packet(peer, self._events | (0x80 if first else 0), self._key_began, payload)

    def _send_packet(self, peer: tuple[str, int], kind: int, timestamp: int, payload: bytes) -> None:
        header = _HEADER.pack(0x80, kind, self._sequence, timestamp & 0xFFFFFFFF, self._source)
        self._sequence = (self._sequence + 1) & 0xFFFF
        assert self._transport is not None
        self._transport.sendto(header + payload, peer)

    def _next_sound(self) -> bytes:
        if not self._sound:
            return _QUIET
        packet = self._sound[self._position : self._position + PACKET]
        self._position += PACKET
        if self._position >= len(self._sound):
            self._position = 0
            if not self._repeat:
                self._sound = b""
        return packet.ljust(PACKET, SILENCE)

    # --- what comes in ----------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, _address: tuple[str, int]) -> None:
        """Anybody can send anything here: what is no RTP of the kinds agreed on is passed over."""
        if len(data) < _HEADER.size or data[0] >> 6 != 2:
            return
        payload = data[_HEADER.size + 4 * (data[0] & 0x0F) :]
        kind = data[1] & 0x7F
        if kind == _PCMU:
            self.heard.add(payload)
        elif kind == self._events and len(payload) >= _EVENT.size:
            self._event_came(payload[0], int.from_bytes(data[4:8]))

    def _event_came(self, code: int, timestamp: int) -> None:
        """All packets of one digit bear the timestamp of its beginning."""
        if timestamp != self._last_event and code < len(KEYS):
            self._last_event = timestamp
            self.digits += KEYS[code]
            self.digit_came.set()
