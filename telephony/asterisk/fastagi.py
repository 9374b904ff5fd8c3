"""The FastAGI server: Asterisk connects for each call and names a script by URL, `agi://engine/inbound`. A task a call.

Whatever connects is taken for hostile until it has sent a whole environment: within HEADER_LIMIT_S, of bounded size,
and not more than MOST_CALLS at once. What is logged about refused peers is bounded too.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping

from core.errors import CallerGone, ChannelLost, GuichetError
from core.text import clean_name
from telephony.asterisk.agi import Agi
from telephony.asterisk.connection import AgiConnection

log = logging.getLogger(__name__)

Handler = Callable[[Agi], Awaitable[None]]
"""One call's script. When it returns, Asterisk's dialplan goes on; when it is cancelled or fails, likewise."""

HEADER_LIMIT_S = 5.0
MOST_CALLS = 15_000
BACKLOG = 1024
COMPLAINTS = 10
COMPLAINTS_EVERY_S = 10.0
"""At most that many lines about refused peers in that time; the others are counted."""


class FastAgiServer:
    """`FastAgiServer({"inbound": handler, …})`, then `await start(host, port)` and in the end `await close()`."""

    def __init__(
        self, handlers: Mapping[str, Handler], *, header_limit_s: float = HEADER_LIMIT_S, most_calls: int = MOST_CALLS
    ) -> None:
        self._handlers = dict(handlers)
        self._header_limit_s, self._most_calls = header_limit_s, most_calls
        self._listening: asyncio.Server | None = None
        self._unnamed: dict[AgiConnection, asyncio.TimerHandle] = {}
        """Connections whose environment is not complete."""
        self._calls: set[asyncio.Task[None]] = set()
        self._complaints = _Complaints()

    @property
    def port(self) -> int:
        assert self._listening is not None
        port: int = self._listening.sockets[0].getsockname()[1]
        return port

    @property
    def calls(self) -> int:
        """How many calls it holds."""
        return len(self._calls)

    async def start(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._connection, host, port, backlog=BACKLOG)
        except OSError as error:
            raise GuichetError(
                f"the engine cannot listen on {host}:{port} ({error.strerror}): set agi_port to a free port."
            ) from None

    async def close(self) -> None:
        """Let go of everything. Nothing is said to Asterisk: its dialplan hands each call to the next engine."""
        if self._listening is not None:
            self._listening.close()
        for connection in list(self._unnamed):
            connection.close()
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    # --- from connection to call --------------------------------------------------------------------------------

    def _connection(self) -> AgiConnection:
        connection = AgiConnection(self._begun, self._refused)
        limit_s, why = self._header_limit_s, f"sent no complete environment within {self._header_limit_s:g} s"
        if len(self._unnamed) + len(self._calls) >= self._most_calls:
            limit_s, why = 0, f"is one too many: {self._most_calls} are connected"
        self._unnamed[connection] = asyncio.get_running_loop().call_later(limit_s, connection.refuse, why)
        return connection

    def _begun(self, connection: AgiConnection) -> None:
        self._forget(connection)
        assert connection.environment is not None
        script = script_of(connection.environment.get("agi_request", ""))
        handler = self._handlers.get(script)
        if handler is None:
            known = ", ".join(sorted(self._handlers))
            connection.refuse(f"asks for the script {script!r}: there are {known}")
            return
        _keep_alive(connection)
        call = asyncio.get_running_loop().create_task(self._run(handler, connection))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    async def _run(self, handler: Handler, connection: AgiConnection) -> None:
        agi = Agi(connection)
        try:
            await handler(agi)
        except CallerGone:
            log.debug("call %s: the caller hung up", call_name(agi))
        except ChannelLost as error:
            log.info("call %s: %s", call_name(agi), error)
        except Exception:
            log.exception("call %s failed", call_name(agi))
        finally:
            connection.close()

    def _refused(self, connection: AgiConnection, why: str) -> None:
        self._forget(connection)
        self._complaints.add(why)

    def _forget(self, connection: AgiConnection) -> None:
        if timer := self._unnamed.pop(connection, None):
            timer.cancel()


def script_of(request: str) -> str:
    """`agi://127.0.0.1:4573/inbound?x=1` → `inbound`; at most 40 characters of it, clean."""
    path = request.partition("://")[2].partition("/")[2].partition("?")[0]
    return clean_name(path)[:40]


def call_name(agi: Agi) -> str:
    """The call as logs name it."""
    return clean_name(agi.env.get("agi_uniqueid", "")) or "without an id"


def _keep_alive(connection: AgiConnection) -> None:
    """A waiting call says nothing for hours: a peer that vanished is noticed by the kernel."""
    peer = connection.transport.get_extra_info("socket") if connection.transport else None
    if peer is not None:
        with contextlib.suppress(OSError):  # it may be closed already
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class _Complaints:
    """Warnings about refused peers, so many and no more."""

    def __init__(self) -> None:
        self._since = float("-inf")
        self._said = self._unsaid = 0

    def add(self, why: str) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._since > COMPLAINTS_EVERY_S:
            if self._unsaid:
                log.warning("FastAGI: %d more peers were refused", self._unsaid)
            self._since, self._said, self._unsaid = now, 0, 0
        if self._said < COMPLAINTS:
            self._said += 1
            log.warning("FastAGI: a peer %s", why)
        else:
            self._unsaid += 1
