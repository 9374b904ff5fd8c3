"""Contacts that are to be told to systems outside. What was to be told of somebody who is erased goes with them."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

POSTGRESQL = (
    "CREATE FUNCTION tell_no_more() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN DELETE FROM delivery WHERE call = old.id; RETURN NULL; END $$",
    "CREATE TRIGGER contact_erased AFTER UPDATE OF erased_at ON contact FOR EACH ROW "
    "WHEN (new.erased_at IS NOT NULL) EXECUTE FUNCTION tell_no_more()",
    "CREATE TRIGGER contact_gone AFTER DELETE ON contact FOR EACH ROW EXECUTE FUNCTION tell_no_more()",
)
SQLITE = (
    "CREATE TRIGGER contact_erased AFTER UPDATE OF erased_at ON contact WHEN new.erased_at IS NOT NULL "
    "BEGIN DELETE FROM delivery WHERE call = old.id; END",
    "CREATE TRIGGER contact_gone AFTER DELETE ON contact BEGIN DELETE FROM delivery WHERE call = old.id; END",
)


def upgrade() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hook", sa.String(40), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_hook_call", "delivery", ["hook", "call"])
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_delivery_next_at", "delivery", ["next_at"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_delivery_state_made_at", "delivery", ["state", "made_at"])
    for statement in POSTGRESQL if _on_postgresql() else SQLITE:
        op.execute(statement)


def downgrade() -> None:
    on = " ON contact" if _on_postgresql() else ""
    for name in ("contact_erased", "contact_gone"):
        op.execute(f"DROP TRIGGER {name}{on}")
    if _on_postgresql():
        op.execute("DROP FUNCTION tell_no_more")
    op.drop_table("delivery")


def _on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
