"""What overflow rules want of a waiting call itself: something said, keys offered, a way out of the line.

Whatever the house lacks is refused, and then the caller keeps the place and hears nothing false (ADR 0007)."""

import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from core.errors import CallerGone
from ivr.acts import Answer, Callback, Done, LeftQueue, Prompt, Refused, Sms, Take, Transfer, Voicemail
from queues.model import Entry
from telephony import waiting_words as words
from telephony.channel import Channel
from telephony.deeds import Deed, Deeds
from telephony.house import House

log = logging.getLogger(__name__)

TAKE = Take(most_ms=180_000, silence_ms=5_000)
"""A message that is left from the line."""
LEFT_AS: Mapping[str, str] = {"transfer": "transferred"}
"""The reason of entry.left, where it is another word than the way out."""


class WaysOut:
    """Those of one call. `own_exits`: ways out that its flow has steps for; the house itself does the others."""

    def __init__(self, house: House, channel: Channel, deeds: Deeds, language: str, own_exits: Collection[str]) -> None:
        self.house, self.channel, self.deeds = house, channel, deeds
        self.language, self.own_exits = language, own_exits

    def words_of(self, what: Mapping[str, Any]) -> Sequence[Prompt]:
        """What a notice has to be said, before it is done."""
        if "announce" in what:
            return words.announcement(what["announce"], self.language)
        if "lost" in what:
            return [words.said(words.LOST, self.language)]
        if "say" in what:
            return [words.own(what["say"], self.language)]
        return words.offers(what["offer"], self.language) if "offer" in what else []

    async def take(self, choice: str, entry: Entry) -> LeftQueue | None:
        """The caller goes by callback, voicemail or end; None: it was refused, and the caller waits on."""
        if choice in self.own_exits:
            await self._leave(entry, choice)
            return LeftQueue("unanswered", choice)
        act: Deed
        match choice:
            case "callback":
                number = str(self.deeds.record.session.caller.get("number") or "")
                act = Callback(entry.queue, number, dict(entry.skills), entry.priority)
            case "voicemail":
                act = Voicemail((words.said(words.SPEAK, self.language),), entry.queue, TAKE)
            case _:
                return await self._go(entry, "end")
        return await self._do(act, choice, entry)

    async def transfer(self, number: str, entry: Entry) -> LeftQueue | None:
        return await self._do(Transfer(number), "transfer", entry)

    async def send(self, answer: str, entry: Entry) -> None:
        """An answer of the town as a text message, if it can be; the caller waits on."""
        told = await self.deeds.do(Answer(answer, self.language))
        if isinstance(told, Done):
            number = str(self.deeds.record.session.caller.get("number") or "")
            prompt = Prompt(str(told.values["text"]), str(told.values["language"]))
            told = await self.deeds.do(Sms(number, prompt)) if number else Refused("withheld")
        if isinstance(told, Done):
            await self._speak(words.SENT)
        elif isinstance(told, Refused):
            self._refused(f"sms {answer}", told, entry)

    # --- how it is done -----------------------------------------------------------------------------------------

    async def _do(self, act: Deed, choice: str, entry: Entry) -> LeftQueue | None:
        kept = self.deeds.kept
        try:
            told = Refused("withheld") if isinstance(act, Callback) and not act.number else await self.deeds.do(act)
        except CallerGone:
            if self.deeds.kept > kept:  # they spoke, and hung up
                await self._leave(entry, choice)
            raise
        if isinstance(told, Refused):
            self._refused(choice, told, entry)
            return None
        return await self._go(entry, choice)

    async def _go(self, entry: Entry, choice: str) -> LeftQueue:
        """It is done: out of the line, and a word."""
        await self._leave(entry, choice)
        await self._speak(words.DONE[choice])
        return LeftQueue("served", choice)

    async def _leave(self, entry: Entry, choice: str) -> None:
        refusal = await self.house.store.leave(entry.id, LEFT_AS.get(choice, choice), self.house.clock())
        if refusal:
            log.info("call %s: its entry was gone already: %s", entry.call, refusal)

    async def _speak(self, said: words.Words) -> None:
        sounds = await self.deeds.sounds([words.said(said, self.language)])
        await self.channel.play(sounds, interruptible=False)

    def _refused(self, act: str, told: Refused, entry: Entry) -> None:
        log.info("call %s waits on: %s is refused: %s", entry.call, act, told.reason)
        step = self.deeds.record.session.place
        self.deeds.events.add("call.refused", step=step, act=act, reason=told.reason)
