"""Two phones call each other directly, without a server."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from telephony.phone import NotInTime, Phone, PhoneCall, PhoneError
from telephony.phone.message import Request, Response, parse


@pytest.fixture
async def anna() -> AsyncIterator[Phone]:
    async with Phone("anna", ip="127.0.0.2") as phone:
        yield phone


@pytest.fixture
async def bert() -> AsyncIterator[Phone]:
    async with Phone("bert", ip="127.0.0.3") as phone:
        yield phone


async def talking(anna: Phone, bert: Phone) -> tuple[PhoneCall, PhoneCall]:
    hers = await anna.call(bert.uri)
    his = await bert.next_call()
    his.answer()
    await hers.answered.wait()
    return hers, his


async def test_it_rings_then_is_answered(anna: Phone, bert: Phone) -> None:
    hers = await anna.call(bert.uri, caller_name='Anna "la" Belle', from_user="+33612345678")
    his = await bert.next_call()
    assert (his.other.display, his.other.user) == ('Anna "la" Belle', "+33612345678")
    rang = await hers.ringing.wait()
    assert not hers.answered
    his.answer()
    assert await hers.answered.wait() > rang
    assert hers.status == 200


async def test_a_phone_answers_by_itself(anna: Phone, bert: Phone) -> None:
    bert.answer_after = 0.0
    hers = await anna.call(bert.uri)
    await hers.answered.wait()


async def test_both_hear_each_other(anna: Phone, bert: Phone) -> None:
    hers, his = await talking(anna, bert)
    hers.play_tone(440)
    his.play_tone(1000)
    await his.wait_tone(440)
    await hers.wait_tone(1000)
    hers.be_quiet()
    await his.wait_silence()
    assert not hers.heard.last(0.3).silent


async def test_digits_go_both_ways(anna: Phone, bert: Phone) -> None:
    hers, his = await talking(anna, bert)
    await hers.press("1123")
    await his.press("*0#")
    await his.wait_digits("1123")
    await hers.wait_digits("*0#")


async def test_the_caller_hangs_up(anna: Phone, bert: Phone) -> None:
    hers, his = await talking(anna, bert)
    await hers.hang_up()
    await his.ended.wait()
    assert his.ended_because == "the other side hung up"
    assert not anna.calls
    assert not bert.calls


async def test_the_one_called_hangs_up(anna: Phone, bert: Phone) -> None:
    hers, his = await talking(anna, bert)
    await his.hang_up()
    await hers.ended.wait()


async def test_the_caller_gives_up_while_it_rings(anna: Phone, bert: Phone) -> None:
    hers = await anna.call(bert.uri)
    his = await bert.next_call()
    await hers.hang_up()
    await his.ended.wait()
    assert (hers.status, his.ended_because) == (487, "the caller gave up")
    with pytest.raises(NotInTime, match=r"waited for the call to bert to be answered, but it ended: .* 487"):
        await hers.answered.wait()


async def test_the_one_called_is_busy(anna: Phone, bert: Phone) -> None:
    hers = await anna.call(bert.uri)
    (await bert.next_call()).reject(486)
    await hers.ended.wait()
    assert hers.status == 486


async def test_an_answer_that_crosses_the_giving_up_ends_the_call(anna: Phone, bert: Phone) -> None:
    hers = await anna.call(bert.uri)
    his = await bert.next_call()
    await hers.ringing.wait()
    leaving = asyncio.create_task(hers.hang_up())
    his.answer()
    await leaving
    await his.ended.wait()


async def test_waiting_says_what_for(anna: Phone, bert: Phone) -> None:
    hers = await anna.call(bert.uri)
    await hers.ringing.wait()
    with pytest.raises(NotInTime, match=r"waited 0\.01 s for the call to bert to be answered"):
        await hers.answered.wait(0.01)
    with pytest.raises(NotInTime, match=r"waited 0\.01 s for a call to anna"):
        await anna.next_call(0.01)


async def test_a_hostile_name_and_header_are_sent_as_they_stand(anna: Phone, bert: Phone) -> None:
    await anna.call(bert.uri, caller_name=b'"\xe2\x80\xae${SYSTEM(x)}\xff"', headers=[("X-Note", b"\xc3(")])
    his = await bert.next_call()
    assert his.invite is not None
    assert b"\xe2\x80\xae${SYSTEM(x)}\xff" in his.invite.encode()
    assert his.invite.get("x-note").encode("utf-8", "surrogateescape") == b"\xc3("


class Listener(asyncio.DatagramProtocol):
    """A peer that says exactly what a test tells it to."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[tuple[Request | Response, tuple[str, int]]] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.came.put_nowait((parse(data), address))

    async def next(self) -> tuple[Request | Response, tuple[str, int]]:
        return await asyncio.wait_for(self.came.get(), 5)

    @property
    def address(self) -> tuple[str, int]:
        ip, port = self.transport.get_extra_info("sockname")
        return ip, port


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    loop = asyncio.get_running_loop()
    transport, listener = await loop.create_datagram_endpoint(Listener, local_addr=("127.0.0.4", 0))
    yield listener
    transport.close()


async def test_a_lost_invite_is_sent_again(anna: Phone, listener: Listener) -> None:
    await anna.call(f"sip:x@{listener.address[0]}:{listener.address[1]}")
    first, _ = await listener.next()
    again, _ = await listener.next()
    assert first.encode() == again.encode()


async def test_an_invite_that_comes_twice_rings_once(bert: Phone, listener: Listener) -> None:
    invite = (
        f"INVITE {bert.uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.4;branch=z9hG4bK1\r\nFrom: <sip:x@y>;tag=1\r\n"
        f"To: <{bert.uri}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.4>\r\n\r\n"
    ).encode()
    for _ in range(3):
        listener.transport.sendto(invite, (bert.ip, bert.port))
    call = await bert.next_call()
    answers = [await listener.next() for _ in range(4)]
    assert {answer.status for answer, _ in answers if isinstance(answer, Response)} == {100, 180}
    assert bert.incoming.empty()
    call.answer()
    for _ in range(2):
        assert (await listener.next())[0].first_line == "SIP/2.0 200 OK", "said again until it is acknowledged"


async def test_noise_rings_no_phone(anna: Phone, bert: Phone, listener: Listener) -> None:
    for noise in (b"", b"\x00" * 2000, b"INVITE\r\n\r\n", b"SIP/2.0 200 OK\r\n\r\n", b"\r\n\r\n"):
        listener.transport.sendto(noise, (bert.ip, bert.port))
    hers, his = await talking(anna, bert)
    assert bert.incoming.empty()
    await hers.hang_up()
    await his.ended.wait()


async def test_a_request_in_no_call_is_told_so(bert: Phone, listener: Listener) -> None:
    for method, status in (("BYE", 481), ("CANCEL", 481), ("OPTIONS", 200), ("FROBNICATE", 501)):
        request = (
            f"{method} {bert.uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.4;branch=z9hG4bK{method}\r\n"
            f"From: <sip:x@y>;tag=1\r\nTo: <{bert.uri}>\r\nCall-ID: 2\r\nCSeq: 1 {method}\r\n\r\n"
        )
        listener.transport.sendto(request.encode(), (bert.ip, bert.port))
        answer, _ = await listener.next()
        assert isinstance(answer, Response)
        assert answer.status == status


async def test_a_registration_answers_the_challenge(listener: Listener) -> None:
    async with Phone("1001", "secret", listener.address, "127.0.0.5") as phone:
        registering = asyncio.create_task(phone.register())
        asked, sender = await listener.next()
        assert isinstance(asked, Request)
        challenge = ("www-authenticate", 'Digest realm="guichet", nonce="abc", qop="auth", algorithm=MD5')
        listener.transport.sendto(asked.reply(401, "Unauthorized", extra=[challenge]).encode(), sender)
        answered, sender = await listener.next()
        assert isinstance(answered, Request)
        assert 'username="1001"' in answered.get("authorization")
        assert answered.sequence[0] == asked.sequence[0] + 1
        listener.transport.sendto(answered.reply(200, "OK").encode(), sender)
        await registering


async def test_a_refused_registration_says_so(listener: Listener) -> None:
    async with Phone("1001", "wrong", listener.address, "127.0.0.5") as phone:
        registering = asyncio.create_task(phone.register())
        asked, sender = await listener.next()
        assert isinstance(asked, Request)
        listener.transport.sendto(asked.reply(403, "Forbidden").encode(), sender)
        with pytest.raises(PhoneError, match="registration of 1001 was answered with 403 Forbidden"):
            await registering


async def test_who_was_called_and_hangs_up_at_once_waits_for_the_acknowledgement(
    bert: Phone, listener: Listener
) -> None:
    invite = (
        f"INVITE {bert.uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.4;branch=z9hG4bK1\r\nFrom: <sip:x@y>;tag=1\r\n"
        f"To: <{bert.uri}>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nContact: <sip:x@127.0.0.4>\r\n\r\n"
    )
    listener.transport.sendto(invite.encode(), (bert.ip, bert.port))
    call = await bert.next_call()
    call.answer()
    leaving = asyncio.create_task(call.hang_up())
    said = [(await listener.next())[0].first_line for _ in range(3)]
    assert said == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    listener.transport.sendto(invite.replace("INVITE", "ACK").replace("bK1", "bK2").encode(), (bert.ip, bert.port))
    bye, sender = await listener.next()
    assert isinstance(bye, Request)
    assert bye.method == "BYE"
    listener.transport.sendto(bye.reply(200, "OK").encode(), sender)
    await leaving


async def test_a_call_to_which_nobody_responds_is_given_up(anna: Phone, listener: Listener) -> None:
    call = await anna.call(f"sip:x@{listener.address[0]}:{listener.address[1]}")
    await call.hang_up(limit=0.05)
    assert "any response" in call.ended_because
    assert not anna.calls


async def test_a_phone_may_be_unplugged_at_the_very_moment_when_it_is_called(anna: Phone, bert: Phone) -> None:
    await anna.call(bert.uri)
    while not bert.calls:  # noqa: ASYNC110 — at that very moment, not after it
        await asyncio.sleep(0)
    (call,) = bert.calls.values()
    bert.close()
    assert call.ended
