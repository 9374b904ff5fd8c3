"""One batch of events as rows, within one transaction: the events themselves, then everything that they are about, made
anew from all events of it. So neither the order nor repetition matters."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.events import Event
from history import people
from history.call_rows import write_calls
from history.case_rows import write_cases, write_promises
from history.durations import Moment, write_durations
from history.erased import Erased, erased_calls, spare_the_erased
from history.many import dump
from history.models import Access, AgentChange, Change, Entry, IdentityChange, Offer, Person, RecordedEvent
from history.outside.outbox import tell
from history.people import earliest
from history.projection import Unreadable, project, subject_of
from history.projection.checking import MOST_JSON, describe
from history.projection.data import Data, in_order
from history.projection.identity import NAMING, changes_of
from history.pseudonyms import Pseudonyms
from history.rows import Row, add, events_of, let_go_of
from history.search.index import refresh

_event = RecordedEvent.__table__.c
NAMES_SOMEBODY = NAMING | {"person.described"}


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
    await add(connection, IdentityChange, changes)

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
    moments |= await write_calls(connection, made, rules.pseudonyms, erased)
    await write_durations(connection, moments)  # once both the stays and the changes of state are there
    await write_cases(connection, touched.cases)
    await write_promises(connection, touched.promises)
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
    told = await events_of(connection, _event.call, calls)
    made = {}
    for call, events in told.items():
        with suppress(Unreadable):
            made[call] = project(call, events, rules.country)
    touched = _Touched()
    touched.note_all({call: told[call] for call in made})
    moments = await write_calls(connection, made, rules.pseudonyms, Erased(await erased_calls(connection, made)))
    await let_go_of(connection, Entry, made, {id_ for rows in made.values() for id_ in rows.entries})
    await let_go_of(connection, Offer, made, {id_ for rows in made.values() for id_ in rows.offers})
    await write_durations(connection, moments)
    await write_cases(connection, touched.cases)
    await write_promises(connection, touched.promises)
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
            earliest(touched.described, subject.partition(":")[2], event.at)
        if event.kind in NAMES_SOMEBODY and (named := Data(event.data).name("person", 40)):
            earliest(touched.named, named, event.at)
    for change in changes:
        if change["change"] == Change.NAMED.value:
            continue
        for key in filter(None, (change["person"], change["other"])):
            earliest(touched.named, key, change["at"])
            if change["change"] in people.MERGES:
                earliest(touched.merged, key, change["at"])
        if change["call"]:
            touched.calls.add(change["call"])
        if change["number"]:
            earliest(touched.numbers, change["number"], change["at"])
    return touched


# --- what stands by itself -----------------------------------------------------------------------------------------


async def _kept(
    connection: AsyncConnection, events: Sequence[Event], calls: Collection[str]
) -> dict[str, list[Event]]:  # fmt: skip
    """Keep the events; gives all that is recorded of these calls. What was written this moment is not read back where
    each event was new; where one was there already, what stands there counts."""
    told = await events_of(connection, _event.call, calls)
    if await _keep(connection, events) < len(events):
        return await events_of(connection, _event.call, calls)
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
    new = await add(connection, RecordedEvent, rows)
    reads = [_read(event) for event in events if event.kind == "history.read"]
    await add(connection, Access, reads)
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
    await add(connection, AgentChange, rows)
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
    told = await events_of(connection, _event.subject, [f"person:{key}" for key in keys])
    for subject, events in told.items():
        known: dict[str, object] = {}
        for event in in_order(events):
            if event.kind == "person.described":
                describe(known, event)
        if known:
            await connection.execute(update(Person).where(Person.id == ids[subject.partition(":")[2]]).values(**known))
