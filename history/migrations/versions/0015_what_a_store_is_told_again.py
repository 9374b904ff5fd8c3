"""What a store that knew nothing is told again is found in an index: deferred work that nobody has done, and what holds
until something else is said.

On PostgreSQL the indexes are made while others read and write. On SQLite who writes waits meanwhile, as the recorder
can; whoever reads does not wait.
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UNDONE = sa.text("kind IN ('voicemail', 'callback') AND finished_at IS NULL")
STANDING = sa.text("kind IN ('queue.closed', 'queue.opened', 'queue.surge', 'hours.switched', 'agent.work')")
INDEXES = (
    ("ix_entry_undone", "entry", ["entered_at", "call"], UNDONE),
    ("ix_event_standing", "event", ["kind", "at"], STANDING),
)


def upgrade() -> None:
    with _beside_others():
        for name, table, columns, where in INDEXES:
            _drop(name, table)  # one that was left half made
            op.create_index(
                name, table, columns, postgresql_concurrently=True, sqlite_where=where, postgresql_where=where
            )


def downgrade() -> None:
    with _beside_others():
        for name, table, _, _ in INDEXES:
            _drop(name, table)


def _drop(name: str, table: str) -> None:
    op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)


def _beside_others() -> AbstractContextManager[object]:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return op.get_context().autocommit_block() if on_postgresql else op.get_context().begin_transaction()
