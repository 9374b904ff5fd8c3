"""Who is an agent here, and with which skills: the account in the database, and the same in the house that runs."""

from collections.abc import Mapping

from core.clock import Clock
from core.errors import GuichetError
from history.accounts import HIGHEST_LEVEL, Account, Accounts
from queues.model import Agent
from queues.store.port import Store

TOPIC = "accounts"
"""What the engines are nudged with when accounts changed: they look into the database (app/phones.py)."""
FIRST_EXTENSION = 1001


class Roster:
    """`store` is None while no house runs: then the accounts alone change, and the house takes them up at its start.
    `author` is who does it. What a person got wrong is a GuichetError, and nothing is changed."""

    def __init__(self, accounts: Accounts, store: Store | None, clock: Clock) -> None:
        self._accounts, self._store, self._clock = accounts, store, clock

    async def add(
        self, id: str, name: str, password: str, skills: Mapping[str, int], author: str, extension: str = ""
    ) -> Account:
        """A new agent; without an extension, on the next free one."""
        extension = extension or await self._free_extension()
        account = await self._accounts.add(id, extension, name or id.capitalize(), password, skills)
        await self._tell(account, author)
        return account

    async def remove(self, id: str, author: str) -> Account:
        """A call that they have goes on to its end; one that rings at their phone is back in line."""
        account = await self._accounts.remove(id)
        if self._store:
            await self._store.remove_agent(id, self._clock(), author)
            await self._store.nudge(TOPIC)
        return account

    async def change_skills(self, id: str, levels: Mapping[str, int], author: str, *, only: bool = False) -> Account:
        """These levels instead of the former ones, 0 for a skill that is to go; the other skills stay, but for `only`.
        It counts at once, also for those who wait."""
        before = (await self._accounts.find(id)).skills
        for skill, level in levels.items():
            if not 0 <= level <= HIGHEST_LEVEL:
                raise GuichetError(
                    f"The level of {skill!r} is a whole number from 1 to {HIGHEST_LEVEL}, or 0 for none."
                )
            if level == 0 and skill not in before:
                raise GuichetError(f"{id} has no skill {skill!r}; they have {', '.join(before) or 'none'}.")
        kept = {} if only else before
        account = await self._accounts.set_skills(
            id, {skill: level for skill, level in {**kept, **levels}.items() if level}
        )
        await self._tell(account, author)
        return account

    async def _tell(self, account: Account, author: str) -> None:
        if self._store:
            await self._store.put_agent(agent_of(account), self._clock(), author)
            await self._store.nudge(TOPIC)

    async def _free_extension(self) -> str:
        taken = {account.extension for account in await self._accounts.all()}
        number = FIRST_EXTENSION
        while str(number) in taken:
            number += 1
        return str(number)


def agent_of(account: Account) -> Agent:
    """As the line knows the agent."""
    return Agent(account.id, account.extension, account.name, dict(account.skills))
