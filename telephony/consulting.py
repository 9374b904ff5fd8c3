"""An agent asks somebody while the caller waits: the agent's own line, taken out of the conversation, rings whom they
ask, as a caller's line rings an agent: a colleague, whoever is next in another queue, or a service.

A colleague gets an offer of their own (Kind.CONSULT): their screen shows the caller's story, and nobody else is offered
to them meanwhile. Whatever comes of it is said in the caller's entry (Entry.onward), for the caller's line to see to
(telephony/between.py). Where it comes to nothing the agent goes back to the caller."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import CallerGone, ChannelLost
from ivr.acts import Done, Service
from queues.model import Entry, EntryState, Kind, OfferMessage, Setback
from queues.store.port import QueueClosed
from telephony.channel import NOTHING, Along, Channel, DialResult, DialStatus
from telephony.context import context_of, going_along
from telephony.house import House
from telephony.line import SETBACKS
from telephony.onward import target
from telephony.record import CallRecord
from telephony.siblings import living

log = logging.getLogger(__name__)

HANDED_ON = ("complete", "join")
"""Then whom they asked belongs to the caller, too."""
RING_OUTSIDE_MS = 30_000
LOOK_AGAIN_S = 1.5
"""How long a conversation may take to end once the agent has hung up."""


class Consults:
    """Those of one node: offers for them come here (telephony.house.Worker)."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.going_on: dict[str, Consultation] = {}
        self._reached: dict[str, str] = {}
        """Who was reached, by the entry of the agent who asked and whose phone has not hung up yet."""

    async def offered(self, offer: OfferMessage) -> None:
        if consultation := self.going_on.get(offer.entry):
            await consultation.offered(offer)
        else:
            await self._house.store.withdraw(offer.entry, offer.offer, Setback.UNREACHABLE, self._house.clock())

    async def run(self, channel: Channel, leg: str) -> str:
        """The agent's line has come here out of the conversation whose entry is `leg`. Gives the room that it goes to
        when this is over; "" for none."""
        first = await self._house.store.entry(leg)
        if first is None or first.onward.get("how") != "consult":
            return ""
        consultation = Consultation(self._house, channel, first)
        self.going_on[consultation.id] = consultation
        try:
            room = await consultation.run()
            if consultation.reached and not room:
                self._reached[leg] = consultation.reached
            return room
        finally:
            self.going_on.pop(consultation.id, None)

    async def left(self, leg: str) -> None:
        """An agent's phone that was taken out of a conversation has hung up: whoever it was."""
        store, now = self._house.store, self._house.clock()
        reached = self._reached.pop(leg, "")
        entry = await store.entry(leg)
        if entry is None or entry.state is not EntryState.CONNECTED:
            return
        if entry.kind is Kind.CONSULT:
            await store.finish(leg, now - entry.answered_at, now, "")
            return
        onward = entry.onward
        asked = await store.entry(onward.get("consult", "")) if onward else None
        if asked is not None and asked.state is EntryState.CONNECTED:
            reached = asked.agent
        match onward.get("how"):
            case "join" if reached or target(onward)[0] == "service":
                await self._direct(entry, {**onward, "how": "complete", "there": True}, "left")
            case "consult" if reached:
                await self._direct(entry, {**onward, "how": "blind", "to": f"agent:{reached}"}, "left")
            case "consult":
                await self._send_back(entry)
            case "cancel":
                await self._see_it_end(entry)

    async def _send_back(self, entry: Entry) -> None:
        to = {"how": "back", "to": f"agent:{entry.onward['author']}", "queue": entry.queue}
        await self._direct(entry, {**entry.onward, **to}, "left")

    async def _see_it_end(self, entry: Entry) -> None:
        """The agent was on the way back to the caller, whose own line ends the conversation when the agent leaves the
        room; it waits for ever for one who never came there."""
        await asyncio.sleep(LOOK_AGAIN_S)
        known = await self._house.store.entry(entry.id)
        if known and known.state is EntryState.CONNECTED and known.onward.get("id") == entry.onward["id"]:
            await self._send_back(known)

    async def _direct(self, entry: Entry, onward: Mapping[str, Any], why: str) -> None:
        said = {**onward, "id": f"{onward['id']}-{why}"}
        await self._house.store.direct(entry.id, entry.agent, said, self._house.clock())

    async def tell_again(self) -> None:
        """Tell a store that has forgotten it of everybody who is asked, and by whom."""
        for consultation in list(self.going_on.values()):
            await consultation.tell_again()

    async def take_over(self) -> None:
        """What an engine of this Asterisk that died had begun is over, unless they talk: then the agent's phone says
        when."""
        house, store = self._house, self._house.store
        live = await living(store, house.node)
        for entry in (await store.snapshot()).entries:
            if entry.kind is Kind.CONSULT and entry.asterisk == house.asterisk and entry.node not in live:
                await store.leave(entry.id, "lost", house.clock())


class Consultation:
    """`first`: the conversation with the caller."""

    def __init__(self, house: House, channel: Channel, first: Entry) -> None:
        self._house, self._channel, self._first = house, channel, first
        self._asked: Mapping[str, Any] = first.onward
        self.id: str = first.onward["consult"]
        self._offer: OfferMessage | None = None
        self._stands: Entry | None = None
        """In line for whom they ask, or with them: enough to tell a wiped store of it again."""
        self.reached = ""
        """The agent who answered."""

    async def offered(self, offer: OfferMessage) -> None:
        self._offer = offer
        self._stand(EntryState.OFFERED, offer.agent, offer.offer, offered_at=self._house.clock())
        await self._channel.wake()

    def _stand(self, state: EntryState, agent: str = "", offer: str = "", **times: Any) -> None:
        if self._stands:
            self._stands = replace(self._stands, state=state, agent=agent, offer=offer, **times)

    async def tell_again(self) -> None:
        """To a wiped store."""
        if self._stands and not await self._house.store.restore(self._stands, self._house.clock()):
            log.warning("call %s: who is asked could not be told to the store again", self._first.call)

    async def run(self) -> str:
        """Gives the room to go to."""
        kind, name = target(self._asked)
        try:
            if kind == "service":
                await self._outside(name)
            elif await self._enter(kind, name):
                await self._ring(kind)
            await self._channel.start_music()  # who hung up meanwhile is not on the way back to the caller
        except (CallerGone, ChannelLost):  # the agent hung up, or was taken elsewhere
            await self._leave("cancelled")
            return ""
        return await self._back()

    async def _back(self) -> str:
        """Nobody is asked any more: to the caller again, unless that was seen to."""
        known = await self._house.store.entry(self._first.id)
        if known is None or known.onward.get("how") != "consult":
            return ""
        said = {**self._asked, "id": f"{self._asked['id']}-over", "how": "cancel", "there": True}
        await self._house.store.direct(self._first.id, self._first.agent, said, self._house.clock())
        return self._first.id

    # --- colleagues and queues ----------------------------------------------------------------------------------

    async def _enter(self, kind: str, name: str) -> bool:
        """In line for them."""
        house, first, now = self._house, self._first, self._house.clock()
        queue = name if kind == "queue" else first.queue
        terms = house.towns.live().queues[queue].terms(first.skills if kind == "agent" else {})
        entry = Entry(
            id=self.id,
            call=first.call,
            queue=queue,
            since=now,
            entered=now,
            kind=Kind.CONSULT,
            node=house.node,
            asterisk=house.asterisk,
            channel=self._channel.name,
            **terms,
        )
        if kind == "agent":
            entry.members, entry.requirement = {name: {}}, [{}]
        try:
            self._stands = entry if await house.store.enqueue(entry) else None
        except QueueClosed:
            return False
        return self._stands is not None

    async def _ring(self, kind: str) -> None:
        """Until somebody has answered and that is over, or a colleague did not."""
        while True:
            await self._channel.start_music()
            while self._offer is None:  # it may have come before the line slept
                await self._channel.wait_for_digit()
            offer, self._offer = self._offer, None
            result = await self._dial(offer)
            if result.status is DialStatus.ANSWERED:
                await self._leave("finished")
                return
            if result.status is DialStatus.CALLER_GONE:
                raise CallerGone
            self._stand(EntryState.WAITING)
            await self._house.store.withdraw(self.id, offer.offer, SETBACKS[result.status], self._house.clock())
            if kind == "agent":
                await self._leave("no_answer")
                return

    async def _dial(self, offer: OfferMessage) -> DialResult:
        store, clock = self._house.store, self._house.clock

        async def ringing() -> None:
            await store.ringing(self.id, offer.offer, clock())

        async def answered() -> None:
            self.reached = offer.agent
            self._stand(EntryState.CONNECTED, offer.agent, offer.offer, answered_at=clock())
            await store.answer(self.id, offer.offer, clock())

        dial = self._channel.dial
        return await dial(offer.extension, offer.offer, offer.ring_ms, ringing, answered, offer.asterisk)

    async def _leave(self, why: str) -> None:
        """What is over: the conversation with whom they asked, unless it is the caller's now, or the wait for them."""
        store, now = self._house.store, self._house.clock()
        self._stands = None
        entry, first = await store.entry(self.id), await store.entry(self._first.id)
        if entry is None:
            return
        if entry.state is not EntryState.CONNECTED:
            await store.leave(self.id, why, now)
        elif entry.kind is Kind.CONSULT and not (first and first.onward.get("how") in HANDED_ON):
            await store.finish(self.id, now - entry.answered_at, now)

    # --- services -----------------------------------------------------------------------------------------------

    async def _outside(self, name: str) -> None:
        house, parts = self._house, self._house.parts
        asked = Service(name, house.language)
        version = house.towns.live().version
        told = await parts.directory.service(asked, house.clock(), version) if parts.directory else None
        number = str(told.values["number"] or "") if isinstance(told, Done) and told.values["open"] else ""
        if not number or not (parts.transfers and parts.transfers.allowed(number)):
            return

        async def answered() -> None:
            said = {**self._asked, "id": f"{self._asked['id']}-up", "answered": True}
            await house.store.direct(self._first.id, self._first.agent, said, house.clock())

        along = await self._along(name, version)
        await self._channel.transfer(number, self.id[-20:], RING_OUTSIDE_MS, answered, along)

    async def _along(self, service: str, version: str) -> Along:
        """What goes along of the caller about whom the agent asks."""
        kept = await self._house.store.load_call(self._first.call)
        if kept is None:
            return NOTHING
        session = CallRecord.from_data(kept).session
        context = context_of(self._first.call, self._first.queue, session, self._asked)
        return await going_along(self._house, service, version, context, session.flow)
