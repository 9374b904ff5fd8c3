"""What is to be told to systems outside."""

from enum import StrEnum

from sqlalchemy import BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from history.models.base import Base


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    """Tried for as long as it is tried, or refused for good: somebody has to look."""


class Delivery(Base):
    """One state of a contact for one hook, written in the transaction that makes it. Those of a contact go in order."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(None, "hook", "call"),
        Index("ix_delivery_due", "hook", "next_at", sqlite_where=text("state = 'waiting'"),
              postgresql_where=text("state = 'waiting'")),
        Index(None, "state", "made_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    hook: Mapped[str] = mapped_column(String(40))
    call: Mapped[str] = mapped_column(String(80))
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    """A DeliveryState."""
    attempts: Mapped[int]
    next_at: Mapped[int] = mapped_column(BigInteger)
    error: Mapped[str] = mapped_column(String(200))
    """What went wrong last."""
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
