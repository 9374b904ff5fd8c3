"""The tables of those who sign in. Times are milliseconds since 1970 UTC."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from history.models import Base


class StaffAccount(Base):
    """Somebody who may sign in to the pages; an agent, if `agent_id` says which."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    roles: Mapped[list[Any]]
    """Of `history.staff.Role`."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; NULL where somebody else vouches for them (OpenID Connect)."""
    agent_id: Mapped[str | None] = mapped_column(ForeignKey("agent_account.id", ondelete="SET NULL"), unique=True)
    language: Mapped[str] = mapped_column(String(10))
    since: Mapped[int] = mapped_column(BigInteger)
    barred_at: Mapped[int | None] = mapped_column(BigInteger)
    """From then on nobody signs in by it."""


class StaffSession(Base):
    """Somebody signed in, in one browser. What the browser holds is not kept, only its digest."""

    __tablename__ = "staff_session"
    __table_args__ = (Index(None, "staff_id", "ends_at"),)

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    began_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
    ends_at: Mapped[int] = mapped_column(BigInteger)
    """At the latest; earlier where nothing is heard of it for long."""
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(80))


class SignIn(Base):
    """One try to sign in, kept to slow down guessing and for whoever looks into it later."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "at"), Index(None, "staff_id", "at"), Index(None, "address", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger)
    staff_id: Mapped[str] = mapped_column(String(40))
    """As it was typed, cleaned; there may be no such account."""
    address: Mapped[str] = mapped_column(String(45))
    outcome: Mapped[str] = mapped_column(String(20))
    """signed_in, wrong, barred or too_many."""


class StaffSubject(Base):
    """By which identity of an OpenID Connect issuer somebody signs in."""

    __tablename__ = "staff_subject"

    issuer: Mapped[str] = mapped_column(String(200), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    """`sub`: what the issuer never gives to anybody else."""
    staff_id: Mapped[str] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), unique=True)
    since: Mapped[int] = mapped_column(BigInteger)
