"""Persons and phones as rows: found or made, and moved when it is decided who is who. All within the transaction of the
recorder's batch, whose connection is handed in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, insert, or_, select, tuple_, union, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import GuichetError
from history.database import read
from history.many import among, insert_into, pieces
from history.models import Case, Change, Contact, Erasure, IdentityChange, Person, PersonPhone, Phone, Promise
from history.projection.identity import latest, shown_under
from history.pseudonyms import Pseudonyms

_changes = IdentityChange.__table__.c
_contact = Contact.__table__.c
_person = Person.__table__.c
_phone = Phone.__table__.c
_met = PersonPhone.__table__.c
_case, _promise = Case.__table__.c, Promise.__table__.c
MERGES = (Change.MERGED.value, Change.PARTED.value)


class NoSuchPerson(GuichetError):
    """Nobody has that key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no person {key!r} in the history.")


@dataclass(slots=True)
class Moved:
    """What is not true any more of rows that were not in the batch."""

    cases: set[str] = field(default_factory=set)
    promises: set[str] = field(default_factory=set)


def earliest(times: dict[str, int], name: str, at: int) -> None:
    """Keep in `times` when something was named first."""
    times[name] = min(at, times.get(name, at))


# --- persons -------------------------------------------------------------------------------------------------------


async def persons(connection: AsyncConnection, keys: Mapping[str, int]) -> dict[str, int]:
    """The id of each person by key; one not known is made. `keys` gives when each was named, which is kept where it is
    the earliest."""
    if not keys:
        return {}
    found = await _known_persons(connection, keys)
    if new := [{"key": key, "since": at} for key, at in keys.items() if key not in found]:
        await connection.execute(insert(Person), new)
        found = await _known_persons(connection, keys)
    earlier = [(id_, keys[key]) for key, (id_, since) in found.items() if keys[key] < since]
    for id_, at in earlier:
        await connection.execute(update(Person).where(Person.id == id_).values(since=at))
    return {key: id_ for key, (id_, _) in found.items()}


async def _known_persons(connection: AsyncConnection, keys: Collection[str]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for some in pieces(keys):
        wanted = select(_person.key, _person.id, _person.since).where(among(_person.key, some))
        found |= {key: (id_, since) for key, id_, since in await connection.execute(wanted)}
    return found


async def tops(connection: AsyncConnection, ids: Collection[int]) -> dict[int, int]:
    """Each person's id to that of the one under whom they are shown."""
    found: dict[int, int] = {}
    for some in pieces(ids):
        wanted = select(_person.id, _person.merged_into_id).where(among(_person.id, some))
        found |= {id_: into or id_ for id_, into in await connection.execute(wanted)}
    return found


# --- phones --------------------------------------------------------------------------------------------------------


async def phones(
    connection: AsyncConnection, seen: Mapping[str, int], pseudonyms: Pseudonyms
) -> dict[str | None, tuple[int, int]]:
    """The phone of each number, and the person to whom it belongs; one not seen before becomes a phone and a person.
    `seen` gives when."""
    found = await _known_phones(connection, seen)
    new = [number for number in seen if number not in found]
    born, given_away = {}, set()
    for number, at in seen.items():
        key = pseudonyms.person(number)
        _, _, since, owner_key = found.get(number, (0, 0, at + 1, key))
        if owner_key != key or at < since:  # the one born with the number exists whoever has it now
            born[key] = at
            given_away |= {key} if owner_key != key else set()
    for key in await _erased(connection, given_away):
        del born[key]
    ids = await persons(connection, born)
    if new:
        given = await _numbered(connection, new)
        keys = {key: given[number]["at"] for number in new if number in given for key in [given[number]["person"]]}
        ids |= await persons(connection, keys)
        owner = {n: given[n]["person"] if n in given else pseudonyms.person(n) for n in new}
        await connection.execute(insert(Phone), [{"number": n, "person_id": ids[owner[n]]} for n in new])
        found = await _known_phones(connection, seen)
        met = [{"person_id": found[number][1], "phone_id": found[number][0]} for number in new]
        await connection.execute(insert_into(connection, PersonPhone).on_conflict_do_nothing(), met)
    return {number: (phone, person) for number, (phone, person, _, _) in found.items()}


async def _erased(connection: AsyncConnection, keys: Collection[str]) -> set[str]:
    """Those of the persons who were erased: for somebody else's call they are not made anew."""
    if not keys:
        return set()
    return {key for stone in await connection.scalars(select(Erasure.persons)) for key in stone}.intersection(keys)


async def _known_phones(
    connection: AsyncConnection, numbers: Collection[str]
) -> dict[str, tuple[int, int, int, str | None]]:
    """Number to phone, person, since when that person is known, and their key."""
    found: dict[str, tuple[int, int, int, str | None]] = {}
    for some in pieces(numbers):
        wanted = (
            select(_phone.number, _phone.id, _phone.person_id, _person.since, _person.key)
            .join(Person, _person.id == _phone.person_id)
            .where(among(_phone.number, some))
        )
        for number, id_, person, since, key in await connection.execute(wanted):
            found[number] = id_, person, since, key
    return found


async def _numbered(connection: AsyncConnection, numbers: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """What was decided on these numbers."""
    return latest(await decisions(connection, _changes.number, numbers, Change.NUMBERED), "number")


async def decisions(
    connection: AsyncConnection, column: Any, values: Collection[str], change: Change
) -> list[Mapping[str, Any]]:
    """Every line of that change on these calls or numbers."""
    lines: list[Mapping[str, Any]] = []
    for some in pieces(values):
        wanted = select(IdentityChange.__table__).where(among(column, some), _changes.change == change.value)
        lines += await read(connection, wanted)
    return lines


async def give_numbers(connection: AsyncConnection, numbers: Mapping[str, int], pseudonyms: Pseudonyms) -> Moved:
    """Let each number, and the contacts of which no more is known than their number, belong to whom it was last given.
    `numbers` gives when each was named."""
    moved = Moved()
    given = await _numbered(connection, numbers)
    ids = await persons(connection, {change["person"]: change["at"] for change in given.values()})
    before = await phones(connection, numbers, pseudonyms)
    for number, change in given.items():
        phone, owner = before[number]
        person = ids[change["person"]]
        if owner == person:
            continue
        await _collect(connection, moved, [owner, *(await tops(connection, [owner])).values()])
        await connection.execute(update(Phone).where(Phone.id == phone).values(person_id=person))
        top = (await tops(connection, [person]))[person]
        await connection.execute(
            update(Contact).where(Contact.phone_id == phone, Contact.assigned_person_id.is_(None)).values(person_id=top)
        )
    await meet_again(connection, {before[number][0] for number in given})
    return moved


async def meet_again(connection: AsyncConnection, phone_ids: Collection[int]) -> None:
    """Make person_phone anew for these phones: its own person, and whose contacts from there were said to be."""
    for some in pieces(phone_ids):
        own = select(_phone.person_id, _phone.id).where(among(_phone.id, some))
        said = (
            select(_contact.assigned_person_id, _contact.phone_id)
            .where(among(_contact.phone_id, some), _contact.assigned_person_id.is_not(None))
            .distinct()
        )
        pairs = {(person, phone) for person, phone in await connection.execute(union(own, said))}
        known = {
            (row.person_id, row.phone_id)
            for row in await connection.execute(select(PersonPhone.__table__).where(among(_met.phone_id, some)))
        }
        if gone := known - pairs:
            both = tuple_(PersonPhone.person_id, PersonPhone.phone_id)
            await connection.execute(delete(PersonPhone).where(both.in_(sorted(gone))))
        if new := pairs - known:
            rows = [{"person_id": person, "phone_id": phone} for person, phone in sorted(new)]
            await connection.execute(insert_into(connection, PersonPhone).on_conflict_do_nothing(), rows)


# --- merging and parting -------------------------------------------------------------------------------------------


async def merge(connection: AsyncConnection, keys: Mapping[str, int]) -> Moved:
    """Show these persons, and all who were ever merged with them, under whom every decision together says, and their
    contacts too. `keys` gives when each was named."""
    moved = Moved()
    if not keys:
        return moved
    changes = await _merges_around(connection, set(keys))
    above = shown_under(changes)
    ids = await persons(connection, {key: keys.get(key, _named_at(changes, key)) for key in above})
    wanted = {ids[key]: ids[top] for key, top in above.items()}
    before = await tops(connection, wanted)
    changed = {id_: top for id_, top in wanted.items() if before[id_] != top}
    if changed:
        await _collect(connection, moved, {*changed, *(before[id_] for id_ in changed)})
    for id_, top in changed.items():
        into = None if top == id_ else top
        await connection.execute(update(Person).where(Person.id == id_).values(merged_into_id=into))
        await connection.execute(update(Contact).where(Contact.assigned_person_id == id_).values(person_id=top))
        theirs = select(Phone.id).where(Phone.person_id == id_).scalar_subquery()
        await connection.execute(
            update(Contact)
            .where(Contact.phone_id.in_(theirs), Contact.assigned_person_id.is_(None))
            .values(person_id=top)
        )
    return moved


async def _merges_around(connection: AsyncConnection, keys: set[str]) -> Sequence[Mapping[str, Any]]:
    """Every merge and parting of whoever is joined to these persons by any of them."""
    known: dict[str, Mapping[str, Any]] = {}
    while True:
        before = len(known)
        for some in pieces(keys):
            near = or_(among(_changes.person, some), among(_changes.other, some))
            wanted = select(IdentityChange.__table__).where(_changes.change.in_(MERGES), near)
            known |= {row["id"]: row for row in await read(connection, wanted)}
        keys = {key for row in known.values() for key in (row["person"], row["other"]) if key}
        if len(known) == before:
            return list(known.values())


def _named_at(changes: Iterable[Mapping[str, Any]], key: str) -> int:
    at: int = min(change["at"] for change in changes if key in (change["person"], change["other"]))
    return at


async def _collect(connection: AsyncConnection, moved: Moved, ids: Collection[int]) -> None:
    """Cases and promises of these persons: whose they are is worked out again."""
    for some in pieces(ids):
        moved.cases |= set(await connection.scalars(select(Case.id).where(among(_case.person_id, some))))
        moved.promises |= set(await connection.scalars(select(Promise.id).where(among(_promise.person_id, some))))
