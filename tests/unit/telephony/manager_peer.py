"""An Asterisk's manager port, played byte by byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from telephony.asterisk.ami import Ami

LIMIT_S = 5
GREETING = b"Asterisk Call Manager/11.0.0\r\n"


class ManagerPeer:
    """Waits for one client after another; `heard()` gives each action as a dictionary."""

    def __init__(self) -> None:
        self.logins = 0
        self.actions: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.secret = "secret"
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        if self._writer:
            self._writer.transport.abort()

    def say(self, data: bytes) -> None:
        assert self._writer is not None
        self._writer.write(data)

    def reply(self, action: dict[str, str], *lines: str) -> None:
        self.say("\r\n".join((*lines, f"ActionID: {action['ActionID']}", "", "")).encode())

    async def heard(self) -> dict[str, str]:
        async with asyncio.timeout(LIMIT_S):
            return await self.actions.get()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writer = writer
        self.say(GREETING)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                action = dict(line.split(": ", 1) for line in lines if line)
                if action["Action"] != "Login":
                    self.actions.put_nowait(action)
                elif action["Secret"] == self.secret:
                    self.logins += 1
                    self.reply(action, "Response: Success", "Message: Authentication accepted")
                else:
                    self.reply(action, "Response: Error", "Message: Authentication failed")
        writer.close()


@asynccontextmanager
async def manager(*, refused: bool = False) -> AsyncIterator[tuple[Ami, ManagerPeer]]:
    """A client that is connected (unless it is to be refused), and its peer."""
    peer = ManagerPeer()
    ami = Ami("127.0.0.1", await peer.start(), "guichet", "wrong" if refused else peer.secret, jitter=lambda: 0)
    running = asyncio.create_task(ami.run())
    try:
        if not refused:
            async with asyncio.timeout(LIMIT_S):
                await ami.wait_connected()
        yield ami, peer
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await peer.close()
