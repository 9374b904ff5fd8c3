"""Reading further than one's own call: a person's page, the search, who read what, one's own day. Each reading about
people is stated, with its reader, before anything of it is shown."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import GuichetError
from history.staff import Session
from queues.store.port import StoreAway
from web.desk.door import Door, refusal
from web.desk.pop import Readings
from web.desk.roles import Act

log = logging.getLogger(__name__)

GREATEST = 2**62
TELLING = ("number", "name", "case", "note")
"""What a hit tells of somebody (history.search.find.Hit.how), from the least to the most."""
Name = Annotated[str, Field(max_length=80)]


class Statements(Readings, Protocol):
    """The part of history.statements.Statements that is used here."""

    async def found(self, reader: str, shown: Mapping[str, str]) -> None: ...


class Library(Protocol):
    """What the history tells. JSON data; every text in it came from outside."""

    async def person(self, id: int, key: str) -> dict[str, Any] | None: ...
    async def search(self, text: str) -> list[dict[str, Any]]:
        """history.search.find.Hit, each. GuichetError where nothing could be looked for."""

    async def readings(self, reader: str, person: str, before: int | None) -> list[dict[str, Any]]: ...
    async def unusual(self) -> list[dict[str, Any]]: ...
    async def day(self, agent: str) -> dict[str, Any]: ...


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PersonWanted(Wanted):
    """By id or by key. `call`: the call of theirs that is the reason to look, or empty."""

    id: Annotated[int, Field(ge=0, le=GREATEST)] = 0
    key: Name = ""
    call: Name = ""


class SearchWanted(Wanted):
    text: Annotated[str, Field(max_length=200)]


class AuditWanted(Wanted):
    reader: Name = ""
    person: Name = ""
    before: Annotated[int, Field(ge=0, le=GREATEST)] | None = None


W = TypeVar("W", bound=Wanted)
Had = Callable[[str, str], Awaitable[bool]]
"""Whether an agent has, or had, a call."""


class Reading:
    """All by POST, so that only our own pages ask, and no number or name stands in an address."""

    def __init__(self, door: Door, library: Library, statements: Statements, had: Had) -> None:
        self._door, self._library, self._statements, self._had = door, library, statements, had

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/api/person", self.person)
        app.router.add_post("/api/search", self.search)
        app.router.add_post("/api/audit", self.audit)
        app.router.add_post("/api/day", self.day)

    async def person(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.READ_PERSON)
        wanted = await _read(request, PersonWanted)
        found = await self._library.person(wanted.id, wanted.key)
        if found is None:
            return refusal(404, "no_person")
        call = wanted.call if await self._is_theirs(session, wanted.call) else ""
        said = self._statements.reading(session.staff.id, "person", person=found["person"], call=call)
        if (away := await self._stated(session, "person", said)) is not None:
            return away
        return web.json_response(found)

    async def search(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.READ_PERSON)
        wanted = await _read(request, SearchWanted)
        try:
            hits = await self._library.search(wanted.text)
        except GuichetError:
            return refusal(400, "search")
        shown = whom(hits)
        if (away := await self._stated(session, "search", self._statements.found(session.staff.id, shown))) is not None:
            return away
        return web.json_response({"hits": hits})

    async def audit(self, request: web.Request) -> web.Response:
        await self._door.let_in(request, Act.READ_AUDIT)
        wanted = await _read(request, AuditWanted)
        rows = await self._library.readings(wanted.reader, wanted.person, wanted.before)
        return web.json_response({"rows": rows, "unusual": await self._library.unusual()})

    async def day(self, request: web.Request) -> web.Response:
        session = await self._door.let_in(request, Act.OWN_STATE)
        if session.staff.agent is None:
            return refusal(403, "forbidden")
        return web.json_response(await self._library.day(session.staff.agent))

    async def _is_theirs(self, session: Session, call: str) -> bool:
        """A call of somebody else's is no reason to look."""
        return bool(call and session.staff.agent) and await self._had(str(session.staff.agent), call)

    async def _stated(self, session: Session, what: str, said: Awaitable[None]) -> web.Response | None:
        """What cannot be stated is not shown."""
        try:
            await said
        except StoreAway as error:
            log.warning("%s was not shown a %s: %s", session.staff.id, what, error)
            return refusal(503, "away")
        return None


def whom(hits: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The keys of those whom a search shows to what the audit says of each: by what they were shown, which is the most
    telling of it where that is several things."""
    return {hit["person"]: f"search_{hit['how']}" for hit in sorted(hits, key=lambda hit: TELLING.index(hit["how"]))}


async def _read(request: web.Request, kind: type[W]) -> W:
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError:
        raise web.HTTPBadRequest from None
