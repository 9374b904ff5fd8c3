"""What the recorder set aside: to be looked at, told to the stream once more, or thrown away.

Most of it becomes readable by itself once the program is of the version that said it: an event of a kind that is not
known here, found after going back to an older version, stands with all that it said.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from core.events import KINDS, Event, Unread
from history.database import read, writing
from history.models import Poison
from history.projection import Unreadable, check
from history.statements import Stream

LONGEST = 250_000
"""Characters that are kept of one. An event of more could not be recorded anyway."""
ERASED = "erased"
"""What stands in place of one that told of an erased person."""


def as_row(cursor: str, what: Event | Unread, error: str, at: int) -> dict[str, Any]:
    """A row whose every text is plain ASCII, so that it can be stored whatever it was. The same thing at the same
    place in the stream has the same id."""
    try:
        raw = json.dumps({"cursor": cursor, **_told(what)}, default=repr, skipkeys=True)
    except (ValueError, RecursionError):
        raw = json.dumps({"cursor": cursor, "text": "nested too deeply to be shown"})
    digest = hashlib.sha256(raw.encode()).hexdigest()
    return {"id": digest, "at": at, "raw": raw[:LONGEST], "error": ascii(error)[1:-1][:1_000]}


def texts_in(raw: str) -> set[str]:
    """The texts of a row, whether it is JSON, was cut, or holds JSON as text: among them the ids that it names."""
    return set(re.findall(r'"([^"\\]*)"', raw.replace('\\"', '"')))


def _told(what: Event | Unread) -> dict[str, Any]:
    if isinstance(what, Event):
        told = {"id": what.id, "kind": what.kind, "at": what.at, "call": what.call, "data": what.data}
        return {"event": told}
    try:
        said = json.loads(what.text)
    except (ValueError, RecursionError):
        return {"text": what.text}
    return {"event": said} if isinstance(said, dict) else {"text": what.text}


@dataclass(frozen=True, slots=True)
class SetAside:
    """One thing that could not be recorded. `event` is what is known of it as a mapping of the names of an Event;
    empty where it was none. `raw`: all that is kept of it, as JSON unless it was cut or erased."""

    id: str
    at: int
    """When it was set aside; ms since 1970 UTC."""
    error: str
    event: Mapping[str, Any]
    raw: str

    def as_event(self) -> Event:
        """What can be recorded now. Raises GuichetError with the reason where it still cannot."""
        if self.raw == ERASED:
            raise GuichetError("it told of somebody who was erased")
        if not self.event:
            raise GuichetError("it is no event")
        kind = self.event.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise GuichetError(
                f"the kind {str(kind)[:40]!r} is not known here: replay it with the version that said it"
            )
        try:
            event = Event(*(self.event[name] for name in ("id", "kind", "at", "call", "data")))
            check(event)
        except KeyError as error:
            raise GuichetError(f"its {error.args[0]} is missing") from None
        except Unreadable as error:
            raise GuichetError(str(error)) from None
        return event


async def set_aside(engine: AsyncEngine, ids: Sequence[str] = (), most: int = 1_000) -> list[SetAside]:
    """Newest first; those whose ids begin with one of `ids`, or all. Raises GuichetError where one of them is nobody's
    or several ones'."""
    wanted = select(Poison.__table__).order_by(Poison.at.desc(), Poison.id)
    async with engine.connect() as connection:
        if not ids:
            return [_read(row) for row in await read(connection, wanted.limit(most))]
        found: dict[str, SetAside] = {}
        for begin in ids:
            rows = await read(connection, wanted.where(Poison.id.startswith(begin, autoescape=True)).limit(2))
            if len(rows) != 1:
                raise GuichetError(f"{'Several begin' if rows else 'None begins'} with {begin!r}.")
            found[rows[0]["id"]] = _read(rows[0])
        return list(found.values())


def _read(row: Mapping[str, Any]) -> SetAside:
    try:
        raw = json.loads(row["raw"])
    except ValueError:
        raw = {}
    event = raw.get("event") if isinstance(raw, dict) else None
    return SetAside(row["id"], row["at"], row["error"], event if isinstance(event, dict) else {}, row["raw"])


async def waiting(engine: AsyncEngine) -> int:
    """How much is set aside."""
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(Poison.__table__)) or 0)


async def replay(engine: AsyncEngine, stream: Stream, one: SetAside) -> None:
    """Tell it to the stream once more; there it comes to the recorder like any other. Raises GuichetError where it
    could not be recorded: then nothing changes.

    It is told before it is dropped here: whoever dies in between leaves both, and an event recorded twice is the same.
    """
    await stream.emit([one.as_event()])
    await drop(engine, [one.id])


async def drop(engine: AsyncEngine, ids: Sequence[str]) -> int:
    """Throw away for ever; gives how many there were."""
    async with writing(engine) as connection:
        gone = await connection.execute(delete(Poison).where(Poison.id.in_(ids)))
    return gone.rowcount
