"""Asterisk's manager interface (AMI): actions with their responses, lists, and events by name.

When the connection breaks every action in course fails, none is ever sent again, and the client connects anew with
growing pauses. After each login `on_connected` hooks see to it that what was missed meanwhile is asked for.
"""

import asyncio
import contextlib
import logging
import os
import random
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

log = logging.getLogger(__name__)

Message = Mapping[str, str]
"""The lines of one AMI message. Of lines with the same name the first one counts."""
Hook = Callable[[], Awaitable[None]]
Listener = Callable[[Message], None]

ACTION_LIMIT_S = 5.0
LOGIN_LIMIT_S = 5.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
PING_EVERY_S = 15.0
MOST_LINE = 4096
"""A longer line is passed over."""
MOST_MESSAGE = 256 * 1024
"""A longer message ends the connection."""
MOST_LISTED = 100_000

_BREAKS = re.compile("[\r\n\x00]")


class AmiAway(ConnectionError):
    """There is no connection to Asterisk's manager port now, or it broke before the response came."""


class AmiRefused(Exception):
    """Asterisk answered `Response: Error`."""


@dataclass(slots=True)
class _Pending:
    """An action without its response, or a list that is not complete."""

    done: "asyncio.Future[Message]"
    listed: list[Message] | None = None


@dataclass(slots=True)
class Ami:
    """`ami = Ami(…)`, then `run()` in a task for as long as it is wanted."""

    host: str
    port: int
    user: str
    secret: str
    jitter: Callable[[], float] = random.random
    """Gives a number from 0 to 1: how much of a pause is waited, from half to one and a half of it."""
    on_connected: list[Hook] = field(default_factory=list)
    """Awaited one after the other after each login. What one raises is logged."""
    _link: "_Link | None" = None
    _up: asyncio.Event = field(default_factory=asyncio.Event)
    _listeners: dict[tuple[str, str], list[Listener]] = field(default_factory=dict)

    @property
    def connected(self) -> bool:
        return self._link is not None

    async def wait_connected(self) -> None:
        """Until it is logged in and the hooks have run."""
        await self._up.wait()

    # --- actions ------------------------------------------------------------------------------------------------

    async def action(self, name: str, **fields: str) -> Message:
        """Send an action and give its response. AmiRefused where that is an error, AmiAway without a connection,
        TimeoutError after ACTION_LIMIT_S, ValueError for a value with a line break."""
        if self._link is None:
            raise AmiAway("not connected to Asterisk's manager port")
        return await self._link.action(name, fields)

    async def list_of(self, name: str, **fields: str) -> list[Message]:
        """Send an action whose response is a list, and give its events."""
        if self._link is None:
            raise AmiAway("not connected to Asterisk's manager port")
        listed: list[Message] = []
        await self._link.action(name, fields, listed)
        return listed

    # --- events -------------------------------------------------------------------------------------------------

    def listen(self, event: str, listener: Listener, uniqueid: str = "") -> Callable[[], None]:
        """Call the listener for each event of that name (of that channel alone, where one is named). Gives what ends
        it."""
        key = (event, uniqueid)
        self._listeners.setdefault(key, []).append(listener)

        def end() -> None:
            listeners = self._listeners.get(key, [])
            if listener in listeners:
                listeners.remove(listener)
            if not listeners:
                self._listeners.pop(key, None)

        return end

    def _heard(self, event: Message) -> None:
        name = event["Event"]
        for key in {(name, ""), (name, event.get("Uniqueid", ""))}:
            for listener in tuple(self._listeners.get(key, ())):
                try:
                    listener(event)
                except Exception:
                    log.exception("AMI: a listener failed on %s", name)

    # --- the connection -----------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Keep connected until cancelled."""
        pause = FIRST_PAUSE_S
        while True:
            link = _Link(self._heard)
            try:
                await self._connect(link)
                pause = FIRST_PAUSE_S
                await self._watch(link)
                log.warning("AMI: the connection ended%s", f": {link.why}" if link.why else "")
            except (OSError, AmiRefused, TimeoutError) as error:
                log.warning("AMI: cannot log in at %s:%d: %s", self.host, self.port, error or "no answer")
            finally:
                self._link = None
                self._up.clear()
                link.close()
            await asyncio.sleep(pause * (0.5 + self.jitter()))
            pause = min(pause * 2, LONGEST_PAUSE_S)

    async def _connect(self, link: "_Link") -> None:
        async with asyncio.timeout(LOGIN_LIMIT_S):
            await asyncio.get_running_loop().create_connection(lambda: link, self.host, self.port)
            await link.action("Login", {"Username": self.user, "Secret": self.secret, "Events": "on"})
        self._link = link
        log.info("AMI: logged in")
        for hook in self.on_connected:
            try:
                await hook()
            except Exception:
                log.exception("AMI: what has to follow a login failed")
        self._up.set()

    @staticmethod
    async def _watch(link: "_Link") -> None:
        """Until the connection ends. An Asterisk that is frozen keeps it open: one that does not even answer a ping is
        left, so that everything is asked for anew once it is back."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PING_EVERY_S):
                    await link.ended.wait()
                    return
            try:
                await link.action("Ping", {})
            except TimeoutError:
                link.why = "Asterisk does not answer"
                link.close()
            except AmiAway:
                return


class _Link(asyncio.Protocol):
    """One connection, from its beginning to its end."""

    def __init__(self, on_event: Listener) -> None:
        self.ended = asyncio.Event()
        self.why = ""
        self._on_event = on_event
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._pending: dict[str, _Pending] = {}
        self._prefix = os.urandom(6).hex()  # a caller's data cannot pass for a response
        self._count = 0

    async def action(self, name: str, fields: Mapping[str, str], listed: list[Message] | None = None) -> Message:
        if self._transport is None:
            raise AmiAway("the connection to Asterisk's manager port is closed")
        self._count += 1
        action_id = f"{self._prefix}-{self._count}"
        data = rendered({"Action": name, "ActionID": action_id, **fields})
        pending = _Pending(asyncio.get_running_loop().create_future(), listed)
        self._pending[action_id] = pending
        self._transport.write(data)
        try:
            async with asyncio.timeout(ACTION_LIMIT_S):
                return await pending.done
        finally:
            self._pending.pop(action_id, None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # --- asyncio's side -----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, but does not say so

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self.why = self.why or str(exc or "")
        for pending in self._pending.values():
            if not pending.done.done():
                pending.done.set_exception(AmiAway("the connection to Asterisk's manager port broke"))
        self.ended.set()

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            message, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            if len(message) <= MOST_MESSAGE:
                self._take(parsed(message))
        if len(self._buffer) > MOST_MESSAGE:
            self._buffer = b""
            self.why = f"Asterisk sent a message of more than {MOST_MESSAGE} bytes"
            self.close()

    def _take(self, message: Message) -> None:
        pending = self._pending.get(message.get("ActionID", ""))
        if pending and not pending.done.done():
            self._answer(pending, message)
        elif "Event" in message:
            self._on_event(message)

    def _answer(self, pending: _Pending, message: Message) -> None:
        if "Response" in message:
            if message["Response"] == "Error":
                pending.done.set_exception(AmiRefused(message.get("Message", "")))
            elif pending.listed is None:
                pending.done.set_result(message)
        elif message.get("EventList") == "Complete":
            pending.done.set_result(message)
        elif pending.listed is not None and len(pending.listed) < MOST_LISTED:
            pending.listed.append(message)


# --- messages -----------------------------------------------------------------------------------------------------


def rendered(fields: Mapping[str, str]) -> bytes:
    """A message's bytes. ValueError for a name or value that would begin another line."""
    lines = []
    for name, value in fields.items():
        if _BREAKS.search(name) or _BREAKS.search(value) or ":" in name:
            raise ValueError(f"{name}: {value!r} cannot be sent to Asterisk's manager port: it holds a line break")
        lines.append(f"{name}: {value}\r\n")
    return "".join((*lines, "\r\n")).encode()


def parsed(raw: bytes) -> dict[str, str]:
    """What has no colon is passed over, as the greeting that stands before the first message."""
    message: dict[str, str] = {}
    for line in raw.split(b"\r\n"):
        if len(line) <= MOST_LINE:
            name, separator, value = line.decode("utf-8", "replace").partition(":")
            if separator:
                message.setdefault(name, value.removeprefix(" "))
    return message
