"""Conversations of more than two, on Asterisk: an agent's phone is taken out of the one it is in, so that it can ask
somebody while the caller waits, and is brought into a room with the caller, or leaves the caller to whom it asked.

A room is a ConfBridge: the caller waits in it, with music, until an agent comes, and is let go with the last one
(confbridge.conf). Agents' phones are moved by AMI's Redirect into the dialplan's [desk], whatever they are and whoever
holds them; the caller's own line only ever runs a command of its engine."""

import logging

from telephony.asterisk import variables
from telephony.asterisk.ami import Ami, AmiRefused
from telephony.asterisk.devices import talking_with

log = logging.getLogger(__name__)

DESK = "desk"
"""The dialplan's context for agents' phones that were taken out of a conversation."""
NORMAL = "16"
"""Q.850's cause of a call that came to its end."""
AWAY = (ConnectionError, TimeoutError, AmiRefused)


class Rooms:
    """As one caller's line uses them. Channels are Asterisk's names of them; nothing raises: what could not be done is
    False or ''."""

    def __init__(self, ami: Ami, uniqueid: str, channel: str) -> None:
        self._ami, self._uniqueid, self._channel = ami, uniqueid, channel

    async def part(self) -> None:
        """Whoever talks with the caller hangs up."""
        for other in await talking_with(self._ami, self._uniqueid):
            await self.hang_up(other)

    async def hang_up(self, channel: str) -> None:
        await self._do("Hangup", Channel=channel, Cause=NORMAL)

    async def send_off(self, entry: str) -> str:
        """The phone that talks with the caller goes to ask somebody; its channel."""
        others = await talking_with(self._ami, self._uniqueid)
        if len(others) != 1 or not await self._go(others[0], "consult", entry, ""):
            return ""
        return others[0]

    async def fetch(self, agent: str, asked: str, room: str) -> str:
        """Whoever talks with the agent's channel comes into the room, under the entry `asked`; its channel."""
        others = await talking_with(self._ami, channel=agent)
        if len(others) != 1 or not await self._go(others[0], "room", asked, room):
            return ""
        return others[0]

    async def fetch_both(self, agent: str, entry: str, asked: str, room: str) -> bool:
        """Both of them."""
        others = await talking_with(self._ami, channel=agent)
        if len(others) != 1:
            return False
        prepared = [await self._mark(agent, entry, room), await self._mark(others[0], asked, room)]
        at = {"Context": DESK, "Exten": "room", "Priority": "1"}
        extra = {f"Extra{name}": value for name, value in at.items()}
        return all(prepared) and await self._do("Redirect", Channel=others[0], ExtraChannel=agent, **at, **extra)

    async def fetch_agent(self, agent: str, entry: str, room: str) -> bool:
        """The agent's channel comes into the room, whatever it does."""
        return await self._go(agent, "room", entry, room)

    async def clear(self, room: str) -> None:
        """Nobody stays in it."""
        await self._do("ConfbridgeKick", Conference=room, Channel="all")

    async def is_there(self, channel: str) -> bool:
        return await self._do("Getvar", Channel=channel, Variable="CHANNEL(state)")

    async def _go(self, channel: str, where: str, entry: str, room: str) -> bool:
        return await self._mark(channel, entry, room) and await self._do(
            "Redirect", Channel=channel, Context=DESK, Exten=where, Priority="1"
        )

    async def _mark(self, channel: str, entry: str, room: str) -> bool:
        """What the dialplan and the scripts it asks go by."""
        told = {variables.LEG: entry, variables.ROOM: room, variables.END: ""}
        return all([await self._do("Setvar", Channel=channel, Variable=k, Value=v) for k, v in told.items()])

    async def _do(self, action: str, **fields: str) -> bool:
        try:
            await self._ami.action(action, **fields)
        except AWAY as error:
            log.warning("%s: %s %s: %s", self._channel, action, fields, error or "Asterisk does not answer")
            return False
        return True
