"""By which identity of an OpenID Connect issuer somebody signs in."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_subject",
        sa.Column("issuer", sa.String(200), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column(
            "staff_id", sa.String(40), sa.ForeignKey("staff.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("staff_subject")
