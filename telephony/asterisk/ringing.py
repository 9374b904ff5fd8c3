"""An agent's phone: what AMI tells of it while Dial holds the AGI connection, and what Dial leaves behind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from telephony.asterisk import variables
from telephony.asterisk.ami import Ami, Message
from telephony.channel import DialResult, DialStatus

log = logging.getLogger(__name__)

Told = Callable[[], Awaitable[None]]

STATUSES = {
    "ANSWER": DialStatus.ANSWERED,
    "NOANSWER": DialStatus.NO_ANSWER,
    "BUSY": DialStatus.BUSY,
    "CHANUNAVAIL": DialStatus.UNREACHABLE,
    "CONGESTION": DialStatus.UNREACHABLE,
    "CANCEL": DialStatus.CALLER_GONE,
}
"""Dial's DIALSTATUS."""

LAST_DIAL = f"${{{variables.OFFER}}}|${{DIALSTATUS}}|${{ANSWEREDTIME_MS}}"


def dial_result(known: str) -> tuple[str, DialResult]:
    """The offer and how its ringing ended, from what LAST_DIAL comes to; "" and UNREACHABLE where nothing was
    dialled."""
    offer, status, talk_ms = known.split("|") if known.count("|") == 2 else ("", "", "")
    if not offer or not status:
        return "", DialResult(DialStatus.UNREACHABLE)
    how = STATUSES.get(status, DialStatus.UNREACHABLE)
    talked = int(talk_ms) if how is DialStatus.ANSWERED and talk_ms.isdecimal() else 0
    return offer, DialResult(how, talked)


class Ringing:
    """Around one Dial of the caller's channel. `on_ringing` and `on_answer` are awaited at most once each, in that
    order, and have been when the block is left. One that fails is logged: the call goes on."""

    def __init__(self, ami: Ami, uniqueid: str, on_ringing: Told, on_answer: Told) -> None:
        self._on_ringing, self._on_answer = on_ringing, on_answer
        self._rang = self._answered = False
        self._telling: asyncio.Task[None] | None = None
        self._ami, self._uniqueid = ami, uniqueid

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

    def was_answered(self) -> None:
        """Tell so now, unless AMI did."""
        if not self._answered:
            self._answered = True
            self._tell(self._on_answer)

    def _state(self, event: Message) -> None:
        if event.get("DialStatus") == "RINGING" and not (self._rang or self._answered):
            self._rang = True
            self._tell(self._on_ringing)

    def _end(self, event: Message) -> None:
        if event.get("DialStatus") == "ANSWER":
            self.was_answered()

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
