"""Whoever is named by an event that somebody else's followed is found again, and with them what earlier versions left
of persons who were erased: the next start applies every erasure again.

It goes once through the events. On SQLite who writes waits meanwhile, as the recorder can; nobody else waits.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = ("contact.spoke_for", "case.opened", "case.changed", "promise.made", "history.unusual")
AT_ONCE = 2_000
LONGEST_KEY = 40
event = sa.table("event", sa.column("id"), sa.column("kind"), sa.column("at"), sa.column("data", sa.JSON))
access = sa.table("access", sa.column("id"), sa.column("person"))
names = ("id", "at", "change", "person", "other", "call", "number", "confidence", "author", "reason")
change = sa.table("identity_change", *(sa.column(name) for name in names))


def upgrade() -> None:
    named = sa.select(event.c.id, event.c.at, event.c.data)
    _find_again(named.where(event.c.kind.in_(KINDS)))
    reads = event.c.kind == "history.read"
    row = access.c.id == event.c.id
    _find_again(named.join(access, row).where(access.c.person == "", reads))  # whose reader was kept, and they erased
    over = ~sa.exists().where(row)
    op.execute(sa.delete(event).where(reads, over))  # their time was over, and the event stayed


def downgrade() -> None:
    op.execute(sa.delete(change).where(change.c.change == "named"))


def _find_again(wanted: sa.Select[Any]) -> None:
    bind = op.get_bind()
    with bind.execute(wanted.execution_options(yield_per=AT_ONCE)) as found:
        for rows in found.partitions():
            if lines := list(_lines(rows)):
                bind.execute(sa.insert(change), lines)


def _lines(rows: Any) -> Iterator[dict[str, Any]]:
    for id_, at, data in rows:
        person = data.get("person")
        if isinstance(person, str) and 0 < len(person) <= LONGEST_KEY and person.isprintable():
            line = dict.fromkeys(names, "") | dict.fromkeys(("other", "call", "number"))
            yield line | {"id": id_, "at": at, "change": "named", "person": person}
