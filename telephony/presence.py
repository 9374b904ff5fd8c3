"""An engine among others: it says again and again that it is there, and so learns when the store has forgotten
everything. Then it tells the store again what it knows.

What a wiped store gets back: the agents' accounts; every live call of this engine, with its session and its place in
line, or with the agent it is rung at or talks with; whom agents ask meanwhile, and the messages that they hear; what
each agent had last chosen, as far as history recorded it; where the phones are. What stands in the store alone, the
history tells (retelling.py). What nobody knows any more: wrap-ups in course (the agent is idle), unanswered offers in a
row, calls and work counted since the log-in, and events that history had not recorded yet."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from core.errors import GuichetError
from queues.model import Agent, Status
from queues.store.port import CHOSEN_WITHIN_MS, StoreAway
from telephony.house import House

log = logging.getLogger(__name__)

ANNOUNCE_EVERY_S = 1.0
CHOSEN_PATIENCE_S = 1.0
"""How long the history is waited for at a time; a call may wait for it, too (House.told_again)."""


class Chosen(NamedTuple):
    """What an agent last chose."""

    agent: str
    status: Status
    reason: str


class Presence:
    """`agents`: the accounts; `chosen`: what they chose, the earliest first, or GuichetError where that is not known
    now; `tell_devices`: makes every phone's state be told anew."""

    def __init__(
        self,
        house: House,
        agents: Callable[[], Awaitable[Sequence[Agent]]],
        chosen: Callable[[], Awaitable[Sequence[Chosen]]],
        tell_devices: Callable[[], None],
    ) -> None:
        self._house, self._agents, self._chosen, self._tell_devices = house, agents, chosen, tell_devices
        self._begun = 0
        self._ours = 0
        """The beginning of the store that was ours, until it is told what agents had chosen: whoever begins it does."""
        self._ours_at = 0
        self.untold = asyncio.Event()
        """The store is still to be told what the history knows."""
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except StoreAway as error:
                log.warning("node %s cannot be announced: %s", self._house.node, error)
            await asyncio.sleep(ANNOUNCE_EVERY_S)

    async def look(self) -> bool:
        """Announce this engine. True where the store had forgotten everything and was told again."""
        house = self._house
        async with self._one_at_a_time:
            begun, fresh, told = await house.store.announce(house.node, house.asterisk, house.clock())
            (self.untold.clear if told else self.untold.set)()
            if fresh:
                self._ours, self._ours_at = begun, house.clock()
            known = self._begun
            if wiped := known not in (0, begun):
                await self._tell_again()
            if self._ours == begun and (known_of := await self._tell_chosen()) is not None:
                await house.store.agents_told(begun, house.node, known_of, house.clock())
                self._ours = 0
            self._begun = begun
            return wiped

    async def leave(self) -> None:
        """This engine takes no calls any more."""
        await self._house.store.forget_node(self._house.node, "stopped", self._house.clock())

    async def _tell_again(self) -> None:
        """The calls in the order of their places; who talks before anybody could be offered another call."""
        house = self._house
        log.warning("the store has forgotten everything: it is told again")
        for agent in await self._agents():
            await house.store.put_agent(agent, house.clock())
        calls = sorted(house.calls.values(), key=lambda call: call.place)
        for call in calls:
            await call.tell_again()
        for each in (house.consults, house.messages):
            if each:
                await each.tell_again()
        self._tell_devices()
        log.warning("the store knows %d calls of %s again", len(calls), house.node)

    async def _tell_chosen(self) -> bool | None:
        """But where an agent chose anew meanwhile. False: nobody will know it any more; None: it is to be tried
        again."""
        house = self._house
        try:
            async with asyncio.timeout(CHOSEN_PATIENCE_S):
                all_chosen = await self._chosen()
        except (GuichetError, TimeoutError) as error:
            late = house.clock() - self._ours_at >= CHOSEN_WITHIN_MS
            what = "they log in anew" if late else "it is asked again"
            log.error("what agents had chosen is not known, %s: %s", what, error or "the history does not answer")
            return False if late else None
        for agent, status, reason in all_chosen:
            known = await house.store.agent(agent)
            if known and known.status is Status.OFFLINE is not status:
                await house.store.set_status(agent, status, reason, "", house.clock())
        return True
