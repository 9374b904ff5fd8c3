"""Persons that can be merged, cases and promises, what happened in queues, erasure and access.

Only new tables and new columns that may be empty: it takes no time, however many contacts there are.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS: Mapping[str, Mapping[str, TypeEngine[Any]]] = {
    "person": {
        "key": sa.String(40),
        "name": sa.String(120),
        "languages": sa.JSON(none_as_null=True),
        "preferences": sa.JSON(none_as_null=True),
        "merged_into_id": sa.Integer(),
    },
    "contact": {
        "medium": sa.String(20),
        "assigned_person_id": sa.Integer(),
        "confidence": sa.String(20),
        "for_person_id": sa.Integer(),
        "relation": sa.String(40),
        "answers": sa.JSON(none_as_null=True),
        "hold_ms": sa.BigInteger(),
        "wrap_up_ms": sa.BigInteger(),
        "topic": sa.String(80),
        "service": sa.String(80),
        "code": sa.String(80),
        "settled": sa.Boolean(),
        "score": sa.Integer(),
        "scale": sa.Integer(),
        "case_id": sa.String(40),
        "erased_at": sa.BigInteger(),
    },
    "event": {"subject": sa.String(80)},
}
TABLES = (
    "agent_change",
    "access",
    "erasure",
    "promise",
    "case",
    "recording",
    "reorientation",
    "note",
    "offer",
    "entry",
    "identity_change",
    "person_phone",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '10s'")  # readers behind us wait for as long as we do
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind))
    op.create_table(
        "person_phone",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("phone_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "phone_id", name="pk_person_phone"),
    )
    op.create_index("ix_person_phone_phone_id", "person_phone", ["phone_id"])
    op.create_table(
        "identity_change",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("other", sa.String(40)),
        sa.Column("call", sa.String(80)),
        sa.Column("number", sa.String(20)),
        sa.Column("confidence", sa.String(20), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_change"),
    )
    op.create_index("ix_identity_change_call", "identity_change", ["call"])
    op.create_index("ix_identity_change_number", "identity_change", ["number"])
    op.create_index("ix_identity_change_other", "identity_change", ["other"])
    op.create_index("ix_identity_change_person", "identity_change", ["person"])
    op.create_table(
        "entry",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(80)),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("left_at", sa.BigInteger()),
        sa.Column("waited_ms", sa.BigInteger()),
        sa.Column("talk_ms", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("hold_ms", sa.BigInteger()),
        sa.Column("wrap_up_ms", sa.BigInteger()),
        sa.Column("outcome", sa.String(20)),
        sa.Column("reason", sa.String(80)),
        sa.Column("expected_ms", sa.BigInteger()),
        sa.Column("expected_most_ms", sa.BigInteger()),
        sa.Column("expected_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_entry"),
    )
    op.create_index("ix_entry_agent_answered_at", "entry", ["agent", "answered_at"])
    op.create_index("ix_entry_call", "entry", ["call"])
    op.create_index("ix_entry_entered_at", "entry", ["entered_at"])
    op.create_index("ix_entry_queue_entered_at", "entry", ["queue", "entered_at"])
    op.create_table(
        "offer",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("entry", sa.String(80), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("result", sa.String(20)),
        sa.PrimaryKeyConstraint("id", name="pk_offer"),
    )
    op.create_index("ix_offer_agent_at", "offer", ["agent", "at"])
    op.create_index("ix_offer_at", "offer", ["at"])
    op.create_index("ix_offer_call", "offer", ["call"])
    op.create_table(
        "note",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("case_id", sa.String(40)),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("ix_note_at", "note", ["at"])
    op.create_index("ix_note_call", "note", ["call"])
    op.create_index("ix_note_case_id", "note", ["case_id"])
    op.create_table(
        "reorientation",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("came_from", sa.String(120), nullable=False),
        sa.Column("sent_to", sa.String(120), nullable=False),
        sa.Column("cause", sa.String(40), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reorientation"),
    )
    op.create_index("ix_reorientation_at", "reorientation", ["at"])
    op.create_index("ix_reorientation_call", "reorientation", ["call"])
    op.create_table(
        "recording",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("file", sa.String(120), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_recording"),
    )
    op.create_index("ix_recording_at", "recording", ["at"])
    op.create_index("ix_recording_call", "recording", ["call"])
    op.create_table(
        "case",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("number", sa.String(12), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("assigned_person_id", sa.Integer()),
        sa.Column("opened_in", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("topic", sa.String(80), nullable=False),
        sa.Column("service", sa.String(80), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("spoken", sa.JSON(none_as_null=True)),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger()),
        sa.Column("author", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
    )
    op.create_index("ix_case_number", "case", ["number"])
    op.create_index("ix_case_opened_at", "case", ["opened_at"])
    op.create_index("ix_case_person_id_opened_at", "case", ["person_id", "opened_at"])
    op.create_table(
        "promise",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.Column("case_id", sa.String(40)),
        sa.Column("person_id", sa.Integer()),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("due_from", sa.BigInteger()),
        sa.Column("due_until", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(20)),
        sa.Column("kept_in", sa.String(80)),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_promise"),
    )
    op.create_index("ix_promise_call", "promise", ["call"])
    op.create_index("ix_promise_made_at", "promise", ["made_at"])
    op.create_index("ix_promise_person_id_made_at", "promise", ["person_id", "made_at"])
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("persons", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("numbers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("contacts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_table(
        "access",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reader", sa.String(80), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("call", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access"),
    )
    op.create_index("ix_access_at", "access", ["at"])
    op.create_index("ix_access_person_at", "access", ["person", "at"])
    op.create_index("ix_access_reader_at", "access", ["reader", "at"])
    op.create_table(
        "agent_change",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("before", sa.String(20), nullable=False),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("cause", sa.String(80), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agent_change"),
    )
    op.create_index("ix_agent_change_agent_at", "agent_change", ["agent", "at"])
    op.create_index("ix_agent_change_at", "agent_change", ["at"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
