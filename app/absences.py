"""Clears up after an Asterisk that is gone with all its engines. Several may do so at once: what one did, the other
finds done."""

import asyncio
import logging

from core.clock import Clock
from queues.keeper import Absences, Gone, silent
from queues.model import Device
from queues.store.port import Store, StoreAway
from telephony.node import bury
from telephony.record import CallRecord

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class Keeper:
    """`run` until cancelled, or `look` by hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._absences: Absences | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except StoreAway as error:
                log.warning("who serves which Asterisk is not known: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Forget engines that are silent, and what belongs to an Asterisk that none serves."""
        store, now = self._store, self._clock()
        if self._absences is None:
            phones = {name for agent in (await store.snapshot()).agents for name in agent.devices}
            self._absences = Absences(phones | {record.asterisk for record in (await self._calls()).values()})
        nodes = await store.nodes()
        due = self._absences.look(nodes, now)
        for node in silent(nodes):
            if await store.forget_node(node.name, "silent", now):
                log.warning("engine %s is silent: it is not counted any more", node.name)
        for asterisk, what in due:
            log.warning("no engine serves %s: its %s are given up", asterisk, what)
            await (self._give_up_phones if what is Gone.PHONES else self._give_up_calls)(asterisk)

    async def _give_up_phones(self, asterisk: str) -> None:
        for agent in (await self._store.snapshot()).agents:
            if asterisk in agent.devices:
                await self._store.set_device(agent.id, Device.UNREACHABLE, self._clock(), asterisk)

    async def _give_up_calls(self, asterisk: str) -> None:
        for call, record in (await self._calls()).items():
            if record.asterisk == asterisk:
                await bury(self._store, call, record, "lost", self._clock())

    async def _calls(self) -> dict[str, CallRecord]:
        return {call: CallRecord.from_data(data) for call, data in (await self._store.live_calls()).items()}
