"""Agents at SIP phones who take call after call, and how soon their phones ring again. Times in milliseconds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from random import Random

from asterisk_conf.site import Phone as Account
from telephony.phone import NotInTime, Phone, PhoneError

AGENT_IP = "127.0.0.3"
TALK_S = (1.5, 2.5)
"""From and to: each conversation lasts some time between, so that agents do not come free all at once."""
LOGGING_IN_S = 20.0


class Team:
    """Each answers at once, talks, hangs up, and waits for the next call. `gaps`: from each hanging up until that very
    phone rang again, since `begin`."""

    def __init__(self, phones: Sequence[Phone], random: Random, talk_s: tuple[float, float] = TALK_S) -> None:
        self._phones = phones
        self._random = random
        self._talk_s = talk_s
        self._since = 0.0
        self.gaps: list[float] = []

    async def dial(self, code: str) -> None:
        """All of them dial it and listen to the end."""
        calls = [await phone.call(code) for phone in self._phones]
        for call in calls:
            await call.ended.wait(LOGGING_IN_S)

    def begin(self) -> None:
        """What is measured begins now."""
        self._since, self.gaps = time.monotonic(), []

    async def work(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for phone in self._phones:
                tasks.create_task(self._take_calls(phone))

    async def _take_calls(self, phone: Phone) -> None:
        free = 0.0
        while True:
            call = await phone.incoming.get()
            rang = call.ringing.at
            if rang is not None and free > self._since > 0:
                self.gaps.append((rang - free) * 1000)
            call.answer()
            with contextlib.suppress(NotInTime):
                await call.ended.wait(self._random.uniform(*self._talk_s))
            free = time.monotonic()
            with contextlib.suppress(PhoneError):  # a busy Asterisk may be long in saying that it heard it
                await call.hang_up()


@contextlib.asynccontextmanager
async def team(accounts: Sequence[Account], sip_port: int) -> AsyncIterator[Team]:
    """With all phones registered."""
    async with contextlib.AsyncExitStack() as stack:
        phones = []
        for account in accounts:
            phone = Phone(account.extension, account.password, ("127.0.0.1", sip_port), AGENT_IP)
            phones.append(await stack.enter_async_context(phone))
            await phone.register()
        yield Team(phones, Random(1))
