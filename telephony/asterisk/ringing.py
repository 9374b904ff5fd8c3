"""An agent's phone: what AMI tells of it while Dial holds the AGI connection, and what Dial leaves behind."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import TracebackType
from typing import NamedTuple, Self

from telephony.asterisk import softphones, variables
from telephony.asterisk.ami import Ami, Message
from telephony.channel import DialResult, DialStatus

log = logging.getLogger(__name__)

Told = Callable[[], Awaitable[None]]


class News(NamedTuple):
    """What is awaited of several phones, each time with the offer that it is about."""

    on_ringing: Callable[[str], Awaitable[None]]
    on_answer: Callable[[str], Awaitable[None]]
    on_end: Callable[[str, DialStatus], Awaitable[None]]


STATUSES = {
    "ANSWER": DialStatus.ANSWERED,
    "NOANSWER": DialStatus.NO_ANSWER,
    "BUSY": DialStatus.BUSY,
    "CHANUNAVAIL": DialStatus.UNREACHABLE,
    "CONGESTION": DialStatus.UNREACHABLE,
    "CANCEL": DialStatus.CALLER_GONE,
}
"""Dial's DIALSTATUS."""
LOST = frozenset({"18", "27", "38", "41", "44", "102"})
"""Q.850 causes of a conversation that a fault ended: 44 is what Asterisk says of a phone whose sound stopped coming, 18
and 102 where it does not answer any more, the others where the network fails. Who hangs up says 16."""
ENDED_EARLY = (DialStatus.BUSY, DialStatus.UNREACHABLE)
"""How a phone's ringing may end while others still ring."""

LAST_DIAL = "|".join(
    f"${{{name}}}"
    for name in (
        variables.OFFER, "DIALSTATUS", "ANSWEREDTIME_MS", variables.ANSWERED, variables.BEGAN, "DIALEDTIME_MS",
        "DIALEDPEERNAME", "DIALEDPEERNUMBER", variables.PARTED,
    )
)  # fmt: skip
"""ANSWEREDTIME and DIALEDTIME are the caller's line's own: from when it was answered, and from its beginning, to the
end of the conversation (end_bridge_callback in app_dial.c)."""

_CHANNEL = re.compile(r"PJSIP/(.{1,40})-[0-9a-f]{1,16}")
_ELSEWHERE = re.compile(r"([0-9]{2,8})@[a-z0-9-]{1,30}")
"""What was dialled to ring an agent's phone at another Asterisk."""


def extension_of(channel: str, dialled: str = "") -> str:
    """Of the agent whose phone, at the desk or in the browser, a channel is, or whom what was dialled rings; or ''."""
    if elsewhere := _ELSEWHERE.fullmatch(dialled):
        return elsewhere[1]
    found = _CHANNEL.fullmatch(channel)
    return softphones.extension_of(found[1]) if found else ""


def dial_result(known: str) -> tuple[str, DialResult]:
    """The offer and how its ringing ended, from what LAST_DIAL comes to; "" and UNREACHABLE where nothing was
    dialled."""
    offer, status, *more = known.split("|") if known.count("|") == 8 else ("", "")
    if not offer or not status:
        return "", DialResult(DialStatus.UNREACHABLE)
    how = STATUSES.get(status, DialStatus.UNREACHABLE)
    if how is not DialStatus.ANSWERED:
        return offer, DialResult(how)
    if more[1] == "0":
        return offer, DialResult(DialStatus.NO_ANSWER)
    up, answered_at, began, lasted = (int(time) if time.isdecimal() else 0 for time in more[:4])
    extension, parted = extension_of(*more[4:6]), more[6]
    if not (answered_at and began and lasted):
        return offer, DialResult(how, up, extension, lost=parted in LOST)
    return offer, DialResult(how, max(0, began + lasted - answered_at), extension, answered_at, parted in LOST)


RINGS = ("RINGING", "PROGRESS")
"""DialState's: some phones make their own sound instead of saying that they ring."""


class _Telling:
    """News of phones that Dial rings for the channel `uniqueid`, told one after the other; all have been when the block
    is left. A telling that fails is logged: the call goes on."""

    def __init__(self, ami: Ami, uniqueid: str) -> None:
        self._ami, self._uniqueid = ami, uniqueid
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._ends = [
            self._ami.listen("DialState", self._state, self._uniqueid),
            self._ami.listen("DialEnd", self._end, self._uniqueid),
        ]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        for end in self._ends:
            end()
        if self._telling and kind is None:
            await self._telling
        elif self._telling:
            self._telling.cancel()

    def _state(self, event: Message) -> None:
        raise NotImplementedError

    def _end(self, event: Message) -> None:
        raise NotImplementedError

    def _tell(self, told: Told) -> None:
        self._telling = asyncio.get_running_loop().create_task(self._after(self._telling, told))

    @staticmethod
    async def _after(former: "asyncio.Task[None] | None", told: Told) -> None:
        if former:
            await former
        try:
            await told()
        except Exception:
            log.exception("news of an agent's phone could not be told")


class Ringing(_Telling):
    """Around one Dial of the caller's channel. `on_ringing` and `on_answer` are awaited at most once each, in that
    order, and have been when the block is left. One that fails is logged: the call goes on. `whispers`: who answers is
    told something first; AMI says that they answered though they hang up meanwhile."""

    def __init__(self, ami: Ami, uniqueid: str, on_ringing: Told, on_answer: Told, whispers: bool = False) -> None:
        super().__init__(ami, uniqueid)
        self._on_ringing, self._on_answer, self._whispers = on_ringing, on_answer, whispers
        self._rang = self._answered = False

    @property
    def rang(self) -> bool:
        """The phone was heard of: it rang, or was answered."""
        return self._rang or self._answered

    def was_answered(self) -> None:
        """Tell so now, unless AMI did."""
        if not self._answered:
            self._answered = True
            self._tell(self._on_answer)

    def _state(self, event: Message) -> None:
        if event.get("DialStatus") in RINGS and not (self._rang or self._answered):
            self._rang = True
            self._tell(self._on_ringing)

    def _end(self, event: Message) -> None:
        if event.get("DialStatus") == "ANSWER" and not self._whispers:
            self.was_answered()


class RingingTogether(_Telling):
    """Around one Dial of several phones: `phones` is each extension with its offer."""

    def __init__(self, ami: Ami, uniqueid: str, phones: Mapping[str, str], news: News) -> None:
        super().__init__(ami, uniqueid)
        self._phones, self._news = phones, news
        self._told: set[str] = set()
        self._ringing: dict[str, set[str]] = {}
        """By extension: an agent may have a phone at the desk and one in the browser."""
        self._answered = False
        self._elsewhere: dict[str, str] = {}
        """The channel that leads to another Asterisk, and whose phone rings there."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._ends.append(self._ami.listen("DialBegin", self._begin, self._uniqueid))
        return self

    def _begin(self, event: Message) -> None:
        self._elsewhere[event.get("DestChannel", "")] = extension_of("", event.get("DialString", ""))

    def _extension(self, event: Message) -> str:
        channel = event.get("DestChannel", "")
        return extension_of(channel) or self._elsewhere.get(channel, "")

    def was_answered(self, extension: str) -> None:
        """Tell so now, unless AMI did."""
        if not self._answered and (offer := self._phones.get(extension)):
            self._answered = True
            self._tell(partial(self._news.on_answer, offer))

    def _state(self, event: Message) -> None:
        extension = self._extension(event)
        offer = self._phones.get(extension)
        if event.get("DialStatus") not in RINGS or not offer:
            return
        self._ringing.setdefault(extension, set()).add(event["DestChannel"])
        if offer not in self._told and not self._answered:
            self._told.add(offer)
            self._tell(partial(self._news.on_ringing, offer))

    def _end(self, event: Message) -> None:
        extension, status = self._extension(event), event.get("DialStatus", "")
        if status == "ANSWER":
            self.was_answered(extension)
        elif (how := STATUSES.get(status)) in ENDED_EARLY and (offer := self._phones.get(extension)):
            still = self._ringing.setdefault(extension, set())
            still.discard(event.get("DestChannel", ""))
            if still:
                return
            assert how is not None
            self._tell(partial(self._news.on_end, offer, how))
