"""One batch of events as rows, within one transaction: the events themselves, then everything that they are about, made
anew from all events of it. So neither the order nor repetition matters."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Insert, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history import people
from history.database import read
from history.durations import Moment, write_durations
from history.erased import Erased, erased_calls, spare_the_erased
from history.many import among, dump, insert_into, pieces, write_many
from history.models import (
    Access,
    AgentChange,
    Case,
    Change,
    Confidence,
    Contact,
    Entry,
    IdentityChange,
    Note,
    Offer,
    Person,
    Promise,
    RecordedEvent,
    Recording,
    Reorientation,
)
from history.outside.outbox import tell
from history.projection import CallRows, Unreadable, project, subject_of
from history.projection.cases import project_case, project_promise
from history.projection.checking import MOST_JSON, describe
from history.projection.data import GREATEST, Data, in_order
from history.projection.identity import NAMING, assignments, changes_of
from history.pseudonyms import Pseudonyms
from history.search.index import refresh

_event = RecordedEvent.__table__.c
_changes = IdentityChange.__table__.c
NAMES_SOMEBODY = NAMING | {"person.described"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rules:
    """What recording depends on beyond the events."""

    country: str
    """How national numbers are read."""
    pseudonyms: Pseudonyms
    hooks: tuple[str, ...] = ()
    """To whom contacts are pushed (history/outside)."""


@dataclass(slots=True)
class _Touched:
    """What the batch's events are about."""

    calls: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    promises: set[str] = field(default_factory=set)
    described: dict[str, int] = field(default_factory=dict)
    """Persons' keys, and when they were first named in this batch; so below."""
    merged: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def note_all(self, told: Mapping[str, Iterable[Event]]) -> None:
        """`told`: all events of each call."""
        for events in told.values():
            for event in events:
                self.note(subject_of(event))

    def note(self, subject: str | None) -> None:
        what, _, id_ = (subject or "").partition(":")
        if what == "case":
            self.cases.add(id_)
        elif what == "promise":
            self.promises.add(id_)


async def record(connection: AsyncConnection, events: Sequence[Event], rules: Rules) -> None:
    """Events that were checked (projection.check). Raises Unreadable or what the database says where it cannot be: then
    nothing of the batch may be committed."""
    events, erased = await spare_the_erased(connection, events, rules.pseudonyms, rules.country)
    if not events:
        return
    changes = [line for event in events for line in changes_of(event, rules.country)]
    touched = _touched(events, changes)
    told = await _kept(connection, events, touched.calls)
    await _add(connection, IdentityChange, changes)

    ids = await people.persons(connection, touched.named)
    for moved in (
        await people.give_numbers(connection, touched.numbers, rules.pseudonyms) if touched.numbers else None,
        await people.merge(connection, touched.merged),
    ):
        if moved:
            touched.cases |= moved.cases
            touched.promises |= moved.promises
    await _describe(connection, touched.described, ids)
    moments = await _write_agents(connection, events)
    made = {call: project(call, events, rules.country) for call, events in told.items()}
    touched.note_all(told)
    moments |= await _write_calls(connection, made, rules, erased)
    await write_durations(connection, moments)  # once both the stays and the changes of state are there
    await _write_cases(connection, touched)
    await _write_promises(connection, touched)
    await refresh(connection, "person", [ids[key] for key in touched.described])
    await refresh(connection, "case", touched.cases)
    await refresh(connection, "note", {Data(e.data).name("note", 40) for e in events if e.kind == "contact.noted"})
    await tell(connection, rules.hooks, touched.calls, max(event.at for event in events))


@dataclass(frozen=True, slots=True)
class Again:
    made: int
    """Calls."""
    unreadable: int
    """Those whose events cannot be read by these rules: their rows stay as they are."""


async def record_again(connection: AsyncConnection, calls: Collection[str], rules: Rules) -> Again:
    """Make anew what the recorded events of these calls amount to, and let go of rows that they no longer make. Who is
    who stays as it was decided, and no hook is told."""
    told = await _events_of(connection, _event.call, calls)
    made = {}
    for call, events in told.items():
        with suppress(Unreadable):
            made[call] = project(call, events, rules.country)
    touched = _Touched()
    touched.note_all({call: told[call] for call in made})
    moments = await _write_calls(connection, made, rules, Erased(await erased_calls(connection, made)))
    await _let_go(connection, Entry, made, {id_ for rows in made.values() for id_ in rows.entries})
    await _let_go(connection, Offer, made, {id_ for rows in made.values() for id_ in rows.offers})
    await write_durations(connection, moments)
    await _write_cases(connection, touched)
    await _write_promises(connection, touched)
    await refresh(connection, "case", touched.cases)
    await refresh(connection, "note", {id_ for rows in made.values() for id_ in rows.notes})
    return Again(len(made), len(told) - len(made))


def _touched(events: Iterable[Event], changes: Iterable[Row]) -> _Touched:
    touched = _Touched()
    for event in events:
        if event.call:
            touched.calls.add(event.call)
        subject = subject_of(event)
        touched.note(subject)
        if event.kind == "person.described" and subject:
            _earliest(touched.described, subject.partition(":")[2], event.at)
        if event.kind in NAMES_SOMEBODY and (named := Data(event.data).name("person", 40)):
            _earliest(touched.named, named, event.at)
    for change in changes:
        if change["change"] == Change.NAMED.value:
            continue
        for key in filter(None, (change["person"], change["other"])):
            _earliest(touched.named, key, change["at"])
            if change["change"] in people.MERGES:
                _earliest(touched.merged, key, change["at"])
        if change["call"]:
            touched.calls.add(change["call"])
        if change["number"]:
            _earliest(touched.numbers, change["number"], change["at"])
    return touched


def _earliest(times: dict[str, int], name: str, at: int) -> None:
    times[name] = min(at, times.get(name, at))


# --- what stands by itself -----------------------------------------------------------------------------------------


async def _kept(
    connection: AsyncConnection, events: Sequence[Event], calls: Collection[str]
) -> dict[str, list[Event]]:  # fmt: skip
    """Keep the events; gives all that is recorded of these calls. What was written this moment is not read back where
    each event was new; where one was there already, what stands there counts."""
    told = await _events_of(connection, _event.call, calls)
    if await _keep(connection, events) < len(events):
        return await _events_of(connection, _event.call, calls)
    for event in events:
        if event.call:
            told.setdefault(event.call, []).append(event)
    return told


async def _keep(connection: AsyncConnection, events: Sequence[Event]) -> int:
    """Gives how many of them were not there yet."""
    rows = [
        {"id": e.id, "kind": e.kind, "at": e.at, "call": e.call, "subject": subject_of(e), "data": _dumped(e)}
        for e in events
    ]
    new = await _add(connection, RecordedEvent, rows)
    reads = [_read(event) for event in events if event.kind == "history.read"]
    await _add(connection, Access, reads)
    return new


def _dumped(event: Event) -> str:
    try:
        data = dump(dict(event.data))
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the event's data is not JSON: {error}") from None
    if len(data) > MOST_JSON:
        raise Unreadable("the event's data is too long")
    return data


def _read(event: Event) -> Row:
    data = Data(event.data)
    texts = {"reader": data.text("reader"), "what": data.name("what", 20), "person": data.name("person", 40)}
    return {"id": event.id, "at": event.at, "call": event.call, **texts}


async def _write_agents(connection: AsyncConnection, events: Iterable[Event]) -> set[Moment]:
    """Gives when agents began or ended what has a duration."""
    rows: list[Row] = [_agent_change(event) for event in events if event.kind in ("agent.state", "agent.status")]
    await _add(connection, AgentChange, rows)
    return {(row["agent"], row["at"]) for row in rows if {row["before"], row["after"]} & {"hold", "wrap_up"}}


def _agent_change(event: Event) -> Row:
    data = Data(event.data)
    row: Row = {"id": event.id, "agent": data.text("agent"), "at": event.at}
    if event.kind == "agent.state":
        row |= {"what": "state", "before": data.name("from", 20), "after": data.name("to", 20)}
        return row | {"cause": data.text("cause"), "code": data.text("outcome")}
    row |= {"what": "status", "before": "", "after": data.name("status", 20)}
    return row | {"cause": data.text("reason"), "code": ""}


async def _describe(connection: AsyncConnection, keys: Mapping[str, int], ids: Mapping[str, int]) -> None:
    told = await _events_of(connection, _event.subject, [f"person:{key}" for key in keys])
    for subject, events in told.items():
        known: dict[str, object] = {}
        for event in in_order(events):
            if event.kind == "person.described":
                describe(known, event)
        if known:
            await connection.execute(update(Person).where(Person.id == ids[subject.partition(":")[2]]).values(**known))


# --- calls ---------------------------------------------------------------------------------------------------------


async def _write_calls(
    connection: AsyncConnection, made: Mapping[str, CallRows], rules: Rules, erased: Erased
) -> set[Moment]:  # fmt: skip
    """Gives when agents answered, and the moment before: what they did until then belongs to the call before."""
    await _write_contacts(connection, {c: rows for c, rows in made.items() if c not in erased.calls}, rules)
    await _write_erased(connection, [made[call].contact for call in erased.calls if call in made])
    for call, at in erased.late.items():
        await connection.execute(update(Contact).where(Contact.id == call).values(erased_at=at))
    for model, part in (
        (Entry, "entries"),
        (Offer, "offers"),
        (Reorientation, "reorientations"),
        (Recording, "recordings"),
    ):
        await _put(connection, model, [row for rows in made.values() for row in getattr(rows, part).values()])
    notes = [note for rows in made.values() for note in rows.notes.values()]
    await _put(connection, Note, notes, same="call")
    talked = [stay for rows in made.values() for stay in rows.entries.values() if stay["answered_at"] is not None]
    return {(stay["agent"], stay["answered_at"] - before) for stay in talked for before in (0, 1)}


async def _write_contacts(connection: AsyncConnection, made: Mapping[str, CallRows], rules: Rules) -> None:
    rows = [call.contact for call in made.values()]
    if not rows:
        return
    said = await _assigned(connection, made)
    seen: dict[str, int] = {}
    for row in rows:
        if row["phone"]:
            _earliest(seen, row["phone"], row["started_at"])
    phones = await people.phones(connection, seen, rules.pseudonyms)
    named = {change["person"] for change in said.values()} | {row["for_person"] for row in rows if row["for_person"]}
    ids = await people.persons(connection, dict.fromkeys(named, GREATEST))
    for row in rows:
        change = said.get(row["id"])
        row["phone_id"], owner = phones.get(row.pop("phone"), (None, None))
        row["assigned_person_id"] = ids[change["person"]] if change else None
        row["person_id"] = row["assigned_person_id"] or owner
        row["confidence"] = change["confidence"] if change else (Confidence.NUMBER.value if owner else "")
        row["for_person_id"] = ids.get(row.pop("for_person"))
    tops = await people.tops(connection, {row["person_id"] for row in rows if row["person_id"]})
    for row in rows:
        row["person_id"] = tops.get(row["person_id"])
    await _put(connection, Contact, rows)
    await people.meet_again(connection, {row["phone_id"] for row in rows if row["id"] in said and row["phone_id"]})


async def _assigned(connection: AsyncConnection, calls: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Whose these calls were said to be: call to the decision that counts."""
    lines: list[Mapping[str, Any]] = []
    for some in pieces(calls):
        wanted = select(IdentityChange.__table__).where(
            among(_changes.call, some), _changes.change == Change.ASSIGNED.value
        )
        lines += await read(connection, wanted)
    return assignments(lines)


WHO = ("number", "name", "channel", "withheld", "phone", "for_person", "relation", "case_id", "choices")
"""What is not written of a contact whose person was erased."""


async def _write_erased(connection: AsyncConnection, rows: Iterable[Row]) -> None:
    """Only what counts: whose it was, which is nobody any more, stays as the erasure left it."""
    for row in rows:
        counts = {name: value for name, value in row.items() if name not in WHO and name != "id"}
        await connection.execute(update(Contact).where(Contact.id == row["id"]).values(**counts))


# --- cases and promises --------------------------------------------------------------------------------------------


async def _write_cases(connection: AsyncConnection, touched: _Touched) -> None:
    told = await _events_of(connection, _event.subject, [f"case:{id_}" for id_ in touched.cases])
    rows = [project_case(subject.partition(":")[2], events) for subject, events in told.items()]
    ids = await people.persons(connection, {row["person"]: GREATEST for row in rows if row["person"]})
    for row in rows:
        row["assigned_person_id"] = ids.get(row.pop("person"))
    await _put_with_person(connection, Case, rows, "opened_in", "assigned_person_id")


async def _write_promises(connection: AsyncConnection, touched: _Touched) -> None:
    told = await _events_of(connection, _event.subject, [f"promise:{id_}" for id_ in touched.promises])
    rows = [project_promise(subject.partition(":")[2], events) for subject, events in told.items()]
    ids = await people.persons(connection, {row["person"]: GREATEST for row in rows if row["person"]})
    nobodys = {row["id"] for row in rows if row["person"] == ""}
    for row in rows:
        row["said"] = ids.get(row.pop("person"))
    await _put_with_person(connection, Promise, rows, "call", "said", drop="said", nobodys=nobodys)


async def _put_with_person(
    connection: AsyncConnection,
    model: type[Any],
    rows: list[Row],
    call: str,
    said: str,
    drop: str = "",
    nobodys: Collection[str] = (),
) -> None:
    """Rows of a person: the one who was named, else the one of the contact; `nobodys` are not."""
    callers: dict[str, int | None] = {}
    for some in pieces({row[call] for row in rows if row[call]}):
        wanted = select(Contact.id, Contact.person_id).where(among(Contact.__table__.c.id, some))
        for id_, person in await connection.execute(wanted):
            callers[id_] = person
    tops = await people.tops(connection, {row[said] for row in rows if row[said]})
    for row in rows:
        row["person_id"] = tops.get(row[said]) or (None if row["id"] in nobodys else callers.get(row[call]))
        if drop:
            del row[drop]
    await _put(connection, model, rows)


# --- how rows are written ------------------------------------------------------------------------------------------


async def _events_of(connection: AsyncConnection, column: Any, values: Collection[str]) -> dict[str, list[Event]]:
    """All recorded events by call or by subject."""
    events: dict[str, list[Event]] = {}
    for some in pieces(values):
        wanted = select(column, _event.id, _event.kind, _event.at, _event.call, _event.data).where(among(column, some))
        for value, id_, kind, at, call, data in (await connection.execute(wanted)).all():
            events.setdefault(value, []).append(Event(id_, kind, at, call, data))
    return events


async def _let_go(connection: AsyncConnection, model: Any, calls: Collection[str], ids: Collection[str]) -> None:
    """Rows of these calls but for those ids."""
    for some in pieces(calls):
        there = set(await connection.scalars(select(model.id).where(among(model.__table__.c.call, some))))
        if gone := sorted(there.difference(ids)):
            await connection.execute(delete(model).where(among(model.__table__.c.id, gone)))


async def _add(connection: AsyncConnection, model: type[Any], rows: Sequence[Row]) -> int:
    """Rows that never change: one that is there already is passed over. Gives how many were not."""
    table = model.__tablename__
    return await write_many(
        connection, table, "add", lambda: insert_into(connection, model).on_conflict_do_nothing(), rows
    )


async def _put(connection: AsyncConnection, model: type[Any], rows: Sequence[Row], same: str = "") -> None:
    """Rows that are made anew: one that is there already is replaced in these columns, if it has the `same`."""

    def replacing() -> Insert:
        statement = insert_into(connection, model)
        changed = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        where = model.__table__.c[same] == statement.excluded[same] if same else None
        return statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=where)

    await write_many(connection, model.__tablename__, "put", replacing, rows)
