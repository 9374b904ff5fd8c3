"""A person's contacts with what reports ask of them are found in the index alone, the latest documents of a kind by an
index too; and PostgreSQL looks after the large tables each day rather than each month.

The new index is there before the old one goes. On PostgreSQL it is made while others read and write. On SQLite who
writes waits meanwhile, as the recorder can; whoever reads does not wait.
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NEW = ("ix_contact_person_id_started_at_for_person_id_topic", ["person_id", "started_at", "for_person_id", "topic"])
OLD = ("ix_contact_person_id_started_at", ["person_id", "started_at"])
LATEST = ("ix_search_document_kind_id", ["kind", "id"])
LARGE = ("contact", "entry", "offer", "event", "agent_change")
CARE = {
    "autovacuum_vacuum_insert_scale_factor": "0.01",
    "autovacuum_vacuum_scale_factor": "0.02",
    "autovacuum_analyze_scale_factor": "0.02",
}
"""Shares of a table. By PostgreSQL's own, 20 days of 100,000 calls would go by among ten million."""


def upgrade() -> None:
    with _beside_others():
        _create("contact", *NEW)
        _drop("contact", OLD[0])
        _create("search_document", *LATEST)
    if _on_postgresql():
        for table in LARGE:
            op.execute(sa.text(f"ALTER TABLE {table} SET ({', '.join(f'{name} = {it}' for name, it in CARE.items())})"))


def downgrade() -> None:
    with _beside_others():
        _create("contact", *OLD)
        _drop("contact", NEW[0])
        _drop("search_document", LATEST[0])
    if _on_postgresql():
        for table in LARGE:
            op.execute(sa.text(f"ALTER TABLE {table} RESET ({', '.join(CARE)})"))


def _beside_others() -> AbstractContextManager[object]:
    return op.get_context().autocommit_block() if _on_postgresql() else op.get_context().begin_transaction()


def _create(table: str, name: str, columns: list[str]) -> None:
    """Anew, where one was left half made."""
    _drop(table, name)
    op.create_index(name, table, columns, postgresql_concurrently=True)


def _drop(table: str, name: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
