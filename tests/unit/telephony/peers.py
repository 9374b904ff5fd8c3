"""Programs at the other end of the wire, byte by byte: an Asterisk that runs AGI, and one with a manager port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Self, TypeVar

from telephony.asterisk.agi import Agi
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.fastagi import FastAgiServer

LIMIT_S = 5
HOST = "127.0.0.1"
T = TypeVar("T")

ENVIRONMENT = {
    "agi_network": "yes",
    "agi_network_script": "inbound",
    "agi_request": "agi://127.0.0.1/inbound",
    "agi_channel": "PJSIP/trunk-00000001",
    "agi_language": "fr",
    "agi_uniqueid": "guichet-1700000000.1",
    "agi_callerid": "0612345678",
    "agi_calleridname": "Camille",
    "agi_dnid": "3939",
    "agi_extension": "3939",
}


def environment(**values: str) -> bytes:
    given = {**ENVIRONMENT, **{f"agi_{name}": value for name, value in values.items()}}
    return "".join(f"{name}: {value}\n" for name, value in given.items()).encode() + b"\n"


open_peers: "list[AsteriskPeer]" = []


class AsteriskPeer:
    """The Asterisk side of one FastAGI connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, port: int, head: bytes | None = None) -> Self:
        peer = cls(*await asyncio.open_connection(HOST, port))
        open_peers.append(peer)
        peer.say(environment() if head is None else head)
        return peer

    def say(self, data: bytes) -> None:
        self._writer.write(data)

    async def heard(self) -> bytes:
        """The next line, or b"" when the other side closed."""
        async with asyncio.timeout(LIMIT_S):
            try:
                return (await self._reader.readline()).removesuffix(b"\n")
            except ConnectionError:
                return b""

    async def do(self, command: bytes, reply: bytes) -> None:
        """The command must be that one; answer it."""
        assert await self.heard() == command
        self.say(reply)

    def leave(self) -> None:
        self._writer.transport.abort()

    async def gone(self) -> None:
        self.leave()
        with suppress(OSError):
            await self._writer.wait_closed()

    def finish_sending(self) -> None:
        self._writer.write_eof()

    async def closed(self) -> bool:
        """True when the other side closed without saying more."""
        return await self.heard() == b""


@asynccontextmanager
async def served(**handlers: Callable[[Agi], Any]) -> AsyncIterator[FastAgiServer]:
    async with running(FastAgiServer(handlers)) as server:
        yield server


@asynccontextmanager
async def running(server: FastAgiServer) -> AsyncIterator[FastAgiServer]:
    """The server on a port of its own; in the end it and all peers are gone."""
    await server.start(HOST, 0)
    try:
        yield server
    finally:
        await server.close()
        while open_peers:
            await open_peers.pop().gone()


@asynccontextmanager
async def conversation(
    blocking: Callable[[Agi], T], head: bytes | None = None
) -> AsyncIterator[tuple[AsteriskPeer, "asyncio.Future[T]"]]:
    """Runs blocking AGI code for one call; gives the peer, and what the code will return or raise."""
    outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    async def handler(agi: Agi) -> None:
        agi._mark = "|END|"
        try:
            outcome.set_result(await in_greenlet(blocking, agi))
        except asyncio.CancelledError:
            outcome.cancel()
            raise
        except Exception as error:
            outcome.set_exception(error)

    async with served(inbound=handler) as server:
        peer = await AsteriskPeer.connect(server.port, head)
        try:
            yield peer, outcome
        finally:
            peer.leave()


async def outcome_of(blocking: Callable[[Agi], T], *exchange: tuple[bytes, bytes], head: bytes | None = None) -> T:
    """What the code returns when Asterisk answers each command so."""
    async with conversation(blocking, head) as (peer, outcome):
        for command, reply in exchange:
            await peer.do(command, reply)
        async with asyncio.timeout(LIMIT_S):
            return await outcome
