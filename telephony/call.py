"""One call's way through its flow: the engine's acts are performed on the channel, and what happened is fed back.

The call is stored at every wait. Whatever ends this task short of the caller's leaving, another engine goes on from
there.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePath
from typing import Self

from core.errors import CallerGone, ChannelLost
from ivr.acts import (
    BEFORE,
    Act,
    Before,
    Done,
    Enqueue,
    Gather,
    Hangup,
    Input,
    LeftQueue,
    Play,
    Pressed,
    Prompt,
    Refused,
    Say,
    Service,
    Started,
    Transfer,
)  # fmt: skip
from ivr.engine import APOLOGY, Turn, advance, again, begin
from ivr.session import Value
from queues.model import DirectMessage, Entry, EntryState, OfferMessage, Preferred, RuleMessage
from queues.store.port import StoreAway
from telephony import onward as onwards
from telephony.channel import Channel, Sound
from telephony.deeds import Deeds
from telephony.house import House, Queue, Town
from telephony.line import CLOSED, Line
from telephony.note import packed, unpacked
from telephony.record import Arrival, CallRecord, Log, ended
from telephony.ways_out import WaysOut

log = logging.getLogger(__name__)


class Call:
    """A live call on this node. Made by `arrive` or `resume`, then `run`."""

    def __init__(self, house: House, channel: Channel, record: CallRecord, town: Town) -> None:
        self.house, self.channel, self.record, self.town = house, channel, record, town
        # A version that is kept no more, whose flow is gone from the live one: the engine's safe exit tells the caller.
        self.flow = town.flows.by_name.get(record.session.flow) or town.flows.for_number("")
        self.log = Log(channel.id, house.clock, house.new_id, [])
        self.deeds = Deeds(house, channel, record, self.log, self._save, self._sounds, town.queues)
        self.heard: list[str] = []
        """Names of the sounds that were begun since the call was last stored, or would have been but for a key."""
        self.line: Line | None = None
        self.stored = False
        """Something of it is in the store."""

    # --- how a call comes to this node ------------------------------------------------------------------------

    @classmethod
    def arrive(cls, house: House, channel: Channel, arrival: Arrival) -> Self:
        """A new call, on the flow of the number that it dialled."""
        town = house.towns.live()
        flow = town.flows.for_number(arrival.dialled)
        caller: dict[str, Value] = {"number": arrival.number, "name": arrival.name, "withheld": arrival.withheld}
        session = begin(flow, call=channel.id, version=town.version, caller=caller, dialled=arrival.dialled)
        record = CallRecord(session, house.asterisk, channel.name, house.clock(), node=house.node)
        call = cls(house, channel, record, town)
        call.log.add(
            "call.arrived",
            **asdict(arrival),
            flow=flow.name,
            version=town.version,
            language=session.language,
            asterisk=house.asterisk,
            channel=channel.name,
        )
        return call

    @classmethod
    async def resume(cls, house: House, channel: Channel) -> Self | None:
        """A call that another engine held; None where neither the store nor its own line knows anything of it."""
        data = await house.store.load_call(channel.id)
        record = CallRecord.from_data(data) if data else unpacked(await channel.recall())
        if record is None or record.session.call != channel.id:
            return None
        record.node = house.node
        call = cls(house, channel, record, await house.towns.bring(record.session.version))
        call.stored = data is not None
        call.log.add("call.resumed", node=house.node)
        return call

    # --- from here to its end ---------------------------------------------------------------------------------

    async def run(self, *, resumed: bool = False) -> None:
        """Until the caller or the flow ends it. A fault of ours is told to the caller in a sentence."""
        self.house.calls[self.channel.id] = self
        try:
            await self._go_on(resumed)
        except CallerGone:
            if self.line:
                await self.line.give_up()
            await self._over("caller_hung_up")
        except (ChannelLost, StoreAway):
            raise  # another engine, or this one a little later, goes on from what is stored
        except Exception:
            log.exception(
                "call %s failed in step %r of flow %r", self.channel.id, self.record.session.step, self.flow.name
            )
            await self._apologise()
        finally:
            if self.house.calls.get(self.channel.id) is self:
                del self.house.calls[self.channel.id]

    @property
    def version(self) -> str:
        """Of the town, on which it began."""
        return self.record.session.version

    async def offered(self, offer: OfferMessage) -> None:
        """Told by the node."""
        if self.line:
            await self.line.offered(offer)

    async def sent_away(self, entry: str, reason: str) -> None:
        """Told by the node."""
        if self.line:
            await self.line.sent_away(entry, reason)

    async def ruled(self, notice: RuleMessage) -> None:
        """Told by the node."""
        if self.line:
            await self.line.ruled(notice)

    async def directed(self, notice: DirectMessage) -> None:
        """Told by the node."""
        if self.line:
            await self.line.directed(notice)

    @property
    def place(self) -> tuple[int, int, str]:
        return self.line.place if self.line else (0, 0, self.channel.id)

    async def changed(self, entry: str) -> None:
        if self.line:
            await self.line.changed(entry)

    async def tell_again(self) -> None:
        """A wiped store is told of this call, as it stands."""
        if self.stored:
            await self.house.store.save_call(self.channel.id, self.record.to_data())
        if self.line:
            await self.line.tell_again()

    async def _go_on(self, resumed: bool) -> None:
        turn = again(self.flow, self.record.session) if resumed else await self._begin()
        while (heard := await self._perform(turn.acts)) is not None:
            turn = self._advance(heard)
        await self.channel.finish()
        await self._over("failed" if turn.failed else "flow_ended")

    async def _begin(self) -> Turn:
        """Answer, while history is asked who this is."""
        session = self.record.session
        known, _ = await asyncio.gather(self.house.callers.caller(str(session.caller["number"])), self.channel.answer())
        session.caller |= known
        return self._advance(Started())

    def _advance(self, heard: Input) -> Turn:
        turn = advance(self.flow, self.record.session, heard)
        for kind, data in turn.happened:
            self.log.add(kind, **data)
        if turn.failed:
            log.error("call %s: %s", self.channel.id, turn.failed)
        return turn

    async def _perform(self, acts: Sequence[Act]) -> Input | None:
        """Do what the engine asks; gives what the call waited for, or None at its end."""
        *before, last = acts
        if isinstance(last, Gather) or not self.stored:
            await self._save()
        typed, sounds = await self._speak([act for act in before if isinstance(act, BEFORE)])
        if isinstance(last, Gather):
            return await self._collect(last, typed, sounds)
        if sounds:
            await self.channel.play(sounds)
        match last:
            case Hangup():
                return None
            case Enqueue():
                return await self._queue(last)
            case Say() | Play():
                raise TypeError(f"a turn cannot end in {last!r}")
        return await self.deeds.do(last)

    async def _speak(self, acts: Sequence[Before]) -> tuple[str, list[Sound]]:
        """Play what comes before a wait. Gives the key that stopped it, and the sounds still to be played, which go
        into one command with what comes next. A key never stops what is to be heard to its end."""
        typed, waiting = "", list[Sound]()
        for act in acts:
            if act.interruptible:
                waiting += [] if typed else await self._sounds_of(act)
                continue
            sounds = await self._sounds_of(act)
            if waiting:
                typed, waiting = await self.channel.play(waiting), []
            await self.channel.play(sounds, interruptible=False)
        return typed, waiting

    async def _collect(self, act: Gather, typed: str, before: list[Sound]) -> Pressed:
        sounds = await self._sounds(act.prompts)
        if before and not act.digits.barge_in:
            await self.channel.play(before)
            before = []
        return await self.channel.collect([*before, *sounds], act.digits, typed)

    async def _sounds_of(self, act: Before) -> list[Sound]:
        if isinstance(act, Say):
            return await self._sounds(act.prompts)
        prompts = self.house.parts.prompts
        if prompts and (sound := await prompts.sound(act.file, act.language, self.record.session.version)):
            return self._noted([sound])
        self.log.add("call.lacked", step=self.record.session.place, name=f"prompts/{act.file}")
        return await self._sounds(act.prompts)

    async def _sounds(self, prompts: Sequence[Prompt]) -> list[Sound]:
        return self._noted([await self.house.voice.sound(prompt, self.version) for prompt in prompts])

    def _noted(self, sounds: list[Sound]) -> list[Sound]:
        self.heard += [PurePath(sound).name for sound in sounds]
        return sounds

    # --- queues -----------------------------------------------------------------------------------------------

    async def _queue(self, act: Enqueue) -> LeftQueue | Refused:
        """In line, and wherever agents send the caller from there, until the flow goes on."""
        record = self.record
        left: LeftQueue | Refused
        if record.onward:
            await self._end_former()
        else:
            left = await self._stay(act)
        while record.onward:
            left = await self._go_onward(act)
        record.moved = {}
        return left

    async def _go_onward(self, act: Enqueue) -> LeftQueue | Refused:
        """Where an agent sent the caller."""
        record, onward = self.record, self.record.onward
        if onward["how"] == "complete":
            return await self._join_outside(onward)
        if onwards.target(onward)[0] == "service":
            return await self._go_outside(onward)
        record.moved = onwards.terms_of(onward, record.first_queued, self.house.clock())
        record.onward = {}
        if record.moved["queue"] in self._queues and (left := await self._stay(act)) is not CLOSED:
            return left
        record.onward = record.moved["back"] or {}
        return LeftQueue("unanswered", "closed")

    async def _go_outside(self, onward: onwards.Onward) -> LeftQueue | Refused:
        """To a service of the directory, if it is open and may be dialled; back where not, or where nobody answers."""
        _, name = onwards.target(onward)
        told = await self.deeds.do(Service(name, self.record.session.language))
        number = str(told.values["number"] or "") if isinstance(told, Done) and told.values["open"] else ""
        if number and isinstance(await self.deeds.do(Transfer(number), service=name), Done):
            self.record.onward = {}
            return LeftQueue("answered")
        self.record.onward = onwards.back(onward)
        return LeftQueue("unanswered", "returned")

    async def _join_outside(self, onward: onwards.Onward) -> LeftQueue:
        """With somebody at a service whom the agent asked, and who is in the room."""
        room, began = str(self.record.asked.get("room", "")), self.house.clock()
        if not await self.channel.has_met(str(onward["id"])):
            try:
                await self.channel.meet(room, str(onward["id"]))
            except CallerGone:
                await self.channel.rooms.clear(room)
                raise
        seconds = round((self.house.clock() - began) / 1000)
        self.log.add("call.transferred", number="", seconds=seconds, service=onwards.target(onward)[1])
        self.record.onward = {}
        return LeftQueue("answered")

    async def _end_former(self) -> None:
        """The engine that knew where the caller is to go died before the conversation was ended in the store."""
        store, now, record = self.house.store, self.house.clock(), self.record
        former = await store.entry(record.entry) if record.entry else None
        if former and former.state is EntryState.CONNECTED:
            await store.finish(former.id, now - former.answered_at, now)
        elif former:
            await store.leave(former.id, "returned", now)
        record.entry = ""

    @property
    def _queues(self) -> Mapping[str, Queue]:
        """Those of the call's own version of the town, and others of the live one, where agents may send it."""
        return {**self.house.towns.live().queues, **self.town.queues}

    async def _stay(self, act: Enqueue) -> LeftQueue | Refused:
        """Join the line, or take the place again that the call has in it."""
        record = self.record
        known = bool(record.entry)
        if not known:
            record.asked = {}
            record.visits += 1
            record.entered = self.house.clock()
            record.first_queued = record.first_queued or record.entered
            record.entry = f"{self.channel.id}-{record.visits}"
        ways_out = self._ways_out(act)
        entry = self._entry(act)
        record.queue = entry.queue
        if record.moved and not known:
            await self._forget_former(entry)
        self.line = line = Line(self.house, self.channel, entry, packed(record), ways_out)
        await self._save()
        left = await (line.rejoin() if known else line.join())
        self.line, record.entry = None, ""
        return left

    async def _forget_former(self, entry: Entry) -> None:
        """The line knows of a conversation that was answered: it is not to be taken for the end of this entry."""
        await self.channel.remember(packed(self.record))
        if self.record.moved["front"]:
            entries = (await self.house.store.snapshot()).entries
            entry.priority = self.record.moved["priority"] = onwards.front(entry, entries)

    def _ways_out(self, act: Enqueue) -> WaysOut:
        return WaysOut(self.house, self.channel, self.deeds, self.record.session.language, act.exits)

    def _entry(self, act: Enqueue) -> Entry:
        record, queue = self.record, self.town.queues[act.queue]
        entry = Entry(
            id=record.entry,
            call=self.channel.id,
            queue=act.queue,
            since=record.first_queued,
            entered=record.entered or self.house.clock(),
            priority=act.priority,
            skills=dict(act.skills),
            node=self.house.node,
            asterisk=record.asterisk,
            channel=record.channel,
            preferred=Preferred(agents=[act.preferred], for_ms=act.prefer_ms) if act.preferred else Preferred(),
            **queue.terms(act.skills),
        )
        moved = record.moved
        return onwards.placed(entry, moved, self._queues[moved["queue"]].terms(act.skills)) if moved else entry

    # --- storing and ending -----------------------------------------------------------------------------------

    async def _save(self) -> None:
        self._tell_heard()
        await self.house.store.save_call(self.channel.id, self.record.to_data(), self.log.take())
        self.stored = True

    async def _over(self, reason: str) -> None:
        session = self.record.session
        self._tell_heard()
        events = [*self.log.take(), ended(self.channel.id, session, reason, self.house.clock())]
        stored, self.stored = self.stored, False
        if not stored or not await self.house.store.drop_call(self.channel.id, events):
            # The store had forgotten it, or another engine buried it, with the same last event.
            await self.house.store.emit(events)

    def _tell_heard(self) -> None:
        """Along with what is stored anyway: it costs no round trip."""
        if self.heard:
            self.log.add("call.heard", sounds=self.heard)
            self.heard = []

    async def _apologise(self) -> None:
        """The safe exit."""
        try:
            if self.line:
                await self.line.leave("failed")
            language = self.record.session.language
            sound = await self.house.voice.sound(Prompt(APOLOGY.get(language, APOLOGY["en"]), language), self.version)
            await self.channel.play([sound], interruptible=False)
            await self.channel.finish()
        except CallerGone:
            pass  # told once, below
        await self._over("failed")
