"""What flows are told of opening hours: those of the call's own version of the town, under the switch as it is now."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from hours.calendar import local
from hours.definition import Hours
from hours.status import Status, status
from hours.switch import Switch, Switches, switch_for
from ivr.acts import Done, Refused, Value
from ivr.acts import Hours as Asked
from queues.store.port import StoreAway
from telephony.house import Towns
from telephony.parts import Told

log = logging.getLogger(__name__)

PATIENCE_S = 1.0
"""How long a call waits for the store: then what the switches said last counts."""


class TownHours:
    """The switches are read at each question, so that they hold on every engine at once."""

    def __init__(self, towns: Towns, switches: Switches) -> None:
        self._towns, self._switches = towns, switches
        self._last: Mapping[str, Mapping[str, Any]] = {}

    async def hours(self, act: Asked, at: int, version: str) -> Told:
        hours, now = self._hours(act.hours, version), await self.status(act.hours, at, version)
        return Done(told(hours, at, now)) if hours and now else Refused("unavailable")

    async def status(self, name: str, at: int, version: str) -> Status | None:
        """Of the hours of that name at a moment; None where that version has none."""
        hours = self._hours(name, version)
        return status(hours, at, await self.switch(name, at)) if hours else None

    def _hours(self, name: str, version: str) -> Hours | None:
        hours = self._towns.of(version).hours.get(name)
        if hours is None:
            log.error("hours: the town's version %s has no opening hours called %s", version, name)
        return hours

    async def switch(self, name: str, at: int) -> Switch | None:
        """The one that decides for these hours now."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                self._last = await self._switches.switches()
        except (StoreAway, TimeoutError):
            log.warning("hours: the store does not say how the switches stand; %s as it was known last", name)
        return switch_for(self._last, name, at)


def told(hours: Hours, at: int, now: Status) -> Mapping[str, Value]:
    """The values of an act Hours: moments in the local time of these hours, to the minute."""

    def moment(when: int | None) -> str | None:
        return None if when is None else f"{local(hours, when):%Y-%m-%dT%H:%M}"

    return {
        "open": now.open,
        "next_open": moment(now.next_open),
        "closes": moment(now.closes_at),
        "cause": str(now.cause),
        "now": moment(at),
    }
