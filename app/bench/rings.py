"""How soon an agent's phone rings, seen from the phones. All times are those of one machine, in milliseconds."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from app.bench.house import OwnHouse
from core.errors import GuichetError
from telephony.phone import Phone, PhoneCall

NUMBER = "3939"
CALLER_IP, AGENT_IP = "127.0.0.2", "127.0.0.3"
RECORDED_WITHIN_S = 10.0


class Rings:
    """One agent at a phone, and callers one after the other."""

    def __init__(self, house: OwnHouse, agent: Phone) -> None:
        self._house, self._agent = house, agent
        self._server = agent.server

    async def after_the_digit(self, samples: int) -> list[float]:
        """From the end of the digit that leads to the queue until the agent's phone, which is free, rings."""
        await self._dial("*10")
        found = []
        for _ in range(samples):
            async with self._callers(1) as (call,):
                pressed = await call.press("1")
                found.append((await self._next_ring() - pressed) * 1000)
        return found

    async def after_coming_free(self, samples: int) -> list[float]:
        """From the end of the agent's call to *10 until the phone rings for a caller who waits."""
        found = []
        for _ in range(samples):
            await self._dial("*11")
            async with self._callers(1) as calls:
                await self._in_line(calls)
                free = await self._dial("*10")
                found.append((await self._next_ring() - free) * 1000)
        return found

    async def after_the_offer(self, rounds: int, waiting: int) -> list[float]:
        """From an offer's decision until the agent's phone rings: the offer is committed, the engine told, the sleeping
        call woken, the phone dialled. `rounds` × `waiting` samples: a busy agent is offered one waiting call after the
        other."""
        rang: list[float] = []
        since = time.time() * 1000
        for _ in range(rounds):
            await self._dial("*11")
            async with self._callers(waiting) as calls:
                await self._in_line(calls)
                await self._dial("*10")
                for _ in range(waiting):
                    ring = await self._agent.next_call(10)
                    rang.append((await ring.ringing.wait() + _epoch()) * 1000)
                    ring.reject(486)
                    await ring.ended.wait()
        offers = "SELECT at FROM event WHERE kind = 'entry.offered' AND at >= ? ORDER BY at, rowid"
        offered = await self._recorded(offers, since, len(rang))
        return [ring - offer for ring, (offer,) in zip(rang, offered, strict=True)]

    # --- people -------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _callers(self, count: int) -> AsyncIterator[list[PhoneCall]]:
        """Callers who hear the first prompt; they hang up in the end."""
        async with contextlib.AsyncExitStack() as stack:
            calls = []
            for number in range(count):
                phone = await stack.enter_async_context(Phone("caller", server=self._server, ip=CALLER_IP))
                call = await phone.call(NUMBER, from_user=f"+336000000{number:02d}")
                stack.push_async_callback(call.hang_up)
                await call.answered.wait()
                await call.wait_sound()
                calls.append(call)
            yield calls

    async def _in_line(self, calls: Sequence[PhoneCall]) -> None:
        """All press the digit; returns when all are in the queue."""
        since = time.time() * 1000
        for call in calls:
            await call.press("1")
        await self._recorded("SELECT at FROM event WHERE kind = 'entry.entered' AND at >= ?", since, len(calls))

    async def _dial(self, code: str) -> float:
        """The agent dials a feature code and listens to the end; gives the time of the end."""
        call = await self._agent.call(code)
        return await call.ended.wait(10)

    async def _next_ring(self) -> float:
        ring = await self._agent.next_call(10)
        return await ring.ringing.wait()

    async def _recorded(self, query: str, since: float, count: int) -> list[tuple[int]]:
        """Rows of the history, once there are so many."""
        path: Path = self._house.state / "history.db"
        limit = time.monotonic() + RECORDED_WITHIN_S
        while True:
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as history:
                rows = history.execute(query, (since - 1,)).fetchall()
            if len(rows) >= count:
                return rows
            if time.monotonic() > limit:
                raise GuichetError(
                    f"the history has {len(rows)} rows of {count} after {RECORDED_WITHIN_S:g} s: {query}"
                )
            await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def rings(house: OwnHouse) -> AsyncIterator[Rings]:
    """With the first agent's phone registered."""
    account = house.facts["agents"][0]
    server = (house.facts["sip"]["host"], int(house.facts["sip"]["port"]))
    async with Phone(account["extension"], account["password"], server, AGENT_IP) as agent:
        await agent.register()
        yield Rings(house, agent)
        await agent.unregister()


def _epoch() -> float:
    """What to add to time.monotonic() to have seconds since 1970."""
    return time.time() - time.monotonic()
