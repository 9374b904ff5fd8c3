"""One person's data over HTTP: found, handed over, erased. Whoever reads is noted before anything is shown.

POST   /api/people/find      {"number": …}   who is known at a number: {"people": [{"person": KEY, "name": …}]}
GET    /api/people/KEY                       everything that is kept about them (history/export.py), as JSON
GET    /api/people/KEY/page?language=fr      the same as a page to read, as a file to save
GET    /api/people/KEY/readers               who read it: {"readers": [{at, reader, what, call}]}
DELETE /api/people/KEY       {"reason": …}   out of everything, for ever: {contacts, cases, promises, notes, recordings}

Errors are {"error": WORD}: 400 unreadable, 404 nobody, 503 away, 503 not_erased (its
file cannot be written). A number never stands in an address: addresses are
kept in too many places.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from history.access import reads_of
from history.erasure import Erasures
from history.export import Export, export, page, persons_at
from history.people import NoSuchPerson
from history.sealing import Sealing
from history.statements import Statements
from web.desk.door import Door, refusal
from web.desk.roles import Act

log = logging.getLogger(__name__)

KEY = r"{person:[0-9A-Za-z-]{1,40}}"
Asked = TypeVar("Asked", bound=BaseModel)
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Number(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: str = Field(min_length=1, max_length=40)


class Reason(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(default="", max_length=200)
    """Kept with the erasure; it names nobody."""


class People:
    """`away`: what the stream raises when it does not answer; `country`: how national numbers are read."""

    def __init__(
        self,
        door: Door,
        engine: AsyncEngine,
        erasures: Erasures,
        statements: Statements,
        sealing: Sealing,
        country: str,
        away: tuple[type[Exception], ...] = (),
    ) -> None:
        self._door, self._engine, self._erasures = door, engine, erasures
        self._statements, self._sealing, self._country = statements, sealing, country
        self._away: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, *away)

    def add_to(self, app: web.Application) -> None:
        at = f"/api/people/{KEY}"
        app.router.add_post("/api/people/find", self._told(self.find))
        app.router.add_get(at, self._told(self.data), allow_head=False)
        app.router.add_get(f"{at}/page", self._told(self.page), allow_head=False)
        app.router.add_get(f"{at}/readers", self._told(self.readers), allow_head=False)
        app.router.add_delete(at, self._told(self.erase))

    def _told(self, handler: Handler) -> Handler:
        """What goes wrong as an answer."""

        async def told(request: web.Request) -> web.Response:
            try:
                return await handler(request)
            except ValidationError:
                return refusal(400, "unreadable")
            except NoSuchPerson:
                return refusal(404, "nobody")
            except self._away as error:
                log.warning("%s: the history is away: %s", handler.__name__, type(error).__name__)
                return refusal(503, "away")
            except GuichetError as error:
                log.error("%s: %s", handler.__name__, error)
                return refusal(503, "not_erased")

        return told

    # --- the five requests --------------------------------------------------------------------------------------

    async def find(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.EXPORT_PERSON)
        asked = await _asked(request, Number)
        found = await persons_at(self._engine, asked.number, self._country)
        known = [{"person": row["key"], "name": row["name"]} for row in found if row["key"]]
        await self._statements.found(session.staff.id, {one["person"]: "search_number" for one in known})
        return web.json_response({"people": known})

    async def data(self, request: web.Request) -> web.Response:
        found = await self._handed_over(request)
        return web.json_response(found, headers=_as_file(request, "json"))

    async def page(self, request: web.Request) -> web.Response:
        """A file, not a page of ours: nothing in it runs with our cookies."""
        language = "en" if request.query.get("language") == "en" else "fr"
        found = await self._handed_over(request)
        return web.Response(
            text=page(found, language), content_type="text/html", charset="utf-8", headers=_as_file(request, "html")
        )

    async def readers(self, request: web.Request) -> web.Response:
        await self._door.let_in(request, Act.READ_AUDIT)
        return web.json_response({"readers": await reads_of(self._engine, request.match_info["person"])})

    async def erase(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.ERASE_PERSON)
        asked = await _asked(request, Reason)
        person = request.match_info["person"]
        erased = await self._erasures.erase(person, session.staff.id, asked.reason)
        log.warning("%s erased the person %s", session.staff.id, person)
        told: dict[str, Any] = {name: getattr(erased, name) for name in ("contacts", "cases", "promises", "notes")}
        return web.json_response({**told, "recordings": len(erased.files)})

    async def _handed_over(self, request: web.Request) -> Export:
        session = await self._door.let_in(request, Act.EXPORT_PERSON)
        person = request.match_info["person"]
        found = await export(self._engine, person, self._sealing)
        await self._statements.reading(session.staff.id, "export", person=person)
        return found


async def _asked(request: web.Request, form: type[Asked]) -> Asked:
    return form.model_validate_json(await request.read() or b"{}")


def _as_file(request: web.Request, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="person-{request.match_info["person"]}.{ending}"'}
