"""The FastAGI server: routes, ends, and hostile clients."""

import asyncio
import logging

import pytest
import uvloop

from core.errors import CallerGone, GuichetError
from telephony.asterisk import connection, fastagi
from telephony.asterisk.agi import Agi
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.fastagi import FastAgiServer
from tests.unit.telephony.peers import HOST, LIMIT_S, AsteriskPeer, environment, running, served


async def digit(agi: Agi) -> None:
    await in_greenlet(agi.wait_for_digit, -1)


async def still_serves(server: FastAgiServer) -> None:
    peer = await AsteriskPeer.connect(server.port)
    await peer.do(b"WAIT FOR DIGIT -1", b"200 result=49\n")
    assert await peer.closed()


async def nothing_left(server: FastAgiServer) -> None:
    async with asyncio.timeout(LIMIT_S):
        while server.calls or server._unnamed:  # noqa: ASYNC110 — the last callbacks of connections already closed
            await asyncio.sleep(0.001)


async def test_the_url_names_the_script() -> None:
    async def answers(agi: Agi) -> None:
        await in_greenlet(agi.answer)

    async with served(inbound=digit, resume=answers) as server:
        peer = await AsteriskPeer.connect(server.port, environment(request="agi://127.0.0.1:4573/resume?a=b"))
        await peer.do(b"ANSWER", b"200 result=0\n")
        await still_serves(server)


async def test_an_unknown_script_is_named_in_the_log_and_let_go(caplog: pytest.LogCaptureFixture) -> None:
    async with served(inbound=digit, resume=digit) as server:
        peer = await AsteriskPeer.connect(server.port, environment(request="agi://127.0.0.1/../\x1b[31metc"))
        assert await peer.closed()
        await still_serves(server)
    assert "asks for the script '../[31metc': there are inbound, resume" in caplog.text


async def test_a_script_that_fails_is_logged_with_its_call_and_let_go(caplog: pytest.LogCaptureFixture) -> None:
    async def fails(agi: Agi) -> None:
        raise LookupError("no such thing")

    async with served(inbound=fails) as server:
        peer = await AsteriskPeer.connect(server.port)
        assert await peer.closed()
    assert "call guichet-1700000000.1 failed" in caplog.text
    assert "LookupError: no such thing" in caplog.text


async def test_a_caller_who_hangs_up_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    async def hung_up(agi: Agi) -> None:
        raise CallerGone

    async with served(inbound=hung_up) as server:
        assert await (await AsteriskPeer.connect(server.port)).closed()
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


async def test_closing_cancels_the_calls_and_says_nothing_to_asterisk() -> None:
    cancelled = asyncio.Event()

    async def sleeps(agi: Agi) -> None:
        try:
            await in_greenlet(agi.wait_for_digit, -1)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with served(inbound=sleeps) as server:
        peer = await AsteriskPeer.connect(server.port)
        half = await AsteriskPeer.connect(server.port, b"agi_network: yes\n")
        assert await peer.heard() == b"WAIT FOR DIGIT -1"
        await server.close()
        assert cancelled.is_set()
        assert await peer.closed()
        assert await half.closed()
        assert server.calls == 0


async def test_a_port_that_is_taken_is_a_clear_error() -> None:
    async with served() as server:
        with pytest.raises(GuichetError, match="agi_port"):
            await FastAgiServer({}).start(HOST, server.port)


# --- hostile clients --------------------------------------------------------------------------------------------------


async def test_a_client_that_connects_and_leaves_does_no_harm() -> None:
    async with served(inbound=digit) as server:
        for _ in range(50):
            (await AsteriskPeer.connect(server.port, b"")).leave()
        await still_serves(server)
        await nothing_left(server)


async def test_a_client_that_leaves_in_mid_call_ends_its_task() -> None:
    async with served(inbound=digit) as server:
        peer = await AsteriskPeer.connect(server.port)
        await peer.heard()
        peer.leave()
        await nothing_left(server)


async def test_half_an_environment_is_cut_off_in_time(caplog: pytest.LogCaptureFixture) -> None:
    async with running(FastAgiServer({"inbound": digit}, header_limit_s=0.05)) as server:
        peer = await AsteriskPeer.connect(server.port, b"agi_network: yes\nagi_req")
        assert await peer.closed()
        await still_serves(server)
    assert "no complete environment within 0.05 s" in caplog.text


@pytest.mark.parametrize("flood", [b"a" * 65536, b"agi_x: y\n" * 7000, b"\0\xff\n" * 20000])
async def test_ten_megabytes_before_a_call_are_cut_off(flood: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with served(inbound=digit) as server:
        peer = await AsteriskPeer.connect(server.port, b"")
        try:
            for _ in range(10_000_000 // len(flood)):
                peer.say(flood)
                await asyncio.wait_for(peer._writer.drain(), LIMIT_S)
        except ConnectionError:
            pass  # cut off in the middle
        assert await peer.closed()
        await still_serves(server)
        await nothing_left(server)
    assert len([record for record in caplog.records if "peer" in record.message]) == 1


@pytest.mark.parametrize("flood", [b"a" * 65536, b"nonsense\n" * 7000, b"200 result=1 (" + b"a\n" * 40000])
async def test_ten_megabytes_in_a_call_are_cut_off(flood: bytes) -> None:
    async with served(inbound=digit) as server:
        peer = await AsteriskPeer.connect(server.port)
        await peer.heard()
        try:
            for _ in range(10_000_000 // len(flood)):
                peer.say(flood)
                await asyncio.wait_for(peer._writer.drain(), LIMIT_S)
        except ConnectionError:
            pass  # cut off in the middle
        peer.leave()
        await still_serves(server)
        await nothing_left(server)


async def test_a_client_that_never_reads_is_sent_one_command_only() -> None:
    async with served(inbound=digit) as server:
        peer = await AsteriskPeer.connect(server.port)
        await still_serves(server)
        assert server.calls == 1
        peer.leave()


async def test_no_more_calls_than_it_can_hold(caplog: pytest.LogCaptureFixture) -> None:
    async with running(FastAgiServer({"inbound": digit}, most_calls=2)) as server:
        held = [await AsteriskPeer.connect(server.port) for _ in range(2)]
        for peer in held:
            assert await peer.heard() == b"WAIT FOR DIGIT -1"
        assert await (await AsteriskPeer.connect(server.port)).closed()
        held[0].say(b"200 result=49\n")
        assert await held[0].closed()
        await still_serves(server)
    assert "2 are connected" in caplog.text


async def test_a_storm_of_bad_clients_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with served(inbound=digit) as server:
        peers = [await AsteriskPeer.connect(server.port, environment(request="agi://x/nope")) for _ in range(200)]
        for peer in peers:
            assert await peer.closed()
    assert len(caplog.records) == fastagi.COMPLAINTS


def test_the_first_of_two_values_of_a_name_counts() -> None:
    head = b"agi_uniqueid: 1.1\nagi_calleridname: x\nagi_uniqueid: 2.2\nno colon\n"
    assert connection.read_environment(head)["agi_uniqueid"] == "1.1"


def test_it_works_on_uvloop_as_in_production() -> None:
    async def one_call() -> None:
        async with served(inbound=digit) as server:
            await still_serves(server)
            peer = await AsteriskPeer.connect(server.port)
            await peer.heard()
            peer.leave()
            await nothing_left(server)

    uvloop.run(one_call())
