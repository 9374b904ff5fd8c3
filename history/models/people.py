"""Who calls: persons, their phones, and every decision on who is who."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base


class Confidence(StrEnum):
    """How sure it is whose a contact is, from the least to the most."""

    NONE = ""
    """A withheld number, and nothing keyed in."""
    NUMBER = "number"
    """The phone number alone: anybody of that household or office."""
    CODE = "code"
    """The number of a case of theirs was keyed in, on another phone."""
    NUMBER_AND_CODE = "number_and_code"
    CONFIRMED = "confirmed"
    """An agent asked and was satisfied."""


class Change(StrEnum):
    """What a line of identity_change decides."""

    ASSIGNED = "assigned"
    """The contact `call` is `person`'s."""
    MERGED = "merged"
    """`person` is the same human being as `other`, under whom both are shown from then on."""
    PARTED = "parted"
    """`person` is not the one under whom they were shown (the reverse of MERGED)."""
    NUMBERED = "numbered"
    """Calls from `number` are `person`'s, unless something else is known."""
    NAMED = "named"
    """Decides nothing: the event of that id names `person` beside whoever calls. By this it is found again when they
    are erased, long after something else was said."""


class Person(Base):
    """Somebody who called, under one or more phone numbers."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "ix_person_merged_into_id",
            "merged_into_id",
            sqlite_where=text("merged_into_id IS NOT NULL"),
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[int] = mapped_column(BigInteger)
    """The first contact's beginning."""
    key: Mapped[str | None] = mapped_column(String(40), unique=True, index=True)
    """How events name this person (history/pseudonyms.py). Recorded persons all have one; others are
    given theirs by history/nameless.py, and who was erased has none."""
    name: Mapped[str | None] = mapped_column(String(120))
    """As they said it to an agent."""
    languages: Mapped[list[Any] | None]
    """Those they wish to speak, best first: [fr, en]."""
    preferences: Mapped[dict[str, Any] | None]
    """What they asked for: {slow_speech: true, relay_service: true, …}."""
    merged_into_id: Mapped[int | None]
    """The person under whom this one is shown; NULL for most."""


class Phone(Base):
    __tablename__ = "phone"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """E.164, with its plus."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose a call from here is, unless something else is known."""


class PersonPhone(Base):
    """Who was met at which phone: several persons at one, one person at several."""

    __tablename__ = "person_phone"
    __table_args__ = (Index(None, "phone_id"),)

    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    phone_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class IdentityChange(Base):
    """A decision on who is who, by whom and why: kept for audit, and what everything about identity is made from."""

    __tablename__ = "identity_change"
    __table_args__ = (
        Index(None, "call"),
        Index(None, "person"),
        Index(None, "other"),
        Index(None, "number"),
    )

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    """The event's id, with a count where one event decides several."""
    at: Mapped[int] = mapped_column(BigInteger)
    change: Mapped[str] = mapped_column(String(20))
    """A Change."""
    person: Mapped[str] = mapped_column(String(40))
    """Its key."""
    other: Mapped[str | None] = mapped_column(String(40))
    call: Mapped[str | None] = mapped_column(String(80))
    number: Mapped[str | None] = mapped_column(String(20))
    confidence: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
