"""The agents' accounts as this engine and its Asterisk know them: taken up again whenever they change."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.house import AGENTS_FILE
from app.install.programs import Programs
from app.prepare import owner, site, told
from app.settings import Settings
from asterisk_conf.console import command
from asterisk_conf.site import Phone
from asterisk_conf.write import write
from core.errors import GuichetError
from core.whole import write_whole
from history.accounts import Account, Accounts
from history.roster import TOPIC, agent_of
from queues.model import Agent
from queues.store.port import StoreAway
from telephony.house import House

log = logging.getLogger(__name__)

WAIT_MS = 10_000
RETRY_S = 1.0


class Phones:
    """`at` says whose phone has which extension."""

    def __init__(self, settings: Settings, programs: Programs, accounts: Accounts) -> None:
        self._settings, self._programs, self._accounts = settings, programs, accounts
        self.at: dict[str, str] = {}

    async def begin(self, house: House) -> None:
        """At the engine's start, when Asterisk was started with the accounts that there are. An embedded store knows no
        other agents than those of the accounts: who was removed while no house ran is removed there."""
        accounts = await self._accounts.all()
        self._know(accounts)
        for account in accounts:
            await house.store.put_agent(agent_of(account), house.clock())
        if not self._settings.redis_url:
            known = {account.id for account in accounts}
            for agent in (await house.store.snapshot()).agents:
                if agent.id not in known:
                    await house.store.remove_agent(agent.id, house.clock())

    async def agents(self) -> list[Agent]:
        """As the accounts say now."""
        return [agent_of(account) for account in await self._accounts.all()]

    async def follow(self, house: House, numbers: Callable[[], Sequence[str]]) -> None:
        """Take up every change, for ever. `numbers` gives those that may be dialled."""
        cursor = "0"  # a nudge from before the start does no harm: nothing differs
        while True:
            try:
                if (news := await house.store.nudged(TOPIC, cursor, WAIT_MS)) != cursor:
                    await self._take_up(numbers())
                    cursor = news
            except (StoreAway, SQLAlchemyError, GuichetError) as error:
                log.warning("changed accounts cannot be taken up yet: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _take_up(self, numbers: Sequence[str]) -> None:
        accounts = await self._accounts.all()
        phones = [Phone(account.extension, account.sip_password) for account in accounts]
        files = site(self._settings, self._programs, numbers)
        changes = await asyncio.to_thread(write, files, phones, owner())
        for reload in changes.reloads:
            await command(self._settings.asterisk_home, reload)
            log.info("Asterisk was told: %s", reload)
        if changes.restart:
            log.warning("Asterisk takes up %s at the next start only", ", ".join(changes.files))
        self._know(accounts)

    def _know(self, accounts: Sequence[Account]) -> None:
        at = {account.extension: account.id for account in accounts}
        for gone in set(self.at) - set(at):
            del self.at[gone]
        self.at.update(at)
        shown = [told(account, self._settings) for account in accounts]
        write_whole(self._settings.run / AGENTS_FILE, json.dumps(shown))
