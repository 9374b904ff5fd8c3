"""Who was erased, and who read what."""

from typing import Any

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base


class Erasure(Base):
    """A tombstone: enough to erase the person again in a restored backup, and nothing about them."""

    __tablename__ = "erasure"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    """What is of this moment or earlier is erased; somebody who calls again is known again."""
    persons: Mapped[list[Any]]
    """Keys."""
    numbers: Mapped[list[Any]]
    """Of phones that were theirs alone, as keyed hashes (history/pseudonyms.py)."""
    contacts: Mapped[list[Any]]
    """Ids."""
    author: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))


class RetentionMark(Base):
    """How far work on the rows came, for each purpose: what is let go each night (history/retention.py), documents of
    the search that were missing (history/search/missing.py), contacts made again (history/again.py)."""

    __tablename__ = "retention_mark"

    purpose: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    """What is older was let go, or gone through."""


class Access(Base):
    """Somebody read something about somebody."""

    __tablename__ = "access"
    __table_args__ = (Index(None, "reader", "at"), Index(None, "person", "at"), Index(None, "at"))

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The event's id."""
    at: Mapped[int] = mapped_column(BigInteger)
    reader: Mapped[str] = mapped_column(String(80))
    """An account, or `command line`."""
    what: Mapped[str] = mapped_column(String(20))
    """`pop` (a call brought it on the screen), `person`, one of statements.SEARCHES, `export`, `recording`."""
    person: Mapped[str] = mapped_column(String(40))
    """Its key, or empty."""
    call: Mapped[str] = mapped_column(String(80))
    """The call that was the reason to look, or empty: nobody of this person was calling."""
