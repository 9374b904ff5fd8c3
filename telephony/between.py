"""A caller whose agent asks somebody: on hold with music, then in a room with the agent, or with whom they asked, or
with both. It is what the caller's own line does; the agent's phone is moved from here, and by itself runs
telephony/consulting.py.

What is wanted stands in the entry (Entry.onward), where the desk and the agent's line put it:

    consult   the agent asks somebody: the caller waits
    cancel    the agent talks with the caller again
    join      all three talk
    complete  whom they asked talks with the caller; the agent is free

A caller whose agent is gone is not lost: where the other one was reached they are sent to them, else they come back to
the agent, or to the front of the line."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from core.errors import CallerGone
from queues.model import Entry, EntryState
from telephony.onward import back, target

if TYPE_CHECKING:
    from telephony.line import Line

log = logging.getLogger(__name__)

ASKING = frozenset({"consult", "cancel", "join", "complete"})
"""How an agent goes about it."""


class Between:
    """Of one line, from the first time that its agent asks somebody."""

    def __init__(self, line: "Line") -> None:
        self._line, self._channel = line, line.channel
        self._house, self._deeds = line.house, line.ways_out.deeds
        self._one_at_a_time = asyncio.Lock()

    async def told(self, onward: dict[str, Any]) -> None:
        """From another task: see to the agent's phone, then wake the caller's line."""
        async with self._one_at_a_time:
            if onward["id"] != self._done:
                await self._act(onward)
        await self._channel.wake()

    @property
    def _done(self) -> str:
        return str(self._deeds.record.asked.get("done", ""))

    async def _act(self, onward: dict[str, Any]) -> None:
        """Once for each thing that is wanted, whichever engine does it."""
        line, asked, rooms = self._line, self._deeds.record.asked, self._channel.rooms
        entry, agent = line.entry.id, asked.get("channel", "")
        there = bool(onward.get("there"))
        done = True
        match onward["how"]:
            case "consult" if not onward.get("answered"):
                agent = await rooms.send_off(entry)
                done = bool(agent)
                asked["room"] = entry
            case "cancel" if not there:
                done = await rooms.fetch_agent(agent, entry, asked["room"])
            case "join" if not there:
                done = await rooms.fetch_both(agent, entry, onward["consult"], asked["room"])
            case "complete":
                if not there:
                    done = bool(await rooms.fetch(agent, onward["consult"], asked["room"]))
                    await rooms.hang_up(agent)
        asked |= {"channel": agent, "done": onward["id"]}
        if onward["how"] in ("cancel", "join") or (onward["how"] == "complete" and not there):
            asked["visit"] = onward["id"]  # the caller comes into the room for it; else they are there already
        await self._deeds.save()
        if not done:
            log.warning("call %s: %s of %s could not be done", line.entry.call, onward["how"], onward["author"])
            await self._lost(onward)
        elif onward["how"] == "complete":
            await self._hand_over(onward)

    async def _lost(self, onward: dict[str, Any]) -> None:
        """The agent's phone, or the other one, is not there any more."""
        line = self._line
        way = {**back(onward), "id": f"{onward['id']}-lost"}
        await self._house.store.direct(line.entry.id, line.entry.agent, way, self._house.clock())

    async def _hand_over(self, onward: dict[str, Any]) -> None:
        """The conversation with whom the agent asked is the caller's own from now on; the agent's is over."""
        store, now, line, record = self._house.store, self._house.clock(), self._line, self._deeds.record
        if target(onward)[0] == "service":
            return  # nobody of ours: the call's record says where it went, once the conversation here is over
        former = line.entry.id
        adopted = await store.adopt(onward["consult"], self._house.node, self._channel.name)
        if adopted is None or adopted[0].state is not EntryState.CONNECTED:
            await self._lost(onward)
            return
        record.entry, record.asked = adopted[0].id, {**record.asked, "former": former}
        line.entry = adopted[0]
        await self._deeds.save()
        await store.hand_over(line.entry.id, former, now)
        await self._end_former()

    async def _end_former(self) -> None:
        """The agent who asked is in wrap-up."""
        store, now, record = self._house.store, self._house.clock(), self._deeds.record
        if former := record.asked.pop("former", ""):
            known = await store.entry(former)
            if known and known.state is EntryState.CONNECTED:
                await store.finish(former, now - known.answered_at, now)

    # --- the caller's line --------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until nobody talks with the caller any more, or they are to go on; what is left is for the line to conclude.
        Raises CallerGone; then nobody of ours waits for them any more."""
        line, store = self._line, self._house.store
        await self._end_former()
        try:
            while entry := await store.entry(line.entry.id):
                how = entry.onward.get("how", "")
                line.entry.onward = entry.onward
                if how not in ASKING and how:
                    return
                if how and entry.onward["id"] != self._done:
                    await self.told(entry.onward)
                    continue
                if how == "complete" and target(entry.onward)[0] == "service":
                    return
                if how == "consult":
                    await self._wait(entry)
                elif not await self._meet(entry):
                    return
        except CallerGone:
            await self._everybody_goes()
            raise

    async def _wait(self, entry: Entry) -> None:
        """With music, until something else is wanted. An engine that takes the call over sees whether the agent is
        there still."""
        await self._house.store.hold(entry.id, True, self._house.clock())
        if not await self._channel.rooms.is_there(self._deeds.record.asked.get("channel", "")):
            await self._lost(entry.onward)
            return
        await self._channel.start_music()
        if self._line.entry.onward.get("id") == entry.onward["id"]:  # else it was told before the line slept
            await self._channel.wait_for_digit()

    async def _meet(self, entry: Entry) -> bool:
        """In the room, as long as somebody is there; False where that is over. An engine that takes the call over
        afterwards knows by the line that it was there."""
        await self._house.store.hold(entry.id, False, self._house.clock())
        asked = self._deeds.record.asked
        room, visit = asked.get("room", ""), asked.get("visit", "")
        if not visit or await self._channel.has_met(visit):
            return False
        await self._channel.meet(room, visit)
        return True

    async def _everybody_goes(self) -> None:
        """The caller hung up: whoever is in the room goes, too, and an agent who has not reached yet whom they ask; who
        talks with them is left to finish that."""
        line, now, asked = self._line, self._house.clock(), self._deeds.record.asked
        known = await self._house.store.entry(line.entry.id)
        if known:
            await self._house.store.finish(known.id, now - known.answered_at, now)
        if known and known.onward.get("how") == "consult":
            other = await self._house.store.entry(known.onward["consult"])
            if other is None or other.state is not EntryState.CONNECTED:
                await self._channel.rooms.hang_up(asked.get("channel", ""))
        elif room := asked.get("room", ""):
            await self._channel.rooms.clear(room)
