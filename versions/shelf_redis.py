"""The shelf on Redis or Valkey, on connections of its own: contents may be large, and no call waits behind them.

Keys, all with one hash tag: `town:live`, `town:moves` (list), `town:versions` and `town:pieces` (hashes), `town:told`
(stream), `town:nodes` (set) and `town:node:NAME`; `events` is the store's own stream."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError, TimeoutError

from core.events import Event
from queues.store.forms import event_text
from queues.store.port import StoreAway
from versions.record import Move, Node, Version
from versions.shelf import MOST_MOVES, NODE_LIVES_MS, NotMoved, Told, why_not

FOLDER = Path(__file__).parent / "lua"
AWAY = (ConnectionError, TimeoutError, OSError)
ANSWER_WITHIN_S = 20.0
PAUSE_S = 0.1
CONNECTIONS = 4

Thing = TypeVar("Thing")


class RedisShelf:
    """`url`: as for the store. Every method raises StoreAway where the server is away for longer than `patience_s`."""

    def __init__(self, url: str, prefix: str = "{guichet}:", patience_s: float = 10.0) -> None:
        pool = BlockingConnectionPool.from_url(
            url, max_connections=CONNECTIONS, socket_timeout=ANSWER_WITHIN_S, socket_connect_timeout=ANSWER_WITHIN_S
        )
        self._redis: Any = Redis(connection_pool=pool)  # its stubs do not tell which commands are awaited
        self._patience_s = patience_s
        self._live, self._moves = f"{prefix}town:live", f"{prefix}town:moves"
        self._versions, self._pieces = f"{prefix}town:versions", f"{prefix}town:pieces"
        self._told, self._nodes, self._node = f"{prefix}town:told", f"{prefix}town:nodes", f"{prefix}town:node:"
        self._events = f"{prefix}events"
        self._scripts = {
            name: self._redis.register_script((FOLDER / f"{name}.lua").read_text())
            for name in ("go_live", "propose", "forget")
        }

    # --- what versions are made of -------------------------------------------------------------------------------

    async def missing(self, digests: Collection[str]) -> set[str]:
        if not digests:
            return set()
        wanted = sorted(digests)

        async def ask() -> list[bool]:
            pipe = self._redis.pipeline(transaction=False)
            for digest in wanted:
                pipe.hexists(self._pieces, digest)
            found: list[bool] = await pipe.execute()
            return found

        there = await self._ask(ask)
        return {digest for digest, known in zip(wanted, there, strict=True) if not known}

    async def put(self, contents: Mapping[str, bytes]) -> None:
        if contents:
            await self._ask(lambda: self._redis.hset(self._pieces, mapping=dict(contents)))

    async def piece(self, digest: str) -> bytes | None:
        content: bytes | None = await self._ask(lambda: self._redis.hget(self._pieces, digest))
        return content

    # --- versions ------------------------------------------------------------------------------------------------

    async def propose(self, version: Version) -> str:
        told = await self._run("propose", (self._versions, self._told), version.version, version.to_json())
        return str(told.decode())

    async def version(self, name: str) -> Version | None:
        text = await self._ask(lambda: self._redis.hget(self._versions, name))
        return None if text is None else Version.from_json(text.decode())

    async def versions(self) -> list[str]:
        names = await self._ask(lambda: self._redis.hkeys(self._versions))
        return sorted(name.decode() for name in names)

    async def forget(self, names: Collection[str]) -> None:
        if names:
            await self._run("forget", (self._live, self._versions, self._pieces), *sorted(names))

    # --- the live one --------------------------------------------------------------------------------------------

    async def live(self) -> str:
        found: bytes | None = await self._ask(lambda: self._redis.get(self._live))
        return found.decode() if found else ""

    async def go_live(self, move: Move, event: Event) -> None:
        keys = (self._live, self._versions, self._moves, self._told, self._events)
        told = move.version, move.before, move.id, move.to_json(), event_text(event), MOST_MOVES
        why, live = await self._run("go_live", keys, *told)
        if why:
            raise NotMoved(why_not(move, live.decode(), known=why != b"unknown"))

    async def moves(self) -> list[Move]:
        texts = await self._ask(lambda: self._redis.lrange(self._moves, 0, -1))
        return [Move.from_json(text.decode()) for text in texts]

    # --- nodes ---------------------------------------------------------------------------------------------------

    async def now(self) -> str:
        last = await self._ask(lambda: self._redis.xrevrange(self._told, count=1))
        return str(last[0][0].decode()) if last else "0-0"

    async def told(self, after: str, wait_ms: int) -> list[tuple[str, Told]]:
        found = await self._ask(lambda: self._redis.xread({self._told: after}, block=wait_ms or None))
        items = found[0][1] if found else []
        return [(at.decode(), Told(item[b"what"].decode(), item[b"version"].decode())) for at, item in items]

    async def report(self, node: Node) -> None:
        async def tell() -> None:
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(f"{self._node}{node.name}", node.to_json(), px=NODE_LIVES_MS)
            pipe.sadd(self._nodes, node.name)
            await pipe.execute()

        await self._ask(tell)

    async def nodes(self) -> list[Node]:
        names = sorted(name.decode() for name in await self._ask(lambda: self._redis.smembers(self._nodes)))
        if not names:
            return []
        texts = await self._ask(lambda: self._redis.mget([f"{self._node}{name}" for name in names]))
        gone = [name for name, text in zip(names, texts, strict=True) if text is None]
        if gone:
            await self._ask(lambda: self._redis.srem(self._nodes, *gone))
        return [Node.from_json(text.decode()) for text in texts if text is not None]

    async def leave(self, node: str) -> None:
        await self._ask(lambda: self._redis.delete(f"{self._node}{node}"))

    async def close(self) -> None:
        await self._redis.aclose()
        await self._redis.connection_pool.aclose()

    # --- how the server is asked ---------------------------------------------------------------------------------

    async def _run(self, name: str, keys: Sequence[str], *arguments: str | int) -> Any:
        script: AsyncScript = self._scripts[name]
        return await self._ask(lambda: script(keys=list(keys), args=list(arguments)))

    async def _ask(self, question: Callable[[], Awaitable[Thing]]) -> Thing:
        """Asked again while the server is away or loading: every commit here is safe to repeat."""
        until = monotonic() + self._patience_s
        while True:
            try:
                return await question()
            except AWAY as error:
                if monotonic() >= until:
                    raise StoreAway(f"The store does not answer: {error}") from None
                await asyncio.sleep(PAUSE_S)
