"""How far the nightly job came, and the recordings that are still there."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retention_mark",
        sa.Column("purpose", sa.String(20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name="pk_retention_mark"),
    )
    kept = sa.text("file <> ''")
    op.create_index("ix_recording_kept", "recording", ["at"], sqlite_where=kept, postgresql_where=kept)


def downgrade() -> None:
    op.drop_index("ix_recording_kept", "recording")
    op.drop_table("retention_mark")
