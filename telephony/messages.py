"""Messages that callers left: an agent at a plain phone is rung, and hears the message when they answer.

The network is asked for a line of our own (`call_out`), which comes to the script agi_scripts/message.py; from there
the agent's phone is dialled, as for a caller. Who hangs up, or says nothing more, has dealt with the message."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from core.errors import GuichetError
from core.events import Event
from ivr import words
from queues.model import Entry, EntryState, Kind, OfferMessage, Setback
from queues.store.port import StoreAway
from telephony.channel import DialResult, DialStatus, Sound
from telephony.house import House
from telephony.line import SETBACKS, finish
from telephony.siblings import living

log = logging.getLogger(__name__)


class MessageLine(Protocol):
    """A line of our own."""

    async def play_to(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        sounds: Sequence[Sound],
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        """Ring an agent's phone and play the sounds to it, once more for each `*`; returns when that is over, as
        `Channel.dial`."""

    async def call_for(
        self,
        extension: str,
        offer: str,
        ring_ms: int,
        number: str,
        shown: str,
        on_ringing: Callable[[], Awaitable[None]],
        on_answer: Callable[[], Awaitable[None]],
    ) -> DialResult:
        """Ring an agent's phone and, once they answer, a number outside, which is shown the other one; as above."""


class MessageDesk:
    """Of one node. `call_out` asks for a line that comes to `serve` with that extension."""

    def __init__(self, house: House, call_out: Callable[[str], Awaitable[None]]) -> None:
        self._house, self._call_out = house, call_out
        self._offers: dict[str, OfferMessage] = {}
        """By the extension that is to ring: an agent has one piece of live work at a time."""
        self._begun: set[asyncio.Task[None]] = set()
        self._under_way: dict[str, Entry] = {}
        """By their offers: enough to tell a wiped store of them again."""

    async def offered(self, offer: OfferMessage) -> None:
        """Told by the node."""
        self._offers[offer.extension] = offer
        task = asyncio.get_running_loop().create_task(self._begin(offer))
        self._begun.add(task)
        task.add_done_callback(self._begun.discard)

    async def _begin(self, offer: OfferMessage) -> None:
        with suppress(StoreAway):
            if entry := await self._house.store.entry(offer.entry):
                self._under_way[offer.offer] = entry
        try:
            await self._call_out(offer.extension)
        except GuichetError as error:
            log.error("message %s cannot be played to %s: %s", offer.entry, offer.agent, error)
            self._under_way.pop(offer.offer, None)
            await self._withdraw(offer, Setback.UNREACHABLE)
            if offer.kind is Kind.CALLBACK:
                await self._called_back(offer, answered=False)

    async def serve(self, extension: str, line: MessageLine) -> bool:
        """Play the message that is offered to the agent at that extension. False where none is, here."""
        offer = self._offers.pop(extension, None)
        recordings = self._house.parts.recordings
        if offer is None or recordings is None:
            return False
        house, store, entry = self._house, self._house.store, offer.entry

        async def ringing() -> None:
            await store.ringing(entry, offer.offer, house.clock())

        async def answered() -> None:
            if known := self._under_way.get(offer.offer):
                known.state, known.answered_at = EntryState.CONNECTED, house.clock()
            await store.answer(entry, offer.offer, house.clock())

        if offer.kind is Kind.CALLBACK:
            shown = next((number for flow in house.towns.live().flows.by_name.values() for number in flow.numbers), "")
            ring_ms, number = offer.ring_ms, offer.file
            result = await line.call_for(extension, offer.offer, ring_ms, number, shown, ringing, answered)
            await self._conclude(offer, result)
            return True
        intro = await house.voice.sound(words.said(words.MESSAGE, house.language))
        sounds = [intro, str(recordings.path(offer.file))]
        result = await line.play_to(extension, offer.offer, offer.ring_ms, sounds, ringing, answered)
        await self._conclude(offer, result)
        return True

    async def _conclude(self, offer: OfferMessage, result: DialResult) -> None:
        self._under_way.pop(offer.offer, None)
        if result.status is DialStatus.ANSWERED:
            await self._house.store.answer(offer.entry, offer.offer, self._house.clock())
            await finish(self._house, offer.entry, self._house.clock())
        else:
            await self._withdraw(offer, SETBACKS.get(result.status, Setback.UNREACHABLE))
        if offer.kind is Kind.CALLBACK:
            await self._called_back(offer, answered=result.status is DialStatus.ANSWERED)

    async def _called_back(self, offer: OfferMessage, *, answered: bool) -> None:
        """It is tried once: who asked for it may ask again."""
        house, now = self._house, self._house.clock()
        if not answered:
            await house.store.leave(offer.entry, "no_answer", now)
        told: dict[str, Any] = {
            "reason": "flow_ended" if answered else "agent_not_there",
            "step": "",
            "path": [],
            "language": "",
        }
        await house.store.emit([Event(f"{offer.call}-ended", "call.ended", now, offer.call, told)])

    async def _withdraw(self, offer: OfferMessage, setback: Setback) -> None:
        refusal = await self._house.store.withdraw(offer.entry, offer.offer, setback, self._house.clock())
        if refusal:
            log.info("message %s: offer %s was over already: %s", offer.entry, offer.offer, refusal)

    async def tell_again(self) -> None:
        for entry in list(self._under_way.values()):
            if not await self._house.store.restore(entry, self._house.clock()):
                log.warning("message %s: that it is with %s could not be told to the store", entry.id, entry.agent)

    async def take_over(self) -> None:
        """The messages of this Asterisk come to this node: what an engine that died had begun with is in line again.
        Those that another one sees to stay with it."""
        house, store = self._house, self._house.store
        live = await living(store, house.node)
        for entry in (await store.snapshot()).entries:
            ours = entry.kind in (Kind.VOICEMAIL, Kind.CALLBACK) and entry.asterisk == house.asterisk
            if not ours or entry.node in live:
                continue
            adopted = await store.adopt(entry.id, house.node, "")
            if adopted is None or adopted[0].state is EntryState.WAITING or adopted[0].offer != entry.offer:
                continue
            connected = adopted[0].state is EntryState.CONNECTED
            if connected and entry.kind is Kind.CALLBACK:
                await finish(house, entry.id, house.clock())
                continue
            setback = Setback.RETURNED if connected else Setback.EXPIRED
            await store.withdraw(entry.id, adopted[0].offer, setback, house.clock())
