"""The tables. Every time is a whole number of milliseconds since 1970 UTC; every duration is in milliseconds.

Names of constraints follow one convention, so that migrations can name them on SQLite and PostgreSQL alike.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ANSWERED = "answered"
"""An agent spoke with the caller."""
ABANDONED = "abandoned"
"""The caller hung up while waiting in line."""
SELF_SERVICE = "self_service"
"""The flow came to its end without ever putting the caller in line."""
LEFT = "left"
"""No agent: the flow took the caller out of the line, or the caller hung up before being in one (see `reason`)."""
FAILED = "failed"
"""A fault of ours ended the call."""

Outcome = str
"""One of the five above; NULL while the call lasts."""


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON(none_as_null=True), list[Any]: JSON(none_as_null=True)}  # noqa: RUF012


class Person(Base):
    """Somebody who called, under one or more phone numbers."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger)
    """The first contact's beginning."""


class Phone(Base):
    __tablename__ = "phone"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """E.164, with its plus."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)


class Contact(Base):
    """One call, from its beginning to its end. Wholly derived from the call's events (history/projection.py)."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "number", "started_at"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The call's id."""
    asterisk: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(80))
    """The caller's: E.164, a short code, or the cleaned text of what is no number; empty when withheld."""
    withheld: Mapped[bool]
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phone.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    """As the network showed it, cleaned."""
    dialled: Mapped[str] = mapped_column(String(80))
    flow: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[int] = mapped_column(BigInteger, index=True)
    path: Mapped[list[Any]]
    """Names of the steps entered, in order; known at the call's end."""
    choices: Mapped[list[Any]]
    """[{at, step, digits, choice}, …] in order."""
    queue: Mapped[str | None] = mapped_column(String(80))
    """The queue that answered, or else the last one."""
    requirement: Mapped[list[Any] | None]
    """Skill to level, as the entry asked."""
    entered_at: Mapped[int | None] = mapped_column(BigInteger)
    offers: Mapped[int]
    """How many times an agent's phone was tried."""
    agent: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[int | None] = mapped_column(BigInteger)
    waited_ms: Mapped[int | None] = mapped_column(BigInteger)
    talk_ms: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[Outcome | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(80))


class RecordedEvent(Base):
    """A fact as it stood in the stream (core/events.py)."""

    __tablename__ = "event"
    __table_args__ = (Index(None, "call", "at"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[int] = mapped_column(BigInteger)
    call: Mapped[str] = mapped_column(String(80))
    """Empty where the fact is about an agent alone."""
    data: Mapped[dict[str, Any]]


class Poison(Base):
    """Something in the stream that could not be recorded, set aside for a person to look at."""

    __tablename__ = "poison"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A digest of where it stood and what it said."""
    raw: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)


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
