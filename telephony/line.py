"""A caller's time in a queue: asleep in one command until an offer comes, then joined with the agent.

The call's task is the only one that speaks on the channel. Offers come from the node's inbox in another task, which
only puts them down here and wakes the sleeper.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import CallerGone
from ivr.acts import LeftQueue, Refused
from queues.model import DirectMessage, Entry, EntryState, OfferMessage, Refusal, RuleMessage, Setback
from queues.rung import agent_of, take_back
from queues.store.port import QueueClosed, Store
from telephony.between import ASKING, Between
from telephony.channel import WAKE, Channel, DialResult, DialStatus
from telephony.house import House
from telephony.note import unpacked
from telephony.onward import leads_on
from telephony.ways_out import WaysOut

log = logging.getLogger(__name__)

SETBACKS = {
    DialStatus.NO_ANSWER: Setback.NO_ANSWER,
    DialStatus.BUSY: Setback.BUSY,
    DialStatus.UNREACHABLE: Setback.UNREACHABLE,
}
CLOSED = Refused("closed")
WAITS_FOR_MS = 30_000
"""How long a caller waits for the agent alone whose phone was lost in mid-talk; then for anybody, with their place."""


def phones_of(offer: OfferMessage) -> dict[str, str]:
    """Each extension that is to ring, with its offer."""
    return {offer.extension: offer.offer, **{each["extension"]: each["offer"] for each in offer.beside}}


def asterisks_of(offer: OfferMessage) -> dict[str, str]:
    """Each extension that is to ring, with the Asterisk where it is registered."""
    return {offer.extension: offer.asterisk, **{each["extension"]: each.get("asterisk", "") for each in offer.beside}}


MS_PER_PRIORITY = 60_000
OF_THE_OFFER = ("state", "agent", "offer", "beside", "offered_at", "answered_at", "withdrawn", "node", "channel")


def place(entry: Entry) -> tuple[int, int, str]:
    """Whose turn it is, smallest first (queues/router.py)."""
    return entry.since - MS_PER_PRIORITY * entry.priority, entry.since, entry.id


class Line:
    """One entry of one call, from `join` or `rejoin` to the end of the wait."""

    def __init__(self, house: House, channel: Channel, entry: Entry, note: str, ways_out: WaysOut) -> None:
        self.house, self.channel, self.note, self.ways_out = house, channel, note, ways_out
        self.entry = entry
        """As far as this engine knows it: enough to tell a wiped store of it again."""
        self.offer: OfferMessage | None = None
        self.notices: deque[RuleMessage] = deque()
        """What overflow rules and announcements want, oldest first."""
        self.away = ""
        """Why the call is to leave the line."""
        self.turned: dict[str, Any] = {}
        """Of a caller who is parked: where they go now."""
        self.between = Between(self)
        self.lost = ""
        """The agent whose phone was lost in mid-talk."""

    async def offered(self, offer: OfferMessage) -> None:
        """Told by the node: an agent is held for this call."""
        if offer.entry == self.entry.id:
            self.offer = offer
            await self.channel.wake()

    async def sent_away(self, entry: str, reason: str) -> None:
        """Told by the node: the call is to leave, once no phone rings for it."""
        if entry == self.entry.id:
            self.away = reason
            await self.channel.wake()

    async def ruled(self, notice: RuleMessage) -> None:
        """Told by the node: a rule was followed for this call, or it is to be told of its wait."""
        if notice.entry == self.entry.id:
            self.notices.append(notice)
            await self.channel.wake()

    async def directed(self, notice: DirectMessage) -> None:
        """Told by the node: the agent who talks with the caller sends them elsewhere. What to, the store knows."""
        if notice.entry != self.entry.id:
            return
        self.entry.onward = notice.onward
        if self.parked:
            self.turned = notice.onward
            await self.channel.wake()
        elif notice.onward["how"] in ASKING:
            await self.between.told(notice.onward)
        else:
            await self.channel.rooms.part()
            if room := self.ways_out.deeds.record.asked.get("room"):
                await self.channel.rooms.clear(room)
            await self.channel.wake()

    async def join(self) -> LeftQueue | Refused:
        """Enter the queue and wait. The place is taken before anything else is done, so that a free agent's phone can
        ring at once."""
        try:
            await self.house.store.enqueue(self.entry)
        except QueueClosed:
            self.entry.state = EntryState.ENDED
            return CLOSED
        await self.channel.remember(self.note)
        if self.parked:
            await self.house.store.step_aside(self.entry.id, "parked", self.house.clock())
        return await self.wait()

    async def _take_place_again(self) -> LeftQueue | Refused:
        """The store does not know the place: it was never taken, or it was, as the line knows, and was forgotten."""
        kept = unpacked(await self.channel.recall())
        if kept is None or kept.entry != self.entry.id:
            return await self.join()
        await self.house.told_again()  # that it has forgotten is told before what it is told again
        await self.house.store.restore(self.entry, self.house.clock())
        return await self.wait()

    @property
    def place(self) -> tuple[int, int, str]:
        return place(self.entry)

    async def changed(self, entry: str) -> None:
        """Told by the node. How far an offer has come this line knows better than the store."""
        if entry == self.entry.id and (known := await self.house.store.entry(entry)):
            here = self.entry
            self.entry = replace(known, **{name: getattr(here, name) for name in OF_THE_OFFER})

    async def tell_again(self) -> None:
        """A wiped store is told of this entry. An offer that was not taken up yet is forgotten on both sides."""
        entry = self.entry
        if entry.state is EntryState.ENDED:
            return
        if entry.state is EntryState.WAITING:
            self.offer = None
        if not await self.house.store.restore(entry, self.house.clock()):
            log.warning("call %s: its place could not be told to the store again", entry.call)

    async def rejoin(self) -> LeftQueue | Refused:
        """Take the place over from an engine that died. What the line itself knows of its last ringing tells how far
        the offer had come."""
        store, entry = self.house.store, self.entry
        adopted = await store.adopt(entry.id, self.house.node, self.channel.name)
        last_offer, last_result = await self.channel.last_dial()
        if adopted is None:
            spoken = last_offer and last_result.status is DialStatus.ANSWERED
            return LeftQueue("answered") if spoken else await self._take_place_again()
        self.entry, self.offer = adopted
        self.away = self.entry.sent_away
        if self.parked:
            self.turned = self.entry.onward
            await store.step_aside(entry.id, "parked", self.house.clock())
        elif self.entry.state is EntryState.ASIDE:
            await self.go_on_aside()
        elif (over := await self.conclude_former(last_offer, last_result)) is not None:
            return over
        return await self.wait()

    async def conclude_former(self, rang: str, result: DialResult) -> LeftQueue | None:
        """Commit how the ringing ended that a dead engine had begun, if it was for the offer in force."""
        if self.entry.state is EntryState.CONNECTED:
            return await self.conclude(self.entry.offer, replace(result, status=DialStatus.ANSWERED))
        if self.offer is None:
            return None
        offer, phones = self.offer, phones_of(self.offer)
        answered = result.status is DialStatus.ANSWERED and result.extension in phones
        if not (rang in phones.values() or answered):
            return None
        self.offer = None
        return await (self.conclude_all(phones, result) if offer.beside else self.conclude(rang, result))

    async def wait(self) -> LeftQueue:
        """Until an agent has spoken with the caller. CallerGone: the entry has left the line, abandoned."""
        unpark = self._unpark_later()
        try:
            music = False
            while True:
                if self.turned:
                    return await self._turn(self.turned)
                if self.offer:
                    music = False
                    if over := await self.take_offer():
                        return over
                    continue
                if self.away:
                    return await self.go_away()
                if self.notices:
                    music = False
                    if over := await self.heed(self.notices.popleft()):
                        return over
                    continue
                if not music:
                    await self.channel.start_music()
                    music = True
                if self.is_wanted or self.notices:
                    continue
                key = await self.channel.wait_for_digit()
                if key != WAKE:
                    music = False  # something may be said
                    if over := await self.pressed(key):
                        return over
        except CallerGone:
            await self.leave("abandoned")
            raise
        finally:
            if unpark:
                unpark.cancel()

    @property
    def parked(self) -> dict[str, Any]:
        """What the call's record says of it."""
        return self.ways_out.deeds.record.moved.get("parked") or {}

    def _unpark_later(self) -> asyncio.TimerHandle | None:
        """A caller whom nobody takes comes back to the agent who parked them."""
        if not self.parked:
            return None
        left_s = max(0, self.parked["until"] - self.house.clock()) / 1000
        return asyncio.get_running_loop().call_later(left_s, self._begin_unparking)

    def _begin_unparking(self) -> None:
        self.turned = self.turned or self.ways_out.deeds.record.moved["back"]
        self._waking = asyncio.get_running_loop().create_task(self.channel.wake())

    async def _turn(self, onward: dict[str, Any]) -> LeftQueue:
        """Out of the parking, to whoever takes the call or had parked it."""
        deeds = self.ways_out.deeds
        deeds.record.onward = {**onward, "queue": self.entry.queue}
        await deeds.save()
        await self.leave("taken" if onward["how"] == "take" else "returned")
        return LeftQueue("unanswered", "returned")

    @property
    def is_wanted(self) -> bool:
        """Something is to be done at once: what is said meanwhile is cut short."""
        return bool(self.offer or self.away)

    async def heed(self, notice: RuleMessage) -> LeftQueue | None:
        """Do what a rule wants; None: the wait goes on. Who was set aside for it waits again where it is refused."""
        what, ways = notice.what, self.ways_out
        self.entry.exits = what.get("offer", self.entry.exits)
        sounds = await ways.deeds.sounds(ways.words_of(what))
        if "then" in what or "transfer" in what:
            await self.channel.play(sounds, interruptible=False)
            if "then" in what:
                over = await ways.take(what["then"], self.entry)
            else:
                over = await ways.transfer(what["transfer"], self.entry)
            if over:
                return over
            await self.house.store.come_back(self.entry.id, self.house.clock())
            return None
        if not self.is_wanted and (over := await self.pressed(await self.channel.announce(sounds))):
            return over
        if "sms" in what:
            await ways.send(what["sms"], self.entry)
        return None

    async def pressed(self, key: str) -> LeftQueue | None:
        """A key while waiting: one that leads out of the line, or none. While an agent is being tried it counts for
        nothing."""
        choice = self.entry.exits.get(key, "") if key not in ("", WAKE) else ""
        now = self.house.clock()
        if not choice or await self.house.store.step_aside(self.entry.id, choice, now):
            return None
        deeds = self.ways_out.deeds
        deeds.events.add("call.chose", step=deeds.record.session.place, digits=key, choice=choice)
        if over := await self.ways_out.take(choice, self.entry):
            return over
        await self.house.store.come_back(self.entry.id, self.house.clock())
        return None

    async def go_on_aside(self) -> None:
        """What another engine had begun is begun anew; a caller who chose it by a key may press it again."""
        if self.entry.pending:
            self.notices.append(RuleMessage("", self.entry.id, self.entry.call, "", self.entry.pending))
        else:
            await self.house.store.come_back(self.entry.id, self.house.clock())

    async def go_away(self) -> LeftQueue:
        """Leave by the flow's exit."""
        await self.leave(self.away)
        return LeftQueue("unanswered", self.away)

    async def leave(self, reason: str) -> None:
        """Out of the line, without an agent."""
        store, clock = self.house.store, self.house.clock
        refusal = await store.leave(self.entry.id, reason, clock())
        if refusal is Refusal.ENTRY_GONE and await self.house.told_again():
            refusal = await store.leave(self.entry.id, reason, clock())
        if refusal:
            log.info("call %s: its entry was gone already: %s", self.entry.call, refusal)
        self.entry.state = EntryState.ENDED

    async def give_up(self) -> None:
        """The caller hung up in the moment of coming into the line, or of being taken over: nobody waits there."""
        if self.entry.state is not EntryState.ENDED:
            await end_place(self.house.store, self.entry.id, "abandoned", self.house.clock())

    async def take_offer(self) -> LeftQueue | None:
        """Ring the agent's phone; None when it came to nothing and the wait goes on."""
        offer, self.offer = self.offer, None
        assert offer is not None
        store, clock, entry = self.house.store, self.house.clock, self.entry.id

        async def ringing() -> None:
            await store.ringing(entry, offer.offer, clock())

        async def answered() -> None:
            self._stands(EntryState.CONNECTED)
            await store.answer(entry, offer.offer, clock())

        self._is_offered(offer)
        if offer.beside:
            return await self.ring_all(offer)
        result = await self.channel.dial(offer.extension, offer.offer, offer.ring_ms, ringing, answered, offer.asterisk)
        return await self.conclude(offer.offer, result)

    async def ring_all(self, offer: OfferMessage) -> LeftQueue | None:
        """Ring several agents' phones; the first that answers has the call."""
        store, clock, entry = self.house.store, self.house.clock, self.entry.id

        async def ringing(which: str) -> None:
            await store.ringing(entry, which, clock())

        async def answered(which: str) -> None:
            self.entry.agent, self.entry.offer, self.entry.beside = agent_of(self.entry, which), which, []
            self._stands(EntryState.CONNECTED)
            await store.answer(entry, which, clock())

        async def ended(which: str, how: DialStatus) -> None:
            take_back(self.entry, which)
            await store.withdraw(entry, which, SETBACKS[how], clock())

        phones = phones_of(offer)
        result = await self.channel.dial_together(phones, offer.ring_ms, ringing, answered, ended, asterisks_of(offer))
        return await self.conclude_all(phones, result)

    async def conclude_all(self, phones: Mapping[str, str], result: DialResult) -> LeftQueue | None:
        """As `conclude`, of several offers; those that came to nothing before the others were withdrawn then."""
        if result.status is DialStatus.ANSWERED and result.extension in phones:
            return await self.conclude(phones[result.extension], result)
        if result.status is DialStatus.CALLER_GONE:
            raise CallerGone
        for offer in phones.values():
            setback = SETBACKS.get(result.status, Setback.UNREACHABLE)
            await self.house.store.withdraw(self.entry.id, offer, setback, self.house.clock())
        self._stands(EntryState.WAITING)
        return None

    async def conclude(self, offer: str, result: DialResult) -> LeftQueue | None:
        """Commit how a ringing ended."""
        store, now, entry = self.house.store, self.house.clock(), self.entry.id
        if result.status is DialStatus.CALLER_GONE:
            raise CallerGone
        if result.status is DialStatus.ANSWERED:
            await store.answer(entry, offer, result.answered_at or now)  # told long ago, but where nobody saw it
            if await self._asks_somebody():
                await self.between.run()
                result, now = replace(result, answered_at=0, talk_ms=0), self.house.clock()
            elif result.lost and await self._holds_on(offer, now):
                return None
            refusal = await self._finish(result, now)
            if refusal is Refusal.ENTRY_GONE and await self.house.told_again():
                refusal = await self._finish(result, now)
            self.entry.state = EntryState.ENDED
            if refusal:
                log.warning("call %s: the end of its conversation was refused: %s", self.entry.call, refusal)
            return LeftQueue("answered")
        asked = agent_of(self.entry, offer)
        setback = SETBACKS[result.status]
        if setback is Setback.UNREACHABLE and self.lost and self.lost == asked:
            setback = Setback.NOT_BACK
        refusal = await store.withdraw(entry, offer, setback, now)
        self._stands(EntryState.WAITING)
        if refusal:
            log.info("call %s: offer %s was over already: %s", self.entry.call, offer, refusal)
        return None if setback is Setback.NOT_BACK else await self._turn_back(asked)

    async def _holds_on(self, offer: str, now: int) -> bool:
        """The agent's phone is lost, the caller is not: they wait again, first of all for that agent. False where the
        agent had sent them elsewhere, or the store knows nothing of it."""
        store, entry = self.house.store, self.entry.id
        known = await store.entry(entry)
        if known is None and await self.house.told_again():
            known = await store.entry(entry)
        if known is None or known.onward:
            return False
        if refusal := await store.interrupt(entry, offer, WAITS_FOR_MS, now):
            log.warning("call %s: its caller could not be put in line again: %s", known.call, refusal)
            return False
        log.warning("call %s: the phone of %s was lost, the caller waits for it", known.call, known.agent)
        self.lost = known.agent
        self._stands(EntryState.WAITING)
        await self.changed(entry)
        self.notices.appendleft(RuleMessage("", entry, known.call, "", {"lost": True}))
        return True

    async def _asks_somebody(self) -> bool:
        """The agent does, or did: the conversation is not over with the first one that Dial made."""
        known = await self.house.store.entry(self.entry.id)
        asking = known is not None and known.onward.get("how") in ASKING
        return asking or bool(self.ways_out.deeds.record.asked)

    async def _turn_back(self, asked: str) -> LeftQueue | None:
        """The one agent whom the caller was sent to did not answer: back to who sent them."""
        record = self.ways_out.deeds.record
        if asked not in record.moved.get("agents", ()) or not record.moved.get("back"):
            return None
        record.onward = record.moved["back"]
        await self.ways_out.deeds.save()
        await self.leave("returned")
        return LeftQueue("unanswered", "returned")

    async def _finish(self, result: DialResult, now: int) -> Refusal | None:
        """Where the agent sends the caller is in the call's record before the conversation is ended in the store."""
        store, entry, deeds = self.house.store, self.entry.id, self.ways_out.deeds
        while True:
            known = await store.entry(entry)
            if known and leads_on(known.onward):
                deeds.record.onward = {**known.onward, "queue": known.queue}
                await deeds.save()
            talk_ms = result.talk_ms if result.answered_at else now - known.answered_at if known else 0
            refusal = await store.finish(entry, talk_ms, now, known.onward.get("id", "") if known else "")
            if refusal is not Refusal.DIRECTED:
                return refusal

    def _is_offered(self, offer: OfferMessage) -> None:
        self.entry.agent, self.entry.offer, self.entry.offered_at = offer.agent, offer.offer, self.house.clock()
        self.entry.beside = [{"offer": each["offer"], "agent": each["agent"]} for each in offer.beside]
        self._stands(EntryState.OFFERED)

    def _stands(self, state: EntryState) -> None:
        entry = self.entry
        entry.state = state
        if state is EntryState.CONNECTED:
            entry.answered_at = self.house.clock()
        elif state is EntryState.WAITING:
            entry.agent, entry.offer, entry.offered_at, entry.beside = "", "", 0, []


async def end_place(store: Store, entry: str, reason: str, now: int) -> None:
    """The caller's line is gone: end what the store still holds of their place, if it does."""
    known = await store.entry(entry)
    if known and known.state is EntryState.CONNECTED:
        await store.finish(entry, now - known.answered_at, now)
    elif known:
        await store.leave(entry, reason, now)


async def finish(house: House, entry: str, now: int) -> Refusal | None:
    """A conversation is over. How long it lasted is counted from the answer as the store has it: the line's own talk_ms
    is only an upper bound."""
    known = await house.store.entry(entry)
    refusal = await house.store.finish(entry, now - known.answered_at if known else 0, now)
    if refusal:
        log.warning("entry %s: the end of its conversation was refused: %s", entry, refusal)
    return refusal
