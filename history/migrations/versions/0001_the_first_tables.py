"""The first tables: persons and their phones, contacts, events, what could not be recorded, agents' accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_table(
        "phone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_phone"),
        sa.UniqueConstraint("number", name="uq_phone_number"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_phone_person_id_person"),
    )
    op.create_index("ix_phone_person_id", "phone", ["person_id"])
    op.create_table(
        "contact",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("asterisk", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(80), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("phone_id", sa.Integer()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("dialled", sa.String(80), nullable=False),
        sa.Column("flow", sa.String(80), nullable=False),
        sa.Column("version", sa.String(80), nullable=False),
        sa.Column("language", sa.String(80), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("queue", sa.String(80)),
        sa.Column("requirement", sa.JSON(none_as_null=True)),
        sa.Column("entered_at", sa.BigInteger()),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(80)),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("waited_ms", sa.BigInteger()),
        sa.Column("talk_ms", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", sa.String(80)),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
        sa.ForeignKeyConstraint(["phone_id"], ["phone.id"], name="fk_contact_phone_id_phone"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_contact_person_id_person"),
    )
    op.create_index("ix_contact_number_started_at", "contact", ["number", "started_at"])
    op.create_index("ix_contact_phone_id", "contact", ["phone_id"])
    op.create_index("ix_contact_person_id", "contact", ["person_id"])
    op.create_index("ix_contact_started_at", "contact", ["started_at"])
    op.create_table(
        "event",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("data", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_call_at", "event", ["call", "at"])
    op.create_table(
        "poison",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_poison"),
    )
    op.create_table(
        "agent_account",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("extension", sa.String(10), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sip_password", sa.String(80), nullable=False),
        sa.Column("skills", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agent_account"),
        sa.UniqueConstraint("extension", name="uq_agent_account_extension"),
    )


def downgrade() -> None:
    for table in ("agent_account", "poison", "event", "contact", "phone", "person"):
        op.drop_table(table)
