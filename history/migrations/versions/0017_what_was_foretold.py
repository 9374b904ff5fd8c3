"""How long a caller's wait was foretold to be, beside the interval that was spoken. Nothing is gone through: where it
is not known, the middle of the interval stands for it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("foretold_ms", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("entry", "foretold_ms")
