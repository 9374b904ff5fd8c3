"""What a flow asks of the house itself: to look something up, to take a message, to put somebody through. Whatever goes
wrong is Refused, so that the flow takes its exit for that and the call goes on."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from core.errors import CallerGone
from ivr.acts import (
    Answer,
    Callback,
    Done,
    Hours,
    Input,
    Lookup,
    Prompt,
    Record,
    Refused,
    Service,
    Sms,
    Take,
    Transfer,
    Voicemail,
)  # fmt: skip
from queues.model import Entry, Kind, message_id
from telephony.channel import Channel, DialResult, DialStatus, Sound
from telephony.context import context_of, going_along
from telephony.house import House, Queue
from telephony.parts import Told
from telephony.record import CallRecord, Log

log = logging.getLogger(__name__)

PATIENCE_S = 4.0
"""How long a call waits for a part of the house."""
EMPTY_MS = 1_200
"""No message is as short. Asterisk leaves one second of the silence that ended a recording."""

Deed = Lookup | Hours | Answer | Service | Callback | Sms | Voicemail | Record | Transfer
Saved = Callable[[], Awaitable[None]]
Sounds = Callable[[Sequence[Prompt]], Awaitable[list[Sound]]]

UNAVAILABLE = Refused("unavailable")
REFUSALS = {
    DialStatus.BUSY: Refused("busy"),
    DialStatus.NO_ANSWER: Refused("no_answer"),
    DialStatus.UNREACHABLE: Refused("unreachable"),
}


class Deeds:
    """Those of one call. `save` stores the call, `sounds` are the sounds of prompts."""

    def __init__(
        self,
        house: House,
        channel: Channel,
        record: CallRecord,
        events: Log,
        save: Saved,
        sounds: Sounds,
        queues: Mapping[str, Queue],
    ) -> None:
        self.house, self.channel, self.record, self.events, self.queues = house, channel, record, events, queues
        self.save, self.sounds = save, sounds
        self.kept = 0
        """How many recordings of the caller were kept."""

    async def do(self, act: Deed, *, service: str = "") -> Input:
        """The answer to the act. `service`: whose number is dialled, where an agent sends the caller there. Raises
        CallerGone and ChannelLost."""
        parts, call, now = self.house.parts, self.channel.id, self.house.clock()
        session, directory = self.record.session, parts.directory
        match act:
            case Lookup("service"):
                looked = directory.look_up(act, session.language, now, session.version) if directory else None
                return await self._ask(looked)
            case Lookup():
                return await self._ask(parts.lookups.look_up(act, call) if parts.lookups else None)
            case Hours():
                return await self._ask(parts.hours.hours(act, now, session.version) if parts.hours else None)
            case Answer():
                return await self._ask(parts.answers.answer(act, session.version) if parts.answers else None)
            case Service():
                return await self._ask(directory.service(act, now, session.version) if directory else None)
            case Callback():
                return await self._ask(parts.callbacks.promise(act, call, now) if parts.callbacks else None)
            case Sms():
                return await self._ask(parts.sms.send(act, call) if parts.sms else None)
            case Voicemail():
                return await self._voicemail(act)
            case Record():
                return await self._record(act)
            case Transfer():
                return await self._transfer(act, service)

    async def _ask(self, part: Awaitable[Told] | None) -> Told:
        if part is None:
            return UNAVAILABLE
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await part
        except TimeoutError:
            log.warning("call %s: a part of the house did not answer in %g s", self.channel.id, PATIENCE_S)
            return Refused("timeout")
        except Exception:
            log.exception("call %s: a part of the house failed", self.channel.id)
            return UNAVAILABLE

    # --- the caller's voice ---------------------------------------------------------------------------------------

    async def _voicemail(self, act: Voicemail) -> Told:
        """Into the line of the queue, also where that admits no callers."""
        return await self._take(act.prompts, act.take, "call.voicemail", queue=act.queue)

    async def _record(self, act: Record) -> Told:
        return await self._take(act.prompts, act.take, "call.recorded", step=self.record.session.place)

    async def _take(self, prompts: Sequence[Prompt], take: Take, kind: str, **about: str) -> Told:
        """Speak all of it, then record. A caller who hangs up after speaking has left a message all the same."""
        recordings = self.house.parts.recordings
        if recordings is None:
            return UNAVAILABLE
        await self.save()  # it takes a while: another engine asks again from here
        await self.channel.play(await self.sounds(prompts), interruptible=False)
        path = recordings.fresh(self.channel.id)
        taken = await self.channel.record(path, take)
        told: Told = Refused(taken.failed or "empty")
        if taken.failed or taken.ms <= EMPTY_MS:
            await recordings.discard(path)
        else:
            told = Done(self._tell(kind, path, taken.ms, about))
            if queue := about.get("queue"):
                await self._put_in_line(queue, path.name)
        if taken.gone:
            raise CallerGone
        return told

    async def _put_in_line(self, name: str, file: str) -> None:
        """The message is work for the queue's agents. Its place counts from now."""
        queue, house, now = self.queues[name], self.house, self.house.clock()
        message = Entry(
            id=message_id(self.channel.id, file),
            call=self.channel.id,
            queue=name,
            since=now,
            entered=now,
            kind=Kind.VOICEMAIL,
            file=file,
            due=now + queue.messages_within,
            node=house.node,
            asterisk=house.asterisk,
            **queue.terms({}),
        )
        await house.store.enqueue(message)

    def _tell(self, kind: str, path: Path, ms: int, about: dict[str, str]) -> dict[str, str | int]:
        kept: dict[str, str | int] = {"file": path.name, "seconds": round(ms / 1000)}
        self.events.add(kind, **about, **kept)
        self.kept += 1
        return kept

    # --- others' phones -------------------------------------------------------------------------------------------

    async def _transfer(self, act: Transfer, service: str) -> Told:
        transfers, record = self.house.parts.transfers, self.record
        if transfers is None:
            return UNAVAILABLE
        if not transfers.allowed(act.number):
            who, step = self.house.pseudonym(act.number), record.session.place
            log.warning("call %s: step %s may not dial %s: the settings do not allow it", self.channel.id, step, who)
            return Refused("not_allowed")
        if record.dialling:  # another engine had begun
            dialled, result = await self.channel.last_dial()
            if dialled == record.dialling:
                return self._put_through(
                    act, service, result, result.talk_ms
                )  # the most it can have been: nobody saw more
        record.visits += 1
        record.dialling = f"transfer-{record.visits}"
        await self.save()
        return await self._dial(act, service, record.dialling)

    async def _dial(self, act: Transfer, service: str, name: str) -> Told:
        clock, answered_at = self.house.clock, 0

        async def answered() -> None:
            nonlocal answered_at
            answered_at = clock()

        record, session = self.record, self.record.session
        context = context_of(self.channel.id, record.queue, session, record.onward)
        along = await going_along(self.house, service or act.service, session.version, context, session.flow)
        result = await self.channel.transfer(act.number, name, act.ring_ms, answered, along)
        return self._put_through(act, service, result, clock() - answered_at if answered_at else 0)

    def _put_through(self, act: Transfer, service: str, result: DialResult, talk_ms: int) -> Told:
        self.record.dialling = ""
        if result.status is DialStatus.CALLER_GONE:
            raise CallerGone
        if refused := REFUSALS.get(result.status):
            return refused
        seconds = round(talk_ms / 1000)
        service = service or act.service
        named = {"service": service} if service else {}
        self.events.add("call.transferred", number=act.number, seconds=seconds, **named)
        return Done({"seconds": seconds})
