"""What agents chose, and when they were between calls, is found without looking at every move they made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "agent_change"
WHERE = {
    "ix_agent_change_status_at": "what = 'status'",
    "ix_agent_change_between_at": ("before IN ('idle', 'not_responding') OR after IN ('idle', 'not_responding')"),
}


def upgrade() -> None:
    with op.get_context().autocommit_block() if _on_postgresql() else op.get_context().begin_transaction():
        for name, condition in WHERE.items():
            where = sa.text(condition)
            op.drop_index(name, TABLE, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name, TABLE, ["at"], sqlite_where=where, postgresql_where=where, postgresql_concurrently=True
            )  # fmt: skip


def downgrade() -> None:
    with op.get_context().autocommit_block() if _on_postgresql() else op.get_context().begin_transaction():
        for name in WHERE:
            op.drop_index(name, TABLE, if_exists=True, postgresql_concurrently=True)


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
