"""What is due to a webhook is found by the webhook: one that is stuck, with a line of hundreds of thousands, costs the
others nothing.

On PostgreSQL the index is made while others read and write. On SQLite who writes waits meanwhile, as the recorder can;
whoever reads does not wait.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting'")
BY_HOOK, BY_TIME = "ix_delivery_due", "ix_delivery_next_at"


def upgrade() -> None:
    _instead(BY_TIME, BY_HOOK, ["hook", "next_at"])


def downgrade() -> None:
    _instead(BY_HOOK, BY_TIME, ["next_at"])


def _instead(of: str, name: str, columns: Sequence[str]) -> None:
    with _beside_others():
        _drop(name)  # one that was left half made
        op.create_index(
            name, "delivery", columns, postgresql_concurrently=True, sqlite_where=WAITING, postgresql_where=WAITING
        )
        _drop(of)


def _drop(name: str) -> None:
    op.drop_index(name, "delivery", if_exists=True, postgresql_concurrently=True)


def _beside_others() -> AbstractContextManager[object]:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    return op.get_context().autocommit_block() if on_postgresql else op.get_context().begin_transaction()
