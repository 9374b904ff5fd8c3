"""When something was set aside, so that it can be let go of. What is there already counts from now."""

import time

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("poison", sa.Column("at", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.execute(sa.text("UPDATE poison SET at = :now").bindparams(now=time.time_ns() // 1_000_000))


def downgrade() -> None:
    op.drop_column("poison", "at")
