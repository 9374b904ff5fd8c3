"""What the recorder keeps beside contacts, and who answers."""

from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base

STANDING = "kind IN ('queue.closed', 'queue.opened', 'queue.surge', 'hours.switched', 'agent.work')"
"""Condition on event: what holds until something else is said (history/unfinished.py)."""


class RecordedEvent(Base):
    """A fact as it stood in the stream (core/events.py)."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "call", "at"),
        Index(
            "ix_event_subject",
            "subject",
            sqlite_where=text("subject IS NOT NULL"),
            postgresql_where=text("subject IS NOT NULL"),
        ),
        Index("ix_event_standing", "kind", "at", sqlite_where=text(STANDING), postgresql_where=text(STANDING)),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger)
    call: Mapped[str] = mapped_column(String(80))
    """Empty where the fact is about an agent alone."""
    subject: Mapped[str | None] = mapped_column(String(80))
    """What else it is about than a call or an agent: `case:ID`, `promise:ID`, `person:KEY`, `reading:unusual`."""
    data: Mapped[dict[str, Any]]


class Poison(Base):
    """Something in the stream that could not be recorded, set aside for a person to look at (history/poison.py)."""

    __tablename__ = "poison"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A digest of where it stood and what it said."""
    at: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """When it was set aside."""
    raw: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)


BETWEEN_CALLS = "before IN ('idle', 'not_responding') OR after IN ('idle', 'not_responding')"
"""Condition on agent_change: the changes with which the time for a call ends, or that without one."""


class AgentChange(Base):
    """What an agent chose or did, and since when: occupancy and presence are counted from these."""

    __tablename__ = "agent_change"
    __table_args__ = (
        Index(None, "agent", "at"),
        Index(None, "at"),
        Index(
            "ix_agent_change_status_at",
            "at",
            sqlite_where=text("what = 'status'"),
            postgresql_where=text("what = 'status'"),
        ),
        Index(
            "ix_agent_change_between",
            *("at", "agent", "before", "after"),
            sqlite_where=text(BETWEEN_CALLS),
            postgresql_where=text(BETWEEN_CALLS),
        ),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The event's id."""
    agent: Mapped[str] = mapped_column(String(80))
    at: Mapped[int] = mapped_column(BigInteger)
    what: Mapped[str] = mapped_column(String(10))
    """`state` (what they do) or `status` (what they chose)."""
    before: Mapped[str] = mapped_column(String(20))
    """The state before; empty for a status."""
    after: Mapped[str] = mapped_column(String(20))
    cause: Mapped[str] = mapped_column(String(80))
    """What moved the state, or the reason of a status."""
    code: Mapped[str] = mapped_column(String(80))
    """The outcome that the agent coded, or empty."""


class AgentAccount(Base):
    """Somebody who answers calls, and the phone they register."""

    __tablename__ = "agent_account"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    extension: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    sip_password: Mapped[str] = mapped_column(String(80))
    """In clear: the SIP server needs it to check a digest."""
    skills: Mapped[dict[str, Any]]
    """Skill to level."""
