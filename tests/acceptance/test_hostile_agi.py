"""Somebody who is not Asterisk connects to the engine: calls go on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from tests.acceptance.house import House

HALF = b"agi_network: yes\nagi_network_script: inbound\nagi_chan"
WHOLE = (
    b"agi_network: yes\nagi_network_script: inbound\nagi_channel: PJSIP/x-1\nagi_uniqueid: 1.1\nagi_extension: 3939\n\n"
)


@contextlib.asynccontextmanager
async def intruder(house: House) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    settings = house.own.settings
    reader, writer = await asyncio.open_connection(settings.agi_host, settings.agi_port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def a_call_goes_through(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    await call.press("2")
    await call.ended.wait(20)
    assert (await house.ended_contact(caller.number))["outcome"] == "self_service"


@pytest.mark.parametrize("said", [b"", HALF, b"\xff\xfe\x00\n\n", b"GET / HTTP/1.1\r\n\r\n", b"\n\n", WHOLE])
async def test_somebody_says_something_and_leaves(house: House, said: bytes) -> None:
    engine = await asyncio.to_thread(house.own.pid, "engine")
    for _ in range(20):
        async with intruder(house) as (_, writer):
            writer.write(said)
    await a_call_goes_through(house)
    assert await asyncio.to_thread(house.own.pid, "engine") == engine


async def test_somebody_says_half_and_waits(house: House) -> None:
    async with intruder(house) as (_, writer):
        writer.write(HALF)
        await a_call_goes_through(house)


async def test_somebody_never_reads(house: House) -> None:
    async with intruder(house) as (_, writer):
        writer.write(WHOLE)
        await a_call_goes_through(house)


async def test_somebody_sends_ten_megabytes(house: House) -> None:
    engine = await asyncio.to_thread(house.own.pid, "engine")
    async with intruder(house) as (_, writer):
        with contextlib.suppress(ConnectionError):
            for _ in range(160):
                writer.write(b"x" * 65_536)
                await asyncio.wait_for(writer.drain(), 10)
    await a_call_goes_through(house)
    assert await asyncio.to_thread(house.own.pid, "engine") == engine
