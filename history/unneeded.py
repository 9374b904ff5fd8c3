"""Persons of whom nothing happened for so long that nobody needs to know any longer who they are, and their letting go.

Who was merged is one person: everything that happened with any of them counts, and all go together."""

from collections.abc import Collection

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from history.database import read
from history.ledger import Tombstone
from history.models import Case, Contact, Person, Promise
from history.taking_out import take_out

_merged = aliased(Person)
_KNOWN = Person.key.is_not(None) & Person.merged_into_id.is_(None)


def persons_after(last: int, most: int) -> Select[int]:
    """Ids of who is known, in order; the merged ones are not among them."""
    return select(Person.id).where(Person.id > last, _KNOWN).order_by(Person.id).limit(most)


def unneeded(before: int, among: Collection[int]) -> Select[int]:
    """Ids of those among them who have nothing open, and with whom nothing happened since: they did not call, nobody
    called for them, nothing was promised them or is due, no case of theirs was changed. Contacts, cases and promises
    have whom they are shown under as their person; for whom somebody called is named as it was said.

    A promise that nobody ended keeps no one for ever: once it was due so long ago, nobody will."""
    these = exists().where(_merged.merged_into_id == Person.id)
    happened = (
        these.where(_merged.since >= before),
        exists().where(Contact.person_id == Person.id, Contact.started_at >= before),
        exists().where(Contact.for_person_id == Person.id, Contact.started_at >= before),
        these.where(Contact.for_person_id == _merged.id, Contact.started_at >= before),
        exists().where(Case.person_id == Person.id, or_(Case.closed_at.is_(None), Case.changed_at >= before)),
        exists().where(
            Promise.person_id == Person.id,
            or_(*(moment >= before for moment in (Promise.made_at, Promise.due_until, Promise.ended_at))),
        ),
    )
    wanted = select(Person.id).where(Person.id.in_(among), _KNOWN, Person.since < before)
    return wanted.where(*(~one for one in happened))


async def let_go_of(connection: AsyncConnection, top: int, now: int) -> None:
    """As if they had asked for it, but without a tombstone: in a restored backup their time is over too."""
    same = or_(Person.id == top, Person.merged_into_id == top)
    selves = await read(connection, select(Person.id, Person.key).where(same))
    theirs = select(Contact.id).where(Contact.person_id.in_([row["id"] for row in selves]))
    stone = Tombstone(
        id=f"over-{top}",
        at=now,
        persons=[row["key"] for row in selves if row["key"]],
        numbers=[],
        contacts=list(await connection.scalars(theirs)),
        author="retention",
        reason="",
    )
    await take_out(connection, stone)
