"""What can be found, kept up to date in the transaction that changes it.

Text that is sealed cannot be searched: an index of its words would tell what it says.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from history.many import among, pieces
from history.models import Case, Note, Person
from history.models.search import SearchDocument
from history.search.words import document

_document = SearchDocument.__table__.c
SOURCES: Mapping[str, Select[*tuple[Any, ...]]] = {
    "person": select(Person.id, Person.name).where(Person.name.is_not(None), Person.name != ""),
    "case": select(Case.id, Case.title),
    "note": select(Note.id, Note.text).where(Note.sealed.is_(False), Note.text != ""),
}


async def refresh(connection: AsyncConnection, kind: str, ids: Collection[Any]) -> None:
    """Make the documents of these persons, cases or notes anew from their rows; one whose row is gone goes."""
    source = SOURCES[kind]
    id_, _ = source.selected_columns
    for some in pieces(ids):
        found = (await connection.execute(source.where(among(id_, some)))).all()
        made = {str(ref): document(kind, text) for ref, text in found}
        refs = [str(ref) for ref in some]
        kept = select(_document.ref, _document.words).where(_document.kind == kind, among(_document.ref, refs))
        known = {row.ref: row.words for row in await connection.execute(kept)}
        stale = [ref for ref, words in known.items() if made.get(ref) != words]
        if stale:
            gone = delete(SearchDocument).where(_document.kind == kind, among(_document.ref, stale))
            await connection.execute(gone)
        rows = [
            {"kind": kind, "ref": ref, "words": words}
            for ref, words in made.items()
            if known.get(ref) != words
        ]  # fmt: skip
        if rows:
            await connection.execute(insert(SearchDocument), rows)


def documents(kind: str, texts: Iterable[tuple[str, str | None]]) -> list[tuple[str, str, str]]:
    """Rows (kind, ref, words) for loading many at once."""
    return [(kind, ref, document(kind, text)) for ref, text in texts if text]
