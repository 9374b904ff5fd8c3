"""One FastAGI connection: bytes to the call's environment, then commands and their replies. Knows the framing of the
protocol, including what Asterisk sends unasked, and keeps at most MOST_UNREAD bytes whatever the peer sends.

The protocol: Asterisk sends `agi_name: value` lines and an empty one. Each command is one line, each reply is
`200 result=1 (value)`, where the value may hold line breaks, or `510 …`, `511 …`, or a usage text of several lines
between `520-` and `520 `. `100 Trying` may come before a reply, `HANGUP` at any time between replies (res_agi.c).
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from core.errors import CallerGone, ChannelLost

MOST_ENVIRONMENT = 16 * 1024
MOST_UNREAD = 64 * 1024
"""Bytes of a reply that is not complete, or sent without being asked for."""

_ENDPOS = re.compile(r" endpos=(-?\d+)$")


class Reply(NamedTuple):
    """`200 result=0 endpos=4800` is (200, "0", "", 4800); `200 result=12 (timeout)` is (200, "12", "timeout")."""

    code: int
    result: str = ""
    data: str = ""
    endpos: int = 0
    """Where a sound was stopped, in samples."""
    text: str = ""
    """All of it, where the code is not 200."""


class AgiConnection(asyncio.Protocol):
    """`on_call(connection)` is called once, when the environment is complete; `on_refused(connection, why)` when the
    peer is cut off. One command at a time."""

    __slots__ = (
        "_buffer",
        "_cut",
        "_mark",
        "_on_call",
        "_on_refused",
        "_unasked",
        "_waiter",
        "environment",
        "hung_up",
        "lost",
        "transport",
    )

    def __init__(
        self,
        on_call: "Callable[[AgiConnection], None]",
        on_refused: "Callable[[AgiConnection, str], None]",
    ) -> None:
        self._on_call, self._on_refused = on_call, on_refused
        self.environment: Mapping[str, str] | None = None
        self.hung_up = False
        """Asterisk said that the caller is gone."""
        self.lost = False
        """The connection is closed."""
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._waiter: asyncio.Future[Reply] | None = None
        self._mark = b""
        self._unasked = 0
        self._cut = False

    def request(self, line: bytes, mark: bytes = b"") -> asyncio.Future[Reply]:
        """Send a command, with its line break. `mark`: bytes that the command makes stand at the end of the value, so
        that the value's end is certain whatever it holds. ChannelLost (CallerGone after a HANGUP) where the connection
        breaks.
        """
        if self.lost or self.transport is None:
            raise self._broken()
        if self._waiter is not None:
            raise RuntimeError("the reply to the former AGI command has not come yet")
        self._waiter = waiter = asyncio.get_running_loop().create_future()
        self._mark = mark
        self.transport.write(line)
        return waiter

    def close(self) -> None:
        """Asterisk's AGI() returns, and its dialplan goes on."""
        if self.transport is not None:
            self.transport.abort()

    def refuse(self, why: str) -> None:
        """Cut the peer off."""
        self._cut = True
        self._buffer = b""
        self.close()
        self._on_refused(self, why)

    # --- asyncio's side -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it
        if self._cut:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.lost = True
        self.transport = None
        self._buffer = b""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_exception(self._broken())
        elif self.environment is None and not self._cut:
            self._on_refused(self, "left before its environment was complete")

    def data_received(self, data: bytes) -> None:
        if self._cut:
            return
        self._buffer = self._buffer + data if self._buffer else data
        if self.environment is None:
            self._read_environment()
        else:
            self._read_replies()

    # --- framing ------------------------------------------------------------------------------------------------

    def _read_environment(self) -> None:
        head, end, rest = self._buffer.partition(b"\n\n")
        if len(head) > MOST_ENVIRONMENT:
            self.refuse(f"sent an environment of more than {MOST_ENVIRONMENT} bytes")
        elif end:
            self._buffer = rest
            self.environment = read_environment(head)
            self._on_call(self)

    def _read_replies(self) -> None:
        while self._buffer:
            line, end, rest = self._buffer.partition(b"\n")
            if end and line == b"HANGUP":
                self.hung_up = True
            elif self._waiter is None:
                self._unasked += len(line) + 1
                if self._unasked > MOST_UNREAD:
                    return self.refuse("sent what nobody asked for")
                if not end:
                    return None
            elif end and line.startswith(b"100"):
                pass
            else:
                size = _reply_size(self._buffer, self._mark)
                if not size:
                    if len(self._buffer) > MOST_UNREAD:
                        self.refuse(f"sent a reply of more than {MOST_UNREAD} bytes")
                    return None
                reply, rest = self._buffer[:size], self._buffer[size:]
                self._answered(read_reply(reply, self._mark))
            self._buffer = rest
        return None

    def _answered(self, reply: Reply) -> None:
        waiter, self._waiter = self._waiter, None
        assert waiter is not None
        if not waiter.done():  # its task may have been cancelled
            waiter.set_result(reply)

    def _broken(self) -> CallerGone | ChannelLost:
        return CallerGone() if self.hung_up else ChannelLost("Asterisk closed the AGI connection")


# --- bytes to values ----------------------------------------------------------------------------------------------


def text_of(raw: bytes) -> str:
    """UTF-8, or latin-1 where it is not (a caller's name comes as the caller's network wrote it)."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_environment(head: bytes) -> dict[str, str]:
    """`agi_name: value` lines. The first one of a name counts: a value can bring no other's name after it."""
    environment: dict[str, str] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b":")
        environment.setdefault(text_of(name).strip(), text_of(value).strip())
    return environment


def read_reply(raw: bytes, mark: bytes = b"") -> Reply:
    """A complete reply, as the framing cut it out."""
    text = text_of(raw[:-1])
    if not text.startswith("200 result="):
        code = text[:3]
        return Reply(int(code) if code.isdecimal() and code.isascii() else 0, text=text)
    result, _, rest = text[11:].partition(" ")
    if not rest:
        return Reply(200, result)
    endpos = 0
    if rest[0] != "(" or rest[-1] != ")":
        found = _ENDPOS.search(f" {rest}")
        if found:
            endpos = int(found[1])
    opened, closed = rest.startswith("("), rest.rfind(")")
    data = rest[1:closed] if opened and closed > 0 else ""
    return Reply(200, result, data.removesuffix(mark.decode()) if mark else data, endpos)


def _reply_size(buffer: bytes, mark: bytes) -> int:
    """How many bytes of the buffer are the reply at its beginning; 0 while it is not complete."""
    first = buffer.find(b"\n")
    if first < 0:
        return 0
    if buffer.startswith(b"520-"):
        last = buffer.find(b"\n520 ")
        return buffer.find(b"\n", last + 1) + 1 if last >= 0 else 0
    if mark and buffer.startswith(b"200 result=1 ("):
        at = buffer.find(mark + b")\n")
        return at + len(mark) + 2 if at >= 0 else 0
    if buffer.startswith(b"200") and buffer.find(b" (", 0, first) > 0:
        while not _ends_value(buffer[:first]):
            first = buffer.find(b"\n", first + 1)
            if first < 0:
                return 0
    return first + 1


def _ends_value(reply: bytes) -> bool:
    """`… (value)`, or `… (timeout) endpos=4800`."""
    return reply.endswith(b")") or b") endpos=" in reply[-40:]
