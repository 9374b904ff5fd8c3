"""A telephone in plain asyncio: it registers, calls, is called. For tests, benchmarks, the doctor's test call.

async with Phone("1001", "secret", ("127.0.0.1", 5060), "127.0.0.3") as phone:
    await phone.register()
    call = await phone.call("3939")
    await call.answered.wait()
    await call.press("1")
    await call.hang_up()
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Any, Self, cast

from telephony.phone.call import PhoneCall
from telephony.phone.digest import digest_answer
from telephony.phone.message import (
    Headers,
    Malformed,
    NameAddress,
    Request,
    Response,
    as_text,
    parse,
    quoted,
)
from telephony.phone.moment import PATIENCE_S, PhoneError, within
from telephony.phone.transaction import Address, Transactions

_UNDERSTOOD = ("OPTIONS", "NOTIFY", "INFO", "MESSAGE", "PUBLISH", "SUBSCRIBE")  # answered with 200, nothing else


class Phone(asyncio.DatagramProtocol):
    """One phone on one address. `answer_after`: seconds after which it takes calls by itself; None: it rings until
    somebody answers. Incoming calls come through `next_call`, answered or not."""

    def __init__(
        self,
        user: str,
        password: str = "",
        server: Address = ("127.0.0.1", 5060),
        ip: str = "127.0.0.1",
        *,
        answer_after: float | None = None,
    ) -> None:
        self.user, self.password, self.server, self.ip = user, password, server, ip
        self.answer_after = answer_after
        self.incoming: asyncio.Queue[PhoneCall] = asyncio.Queue()
        self.calls: dict[str, PhoneCall] = {}
        """Calls in course by Call-ID."""
        self.transactions = Transactions(self._send, self._request_came)
        self.port = 0
        self._registration = 0
        self._registration_id = os.urandom(12).hex()
        self._tag = os.urandom(6).hex()
        self._tasks: set[asyncio.Task[Any]] = set()

    # --- switching it on and off ------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def open(self) -> None:
        """Listen on any free port of its address."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(self.ip, 0))
        self.port = int(self._transport.get_extra_info("sockname")[1])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def close(self) -> None:
        """Pull the plug: whoever talks to it hears nothing more. `hang_up` and `unregister` are the polite way."""
        for call in list(self.calls.values()):
            call.abandon()
        for task in self._tasks:
            task.cancel()
        self.transactions.close()
        self._transport.close()

    # --- what a person does -----------------------------------------------------------------------------------------

    async def register(self, expires: int = 3600, limit: float = PATIENCE_S) -> None:
        """Tell the server where it is, for `expires` seconds. Raises PhoneError when refused."""
        answer: tuple[str, str] | None = None
        uri = f"sip:{self.server[0]}:{self.server[1]}"
        for _ in range(2):
            request = self._registering(uri, expires, [answer] if answer else [])
            coming = self.transactions.ask(request, self.server, self.via)
            response = await within(limit, coming, f"the registration of {self.user}")
            answer = digest_answer(response, "REGISTER", uri, self.user, self.password)
            if response.status not in (401, 407) or answer is None:
                break
        if response.status != 200:
            raise PhoneError(f"the registration of {self.user} was answered with {response.status} {response.reason}")

    async def unregister(self, limit: float = PATIENCE_S) -> None:
        await self.register(expires=0, limit=limit)

    async def call(
        self,
        number: str,
        *,
        caller_name: str | bytes = "",
        from_user: str = "",
        headers: Sequence[tuple[str, str | bytes]] = (),
    ) -> PhoneCall:
        """Dial a number at the server, or a `sip:user@ip:port` directly. Returns while it rings, or before.
        `caller_name` as bytes is put before the address as it stands, and so is each value of `headers`."""
        uri = number if number.startswith("sip:") else f"sip:{number}@{self.server[0]}:{self.server[1]}"
        peer = _address(uri) if number.startswith("sip:") else self.server
        shown = quoted(caller_name) + " " if caller_name else ""
        local = f"{shown}<sip:{from_user or self.user}@{self.ip}>;tag={os.urandom(6).hex()}"
        call = PhoneCall(
            self, os.urandom(12).hex(), outgoing=True, local=local, remote=f"<{uri}>", target=uri, peer=peer
        )
        self.calls[call.id] = call
        await call.place([(name.lower(), as_text(v) if isinstance(v, bytes) else v) for name, v in headers])
        return call

    async def next_call(self, limit: float = PATIENCE_S) -> PhoneCall:
        """The next incoming call, ringing."""
        return await within(limit, self.incoming.get(), f"a call to {self.user}")

    # --- what its calls need ----------------------------------------------------------------------------------------

    @property
    def via(self) -> str:
        return f"{self.ip}:{self.port}"

    @property
    def uri(self) -> str:
        """Where it can be called directly."""
        return f"sip:{self.user}@{self.ip}:{self.port}"

    @property
    def contact(self) -> str:
        return f"<{self.uri}>"

    def forget(self, call: PhoneCall) -> None:
        self.calls.pop(call.id, None)

    # --- what comes from the network --------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, address: Address) -> None:
        try:
            message = parse(data)
        except Malformed:
            return  # anybody can send anything: no phone rings for it
        if isinstance(message, Response):
            self.transactions.response_came(message)
        else:
            self.transactions.request_came(message, address)

    def _request_came(self, request: Request, sender: Address) -> None:
        call = self.calls.get(request.call_id)
        inside = bool(NameAddress.parse(request.get("to")).tag)
        match request.method:
            case "ACK":
                if call:
                    call.acknowledged(request)
            case "INVITE" if call is None and not inside:
                self._ring(request, sender)
            case "INVITE" | "UPDATE" if call:
                call.reinvited(request)
            case "BYE" if call:
                self.transactions.reply(request, sender, 200, "OK")
                call.finish("the other side hung up")
            case "CANCEL" if call:
                self.transactions.reply(request, sender, 200, "OK")
                call.cancelled()
            case "INVITE" | "UPDATE" | "BYE" | "CANCEL":
                self.transactions.reply(request, sender, 481, "Call/Transaction Does Not Exist", self._tag)
            case method if method in _UNDERSTOOD:
                self.transactions.reply(request, sender, 200, "OK", self._tag)
            case _:
                self.transactions.reply(request, sender, 501, "Not Implemented", self._tag)

    def _ring(self, invite: Request, sender: Address) -> None:
        self.transactions.reply(invite, sender, 100, "Trying")
        remote = invite.get("from")
        target = NameAddress.parse(invite.get("contact")).uri or NameAddress.parse(remote).uri
        local = f"{invite.get('to')};tag={os.urandom(6).hex()}"
        call = PhoneCall(self, invite.call_id, outgoing=False, local=local, remote=remote, target=target, peer=sender)
        self.calls[call.id] = call
        task = asyncio.get_running_loop().create_task(self._be_called(call, invite))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _be_called(self, call: PhoneCall, invite: Request) -> None:
        await call.arrive(invite)
        self.incoming.put_nowait(call)
        if self.answer_after is not None:
            asyncio.get_running_loop().call_later(self.answer_after, call.answer)

    # --- messages ---------------------------------------------------------------------------------------------------

    def _send(self, data: bytes, to: Address) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(data, to)

    def _registering(self, uri: str, expires: int, extra: Headers) -> Request:
        self._registration += 1
        me = f"<sip:{self.user}@{self.server[0]}>"
        headers = [
            ("max-forwards", "70"),
            ("from", f"{me};tag={self._tag}"),
            ("to", me),
            ("call-id", self._registration_id),
            ("cseq", f"{self._registration} REGISTER"),
            ("contact", self.contact),
            ("expires", str(expires)),
            *extra,
        ]
        return Request(method="REGISTER", uri=uri, headers=headers)


def _address(uri: str) -> Address:
    """Where `sip:user@ip:port` is."""
    host, _, port = uri.rpartition("@")[2].partition(";")[0].partition(":")
    return host, int(port or 5060)
