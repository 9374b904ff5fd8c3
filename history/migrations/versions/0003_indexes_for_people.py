"""Indexes on tables that may be large. On PostgreSQL they are made while others read and write, one after the other;
one that was left half made is made anew. On SQLite who writes waits meanwhile, as the recorder can.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDEXES = (
    ("person", "ix_person_key", ["key"], True, None),
    ("person", "ix_person_merged_into_id", ["merged_into_id"], False, "merged_into_id IS NOT NULL"),
    ("contact", "ix_contact_person_id_started_at", ["person_id", "started_at"], False, None),
    ("contact", "ix_contact_assigned_person_id", ["assigned_person_id"], False, "assigned_person_id IS NOT NULL"),
    ("contact", "ix_contact_for_person_id", ["for_person_id"], False, "for_person_id IS NOT NULL"),
    ("contact", "ix_contact_case_id", ["case_id"], False, "case_id IS NOT NULL"),
    ("event", "ix_event_subject", ["subject"], False, "subject IS NOT NULL"),
)
REPLACED = ("contact", "ix_contact_person_id", ["person_id"], False, None)


def upgrade() -> None:
    with op.get_context().autocommit_block() if _on_postgresql() else op.get_context().begin_transaction():
        for table, name, columns, unique, where in INDEXES:
            _drop(table, name)
            _create(table, name, columns, unique=unique, where=where)
        _drop(*REPLACED[:2])


def downgrade() -> None:
    with op.get_context().autocommit_block() if _on_postgresql() else op.get_context().begin_transaction():
        table, name, columns, unique, where = REPLACED
        _create(table, name, columns, unique=unique, where=where)
        for table, name, *_ in INDEXES:
            _drop(table, name)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _create(table: str, name: str, columns: list[str], *, unique: bool, where: str | None) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
        postgresql_concurrently=True,
    )


def _drop(table: str, name: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
