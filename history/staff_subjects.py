"""Which account an OpenID Connect issuer's identity opens: said by an admin, one for each account."""

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import Clock
from core.errors import GuichetError
from history.database import writing
from history.staff import Staff, staff_of
from history.staff_models import StaffAccount, StaffSubject

LONGEST_SUBJECT = 255


class StaffSubjects:
    """Whatever a person got wrong is a GuichetError, and nothing is changed."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    async def link(self, id: str, issuer: str, subject: str) -> None:
        """In place of an identity that the account had before."""
        if not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise GuichetError(f"A subject has 1 to {LONGEST_SUBJECT} characters, as the issuer's `sub` says it.")
        row = {"issuer": issuer, "subject": subject, "staff_id": id, "since": self._clock()}
        try:
            async with writing(self._engine) as connection:
                if await connection.scalar(select(StaffAccount.id).where(StaffAccount.id == id)) is None:
                    raise GuichetError(f"There is no account {id!r}; `./guichet accounts list` shows them.")
                await connection.execute(delete(StaffSubject).where(StaffSubject.staff_id == id))
                await connection.execute(insert(StaffSubject), [row])
        except IntegrityError:
            raise GuichetError(f"Another account is linked with the subject {subject!r} already.") from None

    async def unlink(self, id: str) -> bool:
        """False where there was none."""
        async with writing(self._engine) as connection:
            gone = delete(StaffSubject).where(StaffSubject.staff_id == id).returning(StaffSubject.subject)
            return (await connection.scalar(gone)) is not None

    async def whose(self, issuer: str, subject: str) -> Staff | None:
        """The account, barred ones too."""
        found = select(StaffAccount.__table__).join(StaffSubject, StaffSubject.staff_id == StaffAccount.id)
        found = found.where(StaffSubject.issuer == issuer, StaffSubject.subject == subject)
        async with self._engine.connect() as connection:
            row = (await connection.execute(found)).mappings().first()
        return staff_of(row) if row else None
