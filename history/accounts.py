"""Who answers: agents' accounts, the phones they register and what they can do."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from core.filemodel import nearest
from core.text import clean_name
from history.database import writing
from history.models import AgentAccount

PASSWORD_LENGTH = 24
PASSWORD_LETTERS = string.ascii_letters + string.digits
"""Nothing that a SIP configuration or a shell could read as its own."""
HIGHEST_LEVEL = 10

_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
_EXTENSION = re.compile(r"[0-9]{2,10}")
_PASSWORD = re.compile(r"[A-Za-z0-9]{16,80}")

DEMO: tuple[tuple[str, str, Mapping[str, int]], ...] = (
    ("camille", "Camille", {"accueil": 2, "etat-civil": 3, "identite": 3, "voirie": 2}),
    ("dominique", "Dominique", {"accueil": 3, "etat-civil": 1, "ecoles": 3, "social": 2}),
    ("sacha", "Sacha", {"accueil": 1, "voirie": 3, "ecoles": 1}),
    ("yannick", "Yannick", {"etat-civil": 2, "identite": 1, "logement": 3, "social": 3, "voirie": 1}),
)
DEMO_FIRST_EXTENSION = 1001


@dataclass(frozen=True, slots=True)
class Account:
    """An agent as the system knows them; `sip_password` in clear."""

    id: str
    extension: str
    name: str
    sip_password: str = field(repr=False)
    skills: dict[str, int]
    """Skill to level, from 1 to 10."""


class Accounts:
    """Whatever a person got wrong is a GuichetError, and nothing is changed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def all(self) -> list[Account]:
        """All of them, by extension."""
        async with self._engine.connect() as connection:
            found = await connection.execute(select(AgentAccount.__table__).order_by(AgentAccount.extension))
            return [_account(row) for row in found.mappings()]

    async def add(self, id: str, extension: str, name: str, sip_password: str, skills: Mapping[str, int]) -> Account:
        account = Account(id, extension, clean_name(name), sip_password, dict(skills))
        _check(account)
        try:
            async with writing(self._engine) as connection:
                await connection.execute(insert(AgentAccount), [_row(account)])
        except IntegrityError:
            raise GuichetError(
                f"There is an agent {id!r} or an extension {extension} already; choose another one."
            ) from None
        return account

    async def find(self, id: str) -> Account:
        """GuichetError where there is no such agent, with the nearest name."""
        accounts = {account.id: account for account in await self.all()}
        if id not in accounts:
            raise GuichetError(f"There is no agent {id!r}{nearest(id, list(accounts))}.")
        return accounts[id]

    async def remove(self, id: str) -> Account:
        account = await self.find(id)
        async with writing(self._engine) as connection:
            await connection.execute(delete(AgentAccount).where(AgentAccount.id == id))
        return account

    async def set_skills(self, id: str, skills: Mapping[str, int]) -> Account:
        """Replaces all skills of the agent."""
        _check_skills(skills)
        change = update(AgentAccount).where(AgentAccount.id == id).values(skills=dict(skills))
        async with writing(self._engine) as connection:
            found = (await connection.execute(change.returning(AgentAccount.__table__))).mappings().first()
        if found is None:
            raise GuichetError(f"There is no agent {id!r}; `./guichet agents list` shows them.")
        return _account(found)

    async def make_demo(self, random: Random) -> list[Account]:
        """Four agents who between them serve the queues of the demo town, with passwords from `random` (SystemRandom,
        but in tests); none where there is an account already. Gives those made."""
        accounts = [
            Account(id, str(DEMO_FIRST_EXTENSION + place), name, new_password(random), dict(skills))
            for place, (id, name, skills) in enumerate(DEMO)
        ]
        async with writing(self._engine) as connection:
            if (await connection.execute(select(AgentAccount.id).limit(1))).first():
                return []
            await connection.execute(insert(AgentAccount), [_row(account) for account in accounts])
        return accounts


def new_password(random: Random) -> str:
    """About 140 bits where `random` is a SystemRandom."""
    return "".join(random.choices(PASSWORD_LETTERS, k=PASSWORD_LENGTH))


def _check(account: Account) -> None:
    if not _ID.fullmatch(account.id):
        raise GuichetError(
            f"{account.id!r} cannot be an agent's id: use a letter, then letters, digits or -, in lower case."
        )
    if not _EXTENSION.fullmatch(account.extension):
        raise GuichetError(f"{account.extension!r} cannot be an extension: use 2 to 10 digits.")
    if not _PASSWORD.fullmatch(account.sip_password):
        raise GuichetError("A SIP password has 16 to 80 letters and digits, and nothing else.")
    _check_skills(account.skills)


def _check_skills(skills: Mapping[str, int]) -> None:
    for skill, level in skills.items():
        if not _ID.fullmatch(skill):
            raise GuichetError(f"{skill!r} cannot be a skill: use a letter, then letters, digits or -, in lower case.")
        if isinstance(level, bool) or not isinstance(level, int) or not 1 <= level <= HIGHEST_LEVEL:
            raise GuichetError(f"The level of {skill!r} is a whole number from 1 to {HIGHEST_LEVEL}.")


def _row(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "extension": account.extension,
        "name": account.name,
        "sip_password": account.sip_password,
        "skills": account.skills,
    }


def _account(row: RowMapping) -> Account:
    return Account(row["id"], row["extension"], row["name"], row["sip_password"], row["skills"])
