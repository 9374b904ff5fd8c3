"""Who may sign in to the pages, and who is: accounts with roles, passwords by Argon2id, sessions that end.

Guessing is slowed down by counting what went wrong in the last quarter of an hour, for an account from one address, for
an address, and for an account; the first of these is small, so that nobody can lock an agent out from elsewhere."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from core.clock import Clock
from core.errors import GuichetError
from core.text import clean_name
from history.accounts import new_password
from history.database import is_away, writing
from history.staff_models import SignIn, StaffAccount, StaffSession

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
SESSION_MS = 14 * 3600 * 1000
"""A long shift, and no more."""
IDLE_MS = 2 * 3600 * 1000
"""A browser of which nothing is heard for so long has to sign in again."""
STILL_WITHIN_S = 2.0
"""An open page waits so long for the database to say that its session goes on."""
SEEN_EVERY_MS = 60_000
"""How often it is written down that a session is in use."""
WINDOW_MS = 15 * 60 * 1000
MOST_WRONG_HERE = 5
"""Of one account from one address."""
MOST_WRONG_ADDRESS = 30
MOST_WRONG_ACCOUNT = 100
HASHES_AT_ONCE = 2
"""Each takes a core and 64 MiB for a moment."""
KEPT_MS = 90 * 24 * 3600 * 1000
"""Tries to sign in are forgotten after that."""

_ID = re.compile(r"[a-z][a-z0-9.-]{0,39}")


class Role(StrEnum):
    AGENT = "agent"
    """Takes calls."""
    SUPERVISOR = "supervisor"
    """Sees all queues and agents, and steers them."""
    ADMIN = "admin"
    """Accounts, flows and settings."""
    AUDITOR = "auditor"
    """Reads who did what, and changes nothing."""


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who may sign in."""

    id: str
    name: str
    roles: frozenset[Role]
    agent: str | None
    """The agent that they are."""
    language: str
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. `digest` names the session without opening it."""

    staff: Staff
    digest: str
    began_at: int
    ends_at: int
    address: str
    browser: str


class Refused(Exception):
    """Not signed in. `wait_s`: how long there is no use in trying again, 0 where there is."""

    def __init__(self, wait_s: int = 0) -> None:
        super().__init__("too many tries" if wait_s else "the account and the password do not go together")
        self.wait_s = wait_s


class StaffAccounts:
    """Whatever a person got wrong is a GuichetError, and nothing is changed."""

    def __init__(self, engine: AsyncEngine, clock: Clock, hasher: PasswordHasher | None = None) -> None:
        self._engine, self._clock = engine, clock
        self._hasher = hasher or PasswordHasher()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)
        self._nobodys: str | None = None
        """A hash that is checked where there is no account, so that both take as long."""

    # --- accounts -----------------------------------------------------------------------------------------------

    async def all(self) -> list[Staff]:
        """All of them, by id."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(StaffAccount.__table__).order_by(StaffAccount.id))
            return [staff_of(row) for row in found.mappings()]

    async def add(
        self, id: str, name: str, roles: Collection[str], password: str | None = None, agent: str | None = None,
        language: str = "fr",
    ) -> Staff:  # fmt: skip
        """Without a password only OpenID Connect lets them in."""
        if not _ID.fullmatch(id):
            raise GuichetError(f"{id!r} cannot be an account: use a letter, then letters, digits, - or dots.")
        if agent is None and Role.AGENT in roles:
            raise GuichetError("An account with the role agent says which agent: give `agent`.")
        row = {
            "id": id,
            "name": clean_name(name) or id,
            "roles": sorted(_roles(roles)),
            "password_hash": None if password is None else await self._hash(password, id),
            "agent_id": agent,
            "language": language,
            "since": self._clock(),
            "barred_at": None,
        }
        try:
            async with writing(self._engine) as connection:
                await connection.execute(insert(StaffAccount), [row])
        except IntegrityError:
            raise GuichetError(
                f"There is an account {id!r} already, or one for that agent, or no such agent."
            ) from None
        return Staff(id, str(row["name"]), _roles(roles), agent, language)

    async def change(self, id: str, *, roles: Collection[str] | None = None, password: str | None = None,
                     barred: bool | None = None) -> Staff:  # fmt: skip
        """Whatever is given. A new password and barring end all sessions."""
        values: dict[str, object] = {}
        if roles is not None:
            values["roles"] = sorted(_roles(roles))
        if password is not None:
            values["password_hash"] = await self._hash(password, id)
        if barred is not None:
            values["barred_at"] = self._clock() if barred else None
        if not values:
            raise GuichetError("Nothing was given to change.")
        async with writing(self._engine) as connection:
            statement = update(StaffAccount).where(StaffAccount.id == id).values(values)
            row = (await connection.execute(statement.returning(StaffAccount.__table__))).mappings().first()
            if row is None:
                raise GuichetError(f"There is no account {id!r}; `./guichet accounts list` shows them.")
            if password is not None or barred:
                await connection.execute(delete(StaffSession).where(StaffSession.staff_id == id))
        return staff_of(row)

    async def make_demo(self, agents: Sequence[tuple[str, str]], random: Random) -> dict[str, str]:
        """An account for each of these agents (id, name) and a supervisor, where there is no account at all; gives
        their passwords."""
        if await self.all():
            return {}
        passwords = {id: new_password(random) for id, _ in agents} | {"superviseur": new_password(random)}
        for id, name in agents:
            await self.add(id, name, [Role.AGENT], passwords[id], agent=id)
        await self.add("superviseur", "Superviseur", [Role.SUPERVISOR, Role.ADMIN], passwords["superviseur"])
        return passwords

    # --- signing in and out -------------------------------------------------------------------------------------

    async def sign_in(self, id: str, password: str, address: str, browser: str = "") -> tuple[str, Session]:
        """Gives the token, which only the browser keeps, and the session. Raises Refused."""
        id, now = clean_name(id)[:40], self._clock()
        async with self._engine.connect() as connection:
            wait_s = await _wait(connection, id, address, now)
            row = (
                (await connection.execute(select(StaffAccount.__table__).where(StaffAccount.id == id)))
                .mappings()
                .first()
            )
        if wait_s:
            await self._note(id, address, "too_many", now)
            raise Refused(wait_s)
        if not await self._verified(row, password):
            await self._note(id, address, "wrong", now)
            raise Refused
        assert row is not None
        if row["barred_at"] is not None:
            await self._note(id, address, "barred", now)
            raise Refused
        return await self.begin(staff_of(row), address, browser)

    async def begin(self, staff: Staff, address: str, browser: str = "") -> tuple[str, Session]:
        """A session for somebody whose identity is certain."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(staff, digest_of(token), now, now + SESSION_MS, address[:45], clean_name(browser))
        row = {"digest": session.digest, "staff_id": staff.id, "began_at": now, "seen_at": now,
               "ends_at": session.ends_at, "address": session.address, "browser": session.browser}  # fmt: skip
        async with writing(self._engine) as connection:
            await connection.execute(insert(StaffSession), [row])
            await _forget(connection, now)
            await connection.execute(insert(SignIn), [_try(staff.id, session.address, "signed_in", now)])
        return token, session

    async def session(self, token: str) -> Session | None:
        """The session that this token opens, if it has not ended and its account may still sign in."""
        return await self.session_named(digest_of(token))

    async def session_named(self, digest: str) -> Session | None:
        """The same, for a connection that was opened by its token before."""
        now = self._clock()
        joined = select(StaffSession.__table__, StaffAccount.__table__).join(
            StaffAccount, StaffAccount.id == StaffSession.staff_id
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(joined.where(StaffSession.digest == digest))).mappings().first()
        if row is None or row["barred_at"] is not None or min(row["ends_at"], row["seen_at"] + IDLE_MS) <= now:
            return None
        if now - row["seen_at"] >= SEEN_EVERY_MS:
            async with writing(self._engine) as connection:
                seen = update(StaffSession).where(StaffSession.digest == digest).values(seen_at=now)
                await connection.execute(seen)
        return _session(row)

    async def session_still(self, session: Session) -> Session | None:
        """The same, for a connection that stays open: while the database is away, or takes longer than a moment, the
        session is as it was known last, until it would end by itself. Who is in a call then goes on."""
        try:
            async with asyncio.timeout(STILL_WITHIN_S):
                return await self.session_named(session.digest)
        except (SQLAlchemyError, OSError) as error:
            if not is_away(error):
                raise
            return session if self._clock() < session.ends_at else None

    async def end(self, digest: str) -> None:
        """Sign out."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(StaffSession).where(StaffSession.digest == digest))

    async def end_all(self, id: str) -> int:
        """End every session of an account; gives how many there were."""
        async with writing(self._engine) as connection:
            ended = delete(StaffSession).where(StaffSession.staff_id == id).returning(StaffSession.digest)
            return len((await connection.scalars(ended)).all())

    # --- passwords ----------------------------------------------------------------------------------------------

    async def _hash(self, password: str, id: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise GuichetError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
        if password.casefold() in (id * 10).casefold():
            raise GuichetError("A password is not made of the account's own name.")
        async with self._hashing:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _verified(self, row: RowMapping | None, password: str) -> bool:
        known = row["password_hash"] if row else None
        if known is None:
            known = self._nobodys = self._nobodys or await self._hash(secrets.token_hex(16), "")
        async with self._hashing:
            right = await asyncio.to_thread(self._matches, known, password[: LONGEST_PASSWORD + 1])
        return right and row is not None and row["password_hash"] is not None

    def _matches(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (Argon2Error, InvalidHashError):
            return False

    async def _note(self, id: str, address: str, outcome: str, at: int) -> None:
        async with writing(self._engine) as connection:
            await connection.execute(insert(SignIn), [_try(id, address, outcome, at)])


def digest_of(token: str) -> str:
    """By which a session is found; a token is too random to be guessed from it."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def _wait(connection: AsyncConnection, id: str, address: str, now: int) -> int:
    """Seconds to wait before a try is looked at; 0: none."""
    table = SignIn.__table__.c
    wrong = select(table.staff_id, table.address, func.count().label("many"), func.min(table.at).label("first"))
    wrong = wrong.where(table.at > now - WINDOW_MS, table.outcome == "wrong")
    wrong = wrong.where(or_(table.staff_id == id, table.address == address)).group_by(table.staff_id, table.address)
    rows = (await connection.execute(wrong)).mappings().all()
    limits = (
        (MOST_WRONG_HERE, [row for row in rows if row["staff_id"] == id and row["address"] == address]),
        (MOST_WRONG_ADDRESS, [row for row in rows if row["address"] == address]),
        (MOST_WRONG_ACCOUNT, [row for row in rows if row["staff_id"] == id]),
    )
    over = [min(row["first"] for row in found) for most, found in limits if sum(r["many"] for r in found) >= most]
    return max((-(-(first + WINDOW_MS - now) // 1000) for first in over), default=0)


async def _forget(connection: AsyncConnection, now: int) -> None:
    await connection.execute(delete(SignIn).where(SignIn.at < now - KEPT_MS))
    await connection.execute(delete(StaffSession).where(StaffSession.ends_at < now))


def _try(id: str, address: str, outcome: str, at: int) -> Mapping[str, object]:
    return {"at": at, "staff_id": id, "address": address[:45], "outcome": outcome}


def _roles(roles: Collection[str]) -> frozenset[Role]:
    try:
        return frozenset(Role(role) for role in roles)
    except ValueError:
        raise GuichetError(f"roles are some of {', '.join(Role)}.") from None


def staff_of(row: RowMapping) -> Staff:
    """From a row of the table of accounts."""
    roles = frozenset(Role(role) for role in row["roles"])
    return Staff(row["id"], row["name"], roles, row["agent_id"], row["language"], row["barred_at"] is not None)


def _session(row: RowMapping) -> Session:
    return Session(staff_of(row), row["digest"], row["began_at"], row["ends_at"], row["address"], row["browser"])
