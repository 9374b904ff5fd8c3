"""What an agent does at the desk, done in the house: commits on the line."""

from typing import Protocol

from core.clock import Clock
from queues.model import Agent, Refusal, Status
from web.desk.socket import NotNow


class Line(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def agent(self, agent: str) -> Agent | None: ...
    async def set_status(self, agent: str, status: Status, reason: str, author: str, at: int) -> Refusal | None: ...
    async def end_wrap_up(self, agent: str, at: int) -> Refusal | None: ...
    async def extend_wrap_up(self, agent: str, until: int, at: int) -> Refusal | None: ...
    async def hold(self, entry: str, held: bool, at: int) -> Refusal | None: ...


class DeskWork:
    def __init__(self, line: Line, clock: Clock) -> None:
        self._line, self._clock = line, clock

    async def set_status(self, agent: str, status: Status, reason: str, author: str) -> None:
        _done(await self._line.set_status(agent, status, reason, author, self._clock()))

    async def finish(self, agent: str) -> None:
        _done(await self._line.end_wrap_up(agent, self._clock()))

    async def more_time(self, agent: str, ms: int) -> None:
        now = self._clock()
        _done(await self._line.extend_wrap_up(agent, now + ms, now))

    async def hold(self, agent: str, held: bool) -> None:
        known = await self._line.agent(agent)
        if known is None or not known.entry:
            raise NotNow("not_now")
        _done(await self._line.hold(known.entry, held, self._clock()))


def _done(refusal: Refusal | None) -> None:
    if refusal is not None:
        raise NotNow("not_now")
