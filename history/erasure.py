"""Taking one person out of everything, for ever; what counts stays.

A contact keeps its times, its queue, its outcome, and belongs to a person of whom nothing is known but that it is one:
so every report of that day, those by person included, is what it was. The events keep what happened and lose who.

The tombstone is written to a file first (ledger.py), then the database follows in one transaction. At each start all
tombstones are applied again: whoever was erased stays erased in a restored backup. It names the contacts one by one, so
that nobody else's are touched, whatever the backup says about who is who.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.clock import Clock
from core.ids import NewId
from history.database import read, writing
from history.ledger import Ledger, Tombstone
from history.many import insert_into
from history.models import Contact, Erasure, Person, Phone
from history.people import NoSuchPerson
from history.pseudonyms import Pseudonyms
from history.purging import purge
from history.taking_out import Erased, scrub_letters, take_out


class Erasures:
    """`delete_file` is given the name of each recording of an erased person."""

    def __init__(
        self,
        engine: AsyncEngine,
        ledger: Ledger,
        pseudonyms: Pseudonyms,
        clock: Clock,
        new_id: NewId,
        delete_file: Callable[[str], None],
    ) -> None:
        self._engine, self._ledger, self._pseudonyms = engine, ledger, pseudonyms
        self._clock, self._new_id, self._delete_file = clock, new_id, delete_file

    async def erase(self, person: str, author: str, reason: str = "") -> Erased:
        """The person of that key, and all who were merged with them. Raises NoSuchPerson, and GuichetError where
        the file of erasures cannot be written: then nobody was erased."""
        async with writing(self._engine) as connection:
            stone = await self._tombstone(connection, person, author, reason)
            self._ledger.add([stone])
            erased = await apply(connection, stone)
            self._delete(erased)  # before the commit: a crash here leaves a file name to be deleted at the next start
        await purge(self._engine)
        return erased

    async def apply_all(self) -> int:
        """Every tombstone that is known, again; gives out of how many contacts somebody had to be taken. To be called
        before anybody is told anything from the history."""
        known = {stone.id: stone for stone in self._ledger.all()}
        async with writing(self._engine) as connection:
            recorded = [Tombstone.of(row) for row in await read(connection, select(Erasure.__table__))]
            self._ledger.add(stone for stone in recorded if stone.id not in known)
            every = list({**known, **{stone.id: stone for stone in recorded}}.values())
            results = [await apply(connection, stone) for stone in sorted(every, key=lambda stone: stone.at)]
            for erased in results:
                self._delete(erased)
        if count := sum(erased.contacts for erased in results):
            await purge(self._engine)
        return count

    async def apply_missing(self) -> int:
        """Every tombstone again, where the file has one that the database has not: it came from a backup. Gives what
        apply_all does. To be called where somebody asks it before it was served with."""
        stones = self._ledger.all()
        if not stones:
            return 0
        async with self._engine.connect() as connection:
            there = set(await connection.scalars(select(Erasure.id)))
        return 0 if all(stone.id in there for stone in stones) else await self.apply_all()

    def _delete(self, erased: Erased) -> None:
        for file in erased.files:
            self._delete_file(file)

    async def _tombstone(self, connection: AsyncConnection, key: str, author: str, reason: str) -> Tombstone:
        found = (await connection.execute(select(Person.id, Person.merged_into_id).where(Person.key == key))).first()
        if found is None:
            raise NoSuchPerson(key)
        top = found.merged_into_id or found.id
        selves = await read(
            connection, select(Person.id, Person.key).where(or_(Person.id == top, Person.merged_into_id == top))
        )
        ids = [row["id"] for row in selves]
        contacts = list(await connection.scalars(select(Contact.id).where(Contact.person_id.in_(ids))))
        phones = await read(connection, select(Phone.id, Phone.number).where(Phone.person_id.in_(ids)))
        shared = await _shared(connection, [phone["id"] for phone in phones], contacts)
        alone = [phone["number"] for phone in phones if phone["id"] not in shared]
        return Tombstone(
            id=self._new_id(),
            at=self._clock(),
            persons=[row["key"] for row in selves if row["key"]],
            numbers=[self._pseudonyms.number(number) for number in alone],
            contacts=sorted(contacts),
            author=author,
            reason=reason[:200],
        )


async def apply(connection: AsyncConnection, stone: Tombstone) -> Erased:
    """Take the person out of everything, and keep the tombstone. Doing it again changes nothing."""
    erased = await take_out(connection, stone)
    if erased.persons:
        await scrub_letters(connection, stone.persons)
    await connection.execute(insert_into(connection, Erasure).on_conflict_do_nothing(), [asdict(stone)])
    return erased


async def _shared(connection: AsyncConnection, phones: Sequence[int], contacts: Collection[str]) -> set[int]:
    """Phones from which somebody else called too."""
    theirs = set(contacts)
    rows = await read(connection, select(Contact.phone_id, Contact.id).where(Contact.phone_id.in_(phones)))
    return {row["phone_id"] for row in rows if row["id"] not in theirs}
