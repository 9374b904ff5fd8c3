"""What the desk asks the history for."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock
from history import known
from history.access import Usual, readings, unusual
from history.days import Zone, machines, midnight
from history.own_day import own_day
from history.person_page import person_page
from history.sealing import Sealing
from history.search.find import search

USUAL = Usual()


class Records:
    """web.desk.reading.Library and web.desk.matters.Records over SQL."""

    def __init__(
        self, engine: AsyncEngine, sealing: Sealing, country: str, clock: Clock, usual: Usual = USUAL,
        zone: Zone = machines,
    ) -> None:  # fmt: skip
        self._engine, self._sealing, self._country, self._clock = engine, sealing, country, clock
        self._usual, self._zone = usual, zone

    async def person(self, id: int, key: str) -> dict[str, Any] | None:
        found = await person_page(self._engine, self._sealing, id=id, key=key)
        return dict(found) if found else None

    async def search(self, text: str) -> list[dict[str, Any]]:
        return [dict(hit) for hit in await search(self._engine, text, self._country)]

    async def readings(self, reader: str, person: str, before: int | None) -> list[dict[str, Any]]:
        return await readings(self._engine, reader=reader, person=person, before=before)

    async def unusual(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in await unusual(self._engine, self._clock(), self._usual)]

    async def day(self, agent: str) -> dict[str, Any]:
        now = self._clock()
        return dict(await own_day(self._engine, agent, midnight(now, self._zone()), now))

    async def cases_numbered(self, number: str) -> list[str]:
        return await known.cases_numbered(self._engine, number)

    async def has_case(self, case: str) -> bool:
        return await known.has_case(self._engine, case)

    async def has_person(self, key: str) -> bool:
        return await known.has_person(self._engine, key)

    async def has_promise(self, promise: str) -> bool:
        return await known.has_promise(self._engine, promise)
