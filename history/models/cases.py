"""What was begun and what was promised."""

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base


class CaseStatus(StrEnum):
    """What a flow may read aloud of a case."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    """For something from the person."""
    CLOSED = "closed"
    """Settled."""
    REFUSED = "refused"


OPEN_STATUSES = (CaseStatus.OPEN, CaseStatus.IN_PROGRESS, CaseStatus.WAITING)


class Case(Base):
    """A matter that outlives a call (dossier). Made from the case's events."""

    __tablename__ = "case"
    __table_args__ = (Index(None, "number"), Index(None, "person_id", "opened_at"), Index(None, "opened_at"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[str] = mapped_column(String(12))
    """Ten digits, the last two of which check the others (history/case_numbers.py)."""
    person_id: Mapped[int | None]
    """Whose it is, after all merging."""
    assigned_person_id: Mapped[int | None]
    """Whose it was said to be, before all merging; NULL: the contact's in which it was opened."""
    opened_in: Mapped[str] = mapped_column(String(80))
    """The contact, or empty."""
    title: Mapped[str] = mapped_column(String(200))
    topic: Mapped[str] = mapped_column(String(80))
    service: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(20))
    """A CaseStatus."""
    spoken: Mapped[dict[str, Any] | None]
    """What flows read aloud beyond the status: language to text."""
    opened_at: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    author: Mapped[str] = mapped_column(String(80))
    """Who opened it."""


class PromiseOutcome(StrEnum):
    KEPT = "kept"
    BROKEN = "broken"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Promise(Base):
    """Something that a citizen was told would happen, and what became of it. Made from the promise's events."""

    __tablename__ = "promise"
    __table_args__ = (Index(None, "call"), Index(None, "person_id", "made_at"), Index(None, "made_at"))

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    call: Mapped[str] = mapped_column(String(80))
    """The contact in which it was made, or empty."""
    case_id: Mapped[str | None] = mapped_column(String(40))
    person_id: Mapped[int | None]
    """To whom, after all merging."""
    kind: Mapped[str] = mapped_column(String(20))
    """`callback` (within the window), `wait` (an expected wait was spoken), `send` (we will send it), `other`."""
    text: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(String(20))
    """Which number is to be called back; else empty."""
    queue: Mapped[str] = mapped_column(String(80))
    author: Mapped[str] = mapped_column(String(80))
    """Who made it: an agent, or `flow`."""
    made_at: Mapped[int] = mapped_column(BigInteger)
    due_from: Mapped[int | None] = mapped_column(BigInteger)
    due_until: Mapped[int | None] = mapped_column(BigInteger)
    tries: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(String(20))
    """A PromiseOutcome; NULL while it is open."""
    kept_in: Mapped[str | None] = mapped_column(String(80))
    """The contact that kept it, where one did."""
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
