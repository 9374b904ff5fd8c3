"""What stands in the store alone, as the history knows it: deferred work that nobody has done, queues that are closed,
switches, how many messages agents may hold. A store that knew nothing is told of it again (docs/adr/0047)."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.errors import GuichetError
from core.events import Event
from history.database import first_line
from history.many import among, pieces
from history.models import Contact, RecordedEvent
from history.models import Entry as Stay
from history.models.contacts import UNDONE
from history.models.records import STANDING
from history.projection.data import in_order
from hours.switch import Switch
from queues.model import Entry, Kind, message_id
from queues.overflow.board import SURGE
from queues.store.port import Recalled, Thrown

MOST_WORK = 5_000
"""Calls whose work is looked at, the newest."""
DAY_MS = 24 * 3600 * 1000
PIECE = 500
CALLBACK_LASTS_MS = DAY_MS
"""An agent who wanted to call somebody back before then has forgotten it, or has asked again."""
HOLDS_LAST_MS = 90 * DAY_MS
"""How long it counts what somebody said of it. There is an event for each message that anybody held."""

_DEFERRED = frozenset({Kind.VOICEMAIL.value, Kind.CALLBACK.value})
_CAME = ("entry.entered", "entry.restored", "entry.moved")
_ENDED = ("entry.left", "entry.finished")
_THROWN = ("queue.closed", "queue.opened", "queue.surge", "hours.switched")
_OF_WORK = ("call.arrived", "call.voicemail", "call.ended", "entry.prioritised", *_CAME, *_ENDED)
_SWITCH = tuple(each.name for each in fields(Switch))
_event, _stay, _contact = RecordedEvent.__table__.c, Stay.__table__.c, Contact.__table__.c


class HistoryAway(GuichetError):
    """The database does not answer."""


class Memory:
    """The history, for whoever tells a store of it again. Every method raises HistoryAway."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def knows(self, event: str) -> bool:
        """Whether the event of that id is recorded. Then all is that ever will be of what happened before it."""
        async with self._asked() as connection:
            return bool(await connection.scalar(select(_event.id).where(_event.id == event)))

    async def recall(self, asterisk: str, now: int) -> Recalled:
        """What was left with that Asterisk, whose machine has the recordings; the rest is everybody's."""
        async with self._asked() as connection:
            found: Iterable[str] = await connection.scalars(undone(asterisk, now))
            work: list[Event] = []
            for some in pieces(set(found)):
                work += await _events(connection, _of_calls(some))
            standing = await _events(connection, thrown())
            holds = await _events(connection, capacities(now))
        return Recalled(work_left(work), closed(standing), switches(standing, now), capacity(holds))

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise HistoryAway(f"the history cannot be read: {first_line(error)}") from error


# --- what is asked ------------------------------------------------------------------------------------------------


def undone(asterisk: str, now: int) -> Select[tuple[str]]:
    """Calls that may have left work, the newest first. Who was erased wants nothing any more."""
    lasts = or_(_stay.kind == Kind.VOICEMAIL.value, _stay.entered_at >= now - CALLBACK_LASTS_MS)
    of_ours = (_contact.id == _stay.call, _contact.asterisk == asterisk, _contact.erased_at.is_(None))
    newest = select(_stay.call).where(text(f"({UNDONE})"), lasts, *of_ours).order_by(_stay.entered_at.desc())
    return newest.limit(MOST_WORK)


def thrown() -> Select[Any]:
    """All closings and openings of queues, and all switches that ever were thrown: some a day, at most."""
    return _told().where(text(f"({STANDING})"), _event.kind.in_(_THROWN)).order_by(_event.at, _event.id)


def capacities(now: int) -> Select[Any]:
    """What somebody said of how many messages agents may hold; that they hold one or gave it back has no author."""
    said = (_event.at >= now - HOLDS_LAST_MS, _event.data["author"].as_string() != "")
    return _told().where(text(f"({STANDING})"), _event.kind == "agent.work", *said).order_by(_event.at, _event.id)


def _of_calls(calls: list[str]) -> Select[Any]:
    return _told().where(among(_event.call, calls), _event.kind.in_(_OF_WORK))


def _told() -> Select[Any]:
    return select(_event.id, _event.kind, _event.at, _event.call, _event.data)


async def _events(connection: AsyncConnection, asked: Select[Any]) -> list[Event]:
    """A piece at a time: calls go on meanwhile."""
    return [Event(*row) async for row in await connection.stream(asked.execution_options(yield_per=PIECE))]


# --- what follows from it: pure -----------------------------------------------------------------------------------


def work_left(events: Iterable[Event]) -> list[Entry]:
    """What nobody has done, on the terms on which it came, the earliest first. A message whose recording was deleted
    is none any more; of a call that is over nobody is called back."""
    ordered = in_order(events)
    ended = {str(event.data.get("entry")) for event in ordered if event.kind in _ENDED}
    over = {event.call for event in ordered if event.kind == "call.ended"}
    arrived = {event.call: event.data for event in ordered if event.kind == "call.arrived"}
    spoken = [(event.call, str(event.data.get("file", ""))) for event in ordered if event.kind == "call.voicemail"]
    files = {message_id(call, file): file for call, file in spoken}
    left: dict[str, Entry] = {}
    for event in ordered:
        name = str(event.data.get("entry"))
        if name in ended:
            continue
        if event.kind in _CAME and event.data.get("kind") in _DEFERRED:
            left[name] = _as_it_came(name, event)
        elif event.kind == "entry.prioritised" and name in left:
            left[name].priority = int(event.data.get("priority", 0))
    for entry in left.values():
        caller = arrived.get(entry.call, {})
        entry.asterisk = str(caller.get("asterisk", ""))
        if entry.kind is Kind.VOICEMAIL:
            entry.file = files.get(entry.id, "")
        elif entry.call not in over:
            entry.file = str(caller.get("number", ""))
    return sorted((entry for entry in left.values() if entry.file), key=lambda entry: entry.since)


def _as_it_came(name: str, event: Event) -> Entry:
    data = event.data
    entered = data.get("entered", event.at) if event.kind == "entry.restored" else event.at
    entry = Entry(name, event.call, str(data.get("queue", "")), int(data.get("since", event.at)), int(entered))
    entry.kind, entry.due = Kind(data["kind"]), int(data.get("due", 0))
    entry.priority = int(data.get("priority", 0))
    for term in ("requirement", "strategy", "members", "skills", "ring_ms"):
        if data.get(term):
            setattr(entry, term, data[term])
    return entry


def closed(events: Iterable[Event]) -> dict[str, str]:
    """Queues that are closed, and who closed them. `events` in order, as below."""
    last = _last(event for event in events if event.kind in ("queue.closed", "queue.opened"))
    return {queue: str(data.get("author", "")) for queue, (kind, data) in last.items() if kind == "queue.closed"}


def switches(events: Iterable[Event], now: int) -> dict[str, Thrown]:
    """Those that are still in force: of opening hours, and of surges."""
    found: dict[str, Thrown] = {}
    for event in events:
        data = event.data
        if event.kind == "hours.switched":
            name, says = str(data["hours"]), {each: data[each] for each in _SWITCH}
            in_force = bool(data["position"]) and Switch.from_data(says).in_force(now)
        elif event.kind == "queue.surge":
            name, says = f"{SURGE}{data['queue']}", {"since": event.at, "author": data["author"]}
            in_force = bool(data["on"])
        else:
            continue
        found.pop(name, None)
        if in_force:
            found[name] = Thrown(says, event.kind, data)
    return found


def capacity(events: Iterable[Event]) -> dict[str, int]:
    """How much deferred work each agent may hold, where that was said."""
    return {agent: int(data["holds"]) for agent, (_, data) in _last(events, "agent").items() if int(data["holds"]) >= 0}


def _last(events: Iterable[Event], name: str = "queue") -> dict[str, tuple[str, Mapping[str, Any]]]:
    """The newest word on each."""
    return {str(event.data[name]): (event.kind, event.data) for event in events}
