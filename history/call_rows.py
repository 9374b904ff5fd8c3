"""What calls' events make as rows: contacts with whose they are, stays, offers, notes, recordings."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from history import people
from history.durations import Moment
from history.erased import Erased
from history.models import (
    Change,
    Confidence,
    Contact,
    Entry,
    IdentityChange,
    Note,
    Offer,
    Recording,
    Reorientation,
)
from history.people import earliest
from history.projection import CallRows
from history.projection.data import GREATEST
from history.projection.identity import assignments
from history.projection.written import SOMEBODY_ERASED
from history.pseudonyms import Pseudonyms
from history.rows import Row, persons_at, put

_contact = Contact.__table__.c
_changes = IdentityChange.__table__.c


async def write_calls(
    connection: AsyncConnection, made: Mapping[str, CallRows], pseudonyms: Pseudonyms, erased: Erased
) -> set[Moment]:  # fmt: skip
    """Gives when agents answered, and the moment before: what they did until then belongs to the call before."""
    await _write_contacts(connection, {c: rows for c, rows in made.items() if c not in erased.calls}, pseudonyms)
    await _write_erased(connection, [made[call].contact for call in erased.calls if call in made])
    for call, at in erased.late.items():
        await connection.execute(update(Contact).where(Contact.id == call).values(erased_at=at))
    for model, part in (
        (Entry, "entries"),
        (Offer, "offers"),
        (Reorientation, "reorientations"),
        (Recording, "recordings"),
    ):
        await put(connection, model, [row for rows in made.values() for row in getattr(rows, part).values()])
    notes = [note for rows in made.values() for note in rows.notes.values()]
    await put(connection, Note, notes, same="call")
    talked = [stay for rows in made.values() for stay in rows.entries.values() if stay["answered_at"] is not None]
    return {(stay["agent"], stay["answered_at"] - before) for stay in talked for before in (0, 1)}


async def _write_contacts(connection: AsyncConnection, made: Mapping[str, CallRows], pseudonyms: Pseudonyms) -> None:
    rows = [call.contact for call in made.values()]
    if not rows:
        return
    said = await _assigned(connection, made)
    seen: dict[str, int] = {}
    for row in rows:
        if row["phone"]:
            earliest(seen, row["phone"], row["started_at"])
    phones = await people.phones(connection, seen, pseudonyms)
    named = {change["person"] for change in said.values()} | {row["for_person"] for row in rows if row["for_person"]}
    ids = await people.persons(connection, dict.fromkeys(named, GREATEST))
    kept = await persons_at(
        connection, _contact.for_person_id, [row["id"] for row in rows if row["for_person"] == SOMEBODY_ERASED]
    )
    for row in rows:
        change = said.get(row["id"])
        row["phone_id"], owner = phones.get(row.pop("phone"), (None, None))
        row["assigned_person_id"] = ids[change["person"]] if change else None
        row["person_id"] = row["assigned_person_id"] or owner
        row["confidence"] = change["confidence"] if change else (Confidence.NUMBER.value if owner else "")
        row["for_person_id"] = ids.get(row.pop("for_person")) or kept.get(row["id"])
    tops = await people.tops(connection, {row["person_id"] for row in rows if row["person_id"]})
    for row in rows:
        row["person_id"] = tops.get(row["person_id"])
    await put(connection, Contact, rows)
    await people.meet_again(connection, {row["phone_id"] for row in rows if row["id"] in said and row["phone_id"]})


async def _assigned(connection: AsyncConnection, calls: Collection[str]) -> dict[str, Mapping[str, Any]]:
    """Whose these calls were said to be: call to the decision that counts."""
    return assignments(await people.decisions(connection, _changes.call, calls, Change.ASSIGNED))


WHO = ("number", "name", "channel", "withheld", "phone", "for_person", "relation", "case_id", "choices")
"""What is not written of a contact whose person was erased."""


async def _write_erased(connection: AsyncConnection, rows: Iterable[Row]) -> None:
    """Only what counts: whose it was, which is nobody any more, stays as the erasure left it."""
    for row in rows:
        counts = {name: value for name, value in row.items() if name not in WHO and name != "id"}
        await connection.execute(update(Contact).where(Contact.id == row["id"]).values(**counts))
