"""What reports ask of agents' changes between calls is found in the index alone.

The new index is there before the old one goes. On PostgreSQL it is made while others read and write. On SQLite who
writes waits meanwhile, as the recorder can; whoever reads does not wait.
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NEW = ("ix_agent_change_between", ["at", "agent", "before", "after"])
OLD = ("ix_agent_change_between_at", ["at"])
BETWEEN_CALLS = sa.text("before IN ('idle', 'not_responding') OR after IN ('idle', 'not_responding')")


def upgrade() -> None:
    _exchange(NEW, OLD[0])


def downgrade() -> None:
    _exchange(OLD, NEW[0])


def _exchange(new: tuple[str, list[str]], old: str) -> None:
    with _beside_others():
        _drop(new[0])  # one that was left half made
        op.create_index(
            new[0], "agent_change", new[1], postgresql_concurrently=True,
            sqlite_where=BETWEEN_CALLS, postgresql_where=BETWEEN_CALLS,
        )  # fmt: skip
        _drop(old)


def _drop(name: str) -> None:
    op.drop_index(name, "agent_change", if_exists=True, postgresql_concurrently=True)


def _beside_others() -> AbstractContextManager[object]:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return op.get_context().autocommit_block() if on_postgresql else op.get_context().begin_transaction()
