"""SIP transactions over one UDP socket (RFC 3261 17): what was lost is sent again, what comes twice is answered twice
but heard once."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from telephony.phone.message import Headers, Request, Response
from telephony.phone.moment import NotInTime

Address = tuple[str, int]
"""Numeric IPv4 address and port."""
T1 = 0.5
"""Seconds until the first retransmission; each further one takes twice as long, up to T2."""
T2 = 4.0
KEPT = 32.0
"""Seconds for which an answer is remembered, and after which a request without any response is given up (64 × T1)."""

_BRANCH = "z9hG4bK"  # RFC 3261 8.1.1.7


@dataclass(slots=True, eq=False)
class _Asked:
    request: Request
    to: Address
    final: "asyncio.Future[Response]"
    provisional: Callable[[Response], None] | None
    again: "_Resend"


class _Resend:
    """Does something at once, then again after T1, 2 T1, … until stopped or given up."""

    def __init__(self, send: Callable[[], None], given_up: Callable[[], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._send, self._given_up = send, given_up
        self._end = self._loop.time() + KEPT
        self._pause = T1
        send()
        self._timer = self._loop.call_later(self._pause, self._again)

    def stop(self) -> None:
        self._timer.cancel()

    def _again(self) -> None:
        if self._loop.time() >= self._end:
            self._given_up()
            return
        self._send()
        self._pause = min(self._pause * 2, T2)
        self._timer = self._loop.call_later(self._pause, self._again)


class Transactions:
    """`send` puts bytes on the network; `received` is given each request once, ACKs too."""

    def __init__(self, send: Callable[[bytes, Address], None], received: Callable[[Request, Address], None]) -> None:
        self._send, self._received = send, received
        self._asked: dict[tuple[str, str], _Asked] = {}
        self._acks: dict[str, tuple[float, Request, Address]] = {}
        self._replies: dict[tuple[str, str], tuple[float, bytes | None]] = {}
        self._unacknowledged: dict[tuple[str, int], _Resend] = {}

    def close(self) -> None:
        for asked in self._asked.values():
            asked.again.stop()
            asked.final.cancel()
        for resend in self._unacknowledged.values():
            resend.stop()

    # --- asking -----------------------------------------------------------------------------------------------------

    def ask(
        self, request: Request, to: Address, via: str, provisional: Callable[[Response], None] | None = None
    ) -> "asyncio.Future[Response]":
        """Send a request until it is answered; gives the final response, or NotInTime after KEPT seconds of nothing.
        `via` is our own host:port. A CANCEL has its INVITE's Via already."""
        if not request.branch:
            request.headers.insert(0, ("via", f"SIP/2.0/UDP {via};rport;branch={_BRANCH}{os.urandom(8).hex()}"))
        key = request.branch, request.method
        data = request.encode()
        final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

        def give_up() -> None:
            if not final.done():
                final.set_exception(NotInTime(f"no reply to {request.method} {request.uri} within {KEPT:g} s"))

        def settled(_: object) -> None:
            """Answered, given up, or nobody waits for the answer any more."""
            again.stop()
            self._asked.pop(key, None)

        again = _Resend(partial(self._send, data, to), give_up)
        self._asked[key] = _Asked(request, to, final, provisional, again)
        final.add_done_callback(settled)
        return final

    def acknowledge(self, response: Response, ack: Request, to: Address) -> None:
        """Send the ACK for a final response to an INVITE, and again each time that response comes again."""
        self._acks[response.branch] = (time.monotonic(), ack, to)
        _forget_old(self._acks)
        self._send(ack.encode(), to)

    def response_came(self, response: Response) -> None:
        branch, method = response.branch, response.sequence[1]
        if method == "INVITE" and response.status >= 200 and branch in self._acks:
            _, ack, to = self._acks[branch]
            self._send(ack.encode(), to)
            return
        asked = self._asked.get((branch, method))
        if asked is None:
            return
        if response.status < 200:
            if asked.request.method == "INVITE":
                asked.again.stop()
            if asked.provisional:
                asked.provisional(response)
            return
        if asked.request.method == "INVITE" and response.status >= 300:
            self.acknowledge(response, _ack_of_refusal(asked.request, response), asked.to)
        if not asked.final.done():
            asked.final.set_result(response)

    # --- answering --------------------------------------------------------------------------------------------------

    def request_came(self, request: Request, sender: Address) -> None:
        if request.method == "ACK":
            if resend := self._unacknowledged.pop((request.call_id, request.sequence[0]), None):
                resend.stop()
            self._received(request, sender)
            return
        key = (request.branch or request.call_id, request.method)
        if key in self._replies:
            said = self._replies[key][1]
            if said:
                self._send(said, sender)
            return
        self._replies[key] = (time.monotonic(), None)
        _forget_old(self._replies)
        self._received(request, sender)

    def reply(
        self,
        request: Request,
        to: Address,
        status: int,
        reason: str,
        tag: str = "",
        extra: Headers | None = None,
        body: bytes = b"",
    ) -> None:
        """Answer a request. A final answer to an INVITE is sent until its ACK comes."""
        data = request.reply(status, reason, tag, extra, body).encode()
        self._replies[request.branch or request.call_id, request.method] = (time.monotonic(), data)
        if request.method == "INVITE" and status >= 200:
            key = (request.call_id, request.sequence[0])
            if key not in self._unacknowledged:
                given_up = partial(self._unacknowledged.pop, key, None)
                self._unacknowledged[key] = _Resend(partial(self._send, data, to), given_up)
        else:
            self._send(data, to)


def _forget_old(kept: dict[Any, Any]) -> None:
    """Leave out what is older than KEPT: values begin with their time, and a dictionary's oldest come first."""
    limit = time.monotonic() - KEPT
    while kept and next(iter(kept.values()))[0] < limit:
        del kept[next(iter(kept))]


def _ack_of_refusal(invite: Request, response: Response) -> Request:
    """It belongs to the INVITE's own transaction: same Via, same CSeq number (RFC 3261 17.1.1.3)."""
    kept = [(name, value) for name, value in invite.headers if name in ("via", "max-forwards", "from", "call-id")]
    headers = [*kept, ("to", response.get("to")), ("cseq", f"{invite.sequence[0]} ACK")]
    return Request(method="ACK", uri=invite.uri, headers=headers)
