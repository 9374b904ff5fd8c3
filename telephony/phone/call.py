"""One call of a phone, from either side: its dialog (RFC 3261 12), its sound, and what happened when."""

import asyncio
import os
from collections.abc import Coroutine
from typing import Any, Protocol

from telephony.phone import sdp
from telephony.phone.digest import digest_answer
from telephony.phone.message import Headers, NameAddress, Request, Response
from telephony.phone.moment import PATIENCE_S, Moment, NotInTime, PhoneError, within
from telephony.phone.talk import Talk
from telephony.phone.transaction import Address, Transactions

REASONS = {
    486: "Busy Here",
    480: "Temporarily Unavailable",
    404: "Not Found",
    603: "Decline",
    487: "Request Terminated",
}


class Line(Protocol):
    """What a call needs of its phone."""

    user: str
    password: str
    ip: str
    transactions: Transactions

    @property
    def via(self) -> str: ...

    @property
    def contact(self) -> str: ...

    def forget(self, call: "PhoneCall") -> None: ...


class PhoneCall(Talk):
    """`ringing`, `answered` and `ended` happen once each and know when (`.at`, of time.monotonic())."""

    def __init__(
        self, line: Line, call_id: str, *, outgoing: bool, local: str, remote: str, target: str, peer: Address
    ) -> None:
        self.other = NameAddress.parse(remote)
        """Whom it is with: display name and address as they stood in the first INVITE."""
        super().__init__(f"the call {'to' if outgoing else 'from'} {self.other.user}")
        self.id = call_id
        self.outgoing = outgoing
        self.status = 0
        """The final SIP status of its INVITE."""
        self.invite: Request | None = None
        self.response: Response | None = None
        self.ringing = Moment(f"{self.name} to ring")
        self.answered = Moment(f"{self.name} to be answered")
        self._line, self._local, self._remote, self._target, self._peer = line, local, remote, target, peer
        self._sequence = 0
        self._port = 0
        self._progress = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._leaving = False
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- what a person does -----------------------------------------------------------------------------------------

    def answer(self) -> None:
        """Take an incoming call. Does nothing where the caller has just given up."""
        if self.outgoing or self.answered or self.ended or self.invite is None:
            return
        self._reply(self.invite, 200, "OK", with_sound=True)
        self.status = 200
        self.answered.happen()
        if media := sdp.read(self.invite.body):
            self._rtp.send_to(media)

    def reject(self, status: int = 486) -> None:
        """Refuse an incoming call."""
        if self.outgoing or self.answered or self.ended or self.invite is None:
            return
        self.status = status
        self._reply(self.invite, status, REASONS.get(status, "Refused"))
        self.finish("it was refused here")

    async def hang_up(self, limit: float = PATIENCE_S) -> None:
        """End the call, whatever it is doing: CANCEL, refuse, or BYE. Does nothing where it is over; a call to which
        nobody ever responded is over after `limit` seconds."""
        self._leaving = True
        if not self.ended and not self.outgoing and not self.answered:
            self.reject(603)
        if not self.ended and not self.answered:
            await self._take_back(limit)
        elif not self.ended:
            await self._bye(limit)
        await self.ended.wait(limit)

    # --- placing it -------------------------------------------------------------------------------------------------

    async def place(self, extra: Headers) -> None:
        """Dial; how it goes shows in the moments."""
        self._port = await self._rtp.open(self._line.ip)
        self._start(self._dial(extra))

    async def _dial(self, extra: Headers) -> None:
        try:
            response = await self._send_invite(extra)
            if response.status in (401, 407):
                request = self.invite
                answer = request and digest_answer(
                    response, "INVITE", request.uri, self._line.user, self._line.password
                )
                if answer and self._line.password and not self._leaving:
                    response = await self._send_invite([*extra, answer])
        except PhoneError as error:
            self.finish(str(error))
            return
        await self._concluded(response)

    def _send_invite(self, extra: Headers) -> "asyncio.Future[Response]":
        headers = [*extra, ("content-type", "application/sdp")]
        self.invite = self._request("INVITE", headers, sdp.describe(self._line.ip, self._port))
        return self._line.transactions.ask(self.invite, self._peer, self._line.via, self._provisional)

    def _provisional(self, response: Response) -> None:
        self._progress.set()
        if response.status in (180, 183):
            self.ringing.happen()
        if media := sdp.read(response.body):
            self._rtp.send_to(media)

    async def _concluded(self, response: Response) -> None:
        self.status, self.response = response.status, response
        self._progress.set()
        if response.status >= 300:
            self.finish(f"it was answered with {response.status} {response.reason}")
            return
        self._remote = response.get("to")
        self._target = NameAddress.parse(response.get("contact")).uri or self._target
        self._line.transactions.acknowledge(response, self._ack(response), self._peer)
        if media := sdp.read(response.body):
            self._rtp.send_to(media)
        self.answered.happen()
        if self._leaving:  # the answer crossed our CANCEL
            await self._bye(5.0)

    async def _take_back(self, limit: float) -> None:
        """No CANCEL before a provisional response: RFC 3261 9.1."""
        try:
            await within(limit, self._progress.wait(), f"any response in {self.name}")
        except NotInTime as silence:
            self._stop_trying(str(silence))
            return
        if not self.answered and not self.ended:
            self._cancel()

    def _cancel(self) -> None:
        invite = self.invite
        assert invite is not None
        kept = [header for header in invite.headers if header[0] in ("via", "from", "to", "call-id", "max-forwards")]
        cancel = Request(method="CANCEL", uri=invite.uri, headers=[*kept, ("cseq", f"{invite.sequence[0]} CANCEL")])
        self._start(self._ask_quietly(cancel))

    async def _bye(self, limit: float) -> None:
        try:
            if not self.outgoing:  # who was called may not say BYE before the ACK: RFC 3261 15
                await within(limit, self._acknowledged.wait(), f"the ACK of {self.name}")
            await within(limit, self._line.transactions.ask(self._request("BYE"), self._peer, self._line.via),
                         f"a reply to BYE in {self.name}")  # fmt: skip
        finally:
            self.finish("it was hung up here")

    async def _ask_quietly(self, request: Request) -> None:
        """What matters shows elsewhere: a CANCEL's effect is the INVITE's own final response."""
        try:
            await self._line.transactions.ask(request, self._peer, self._line.via)
        except NotInTime as error:
            self.finish(str(error))

    # --- what the other side does -----------------------------------------------------------------------------------

    async def arrive(self, invite: Request) -> None:
        """An incoming call begins to ring."""
        self.invite = invite
        self._port = await self._rtp.open(self._line.ip)
        if not self.ended:
            self._reply(invite, 180, "Ringing")
            self.ringing.happen()

    def reinvited(self, request: Request) -> None:
        """INVITE or UPDATE inside the call: where the sound goes may change."""
        if media := sdp.read(request.body):
            self._rtp.send_to(media)
        self._reply(request, 200, "OK", with_sound=bool(request.body) or request.method == "INVITE")

    def acknowledged(self, ack: Request) -> None:
        """The other side knows that we answered. An INVITE without a description is described by its ACK."""
        self._acknowledged.set()
        if media := sdp.read(ack.body):
            self._rtp.send_to(media)

    def cancelled(self) -> None:
        if self.invite is not None and not self.outgoing and not self.answered and not self.ended:
            self.status = 487
            self._reply(self.invite, 487, REASONS[487])
            self.finish("the caller gave up")

    def finish(self, why: str) -> None:
        """It is over, for whatever reason."""
        if self.ended:
            return
        self.ended_because = why
        self._progress.set()
        self.ended.happen()
        self.ringing.rule_out(f"it ended: {why}")
        self.answered.rule_out(f"it ended: {why}")
        self._rtp.close()
        self._line.forget(self)

    def abandon(self) -> None:
        """Forget it without a word to the other side, as a phone does whose power is cut."""
        self._stop_trying("the phone went away")

    def _stop_trying(self, why: str) -> None:
        for task in self._tasks:
            task.cancel()
        self.finish(why)

    # --- messages ---------------------------------------------------------------------------------------------------

    def _request(self, method: str, extra: Headers | None = None, body: bytes = b"") -> Request:
        self._sequence += 1
        headers = [
            ("max-forwards", "70"),
            ("from", self._local),
            ("to", self._remote),
            ("call-id", self.id),
            ("cseq", f"{self._sequence} {method}"),
            ("contact", self._line.contact),
            *(extra or []),
        ]
        return Request(method=method, uri=self._target, headers=headers, body=body)

    def _ack(self, response: Response) -> Request:
        """For a 2xx: a transaction of its own, with the INVITE's CSeq number (RFC 3261 13.2.2.4)."""
        ack = self._request("ACK")
        self._sequence -= 1
        number = response.sequence[0]
        kept = [header for header in ack.headers if header[0] != "cseq"]
        via = ("via", f"SIP/2.0/UDP {self._line.via};rport;branch=z9hG4bK{os.urandom(8).hex()}")
        ack.headers = [via, *kept, ("cseq", f"{number} ACK")]
        return ack

    def _reply(self, request: Request, status: int, reason: str, with_sound: bool = False) -> None:
        extra: Headers = [("contact", self._line.contact)]
        body = b""
        if with_sound:
            extra.append(("content-type", "application/sdp"))
            body = sdp.describe(self._line.ip, self._port)
        tag = NameAddress.parse(self._local).tag
        self._line.transactions.reply(request, self._peer, status, reason, tag, extra, body)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
