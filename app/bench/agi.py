"""What AGI costs the engine. The server runs in a process of its own and pretended Asterisks in another one; figures
are of the server's process alone.

commands_per_s    AGI commands through the pyst2 subclass for each second of processor time: what one core can do
idle_kb_per_call  memory that a call takes while it sleeps in WAIT FOR DIGIT -1, in kB, over 10,000 of them
idle_cpu          share of a core that these 10,000 calls take while nothing happens
"""

import asyncio
import json
import resource
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TALKING = 200
"""Calls at once in the measure of commands_per_s."""
TALKING_S = 3.0
SLEEPING = 10_000
SLEEPING_S = 5.0
OWN_FILES = 100
"""Files that a process needs beside its calls."""
LIMIT_S = 60.0


async def run() -> dict[str, float]:
    """The figures. Takes about 15 s."""
    async with _process("app.bench.agi_server") as server:
        port = (await _line(server)).strip()
        async with _process("app.bench.agi_load", port, "talkative", str(TALKING)) as load:
            await _line(load)
            before = await _usage(server)
            await asyncio.sleep(TALKING_S)
            after = await _usage(server)
    figures = {"commands_per_s": (after["commands"] - before["commands"]) / (after["cpu_s"] - before["cpu_s"])}
    async with _process("app.bench.agi_server") as server:
        port = (await _line(server)).strip()
        empty = await _usage(server)
        calls = min(SLEEPING, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - OWN_FILES)
        async with _process("app.bench.agi_load", port, "asleep", str(calls)) as load:
            await _line(load)
            before = await _usage(server)
            await asyncio.sleep(SLEEPING_S)
            after = await _usage(server)
    figures["idle_kb_per_call"] = (after["rss_kb"] - empty["rss_kb"]) / after["calls"]
    figures["idle_cpu"] = round((after["cpu_s"] - before["cpu_s"]) / SLEEPING_S, 3)
    return figures


@asynccontextmanager
async def _process(module: str, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Runs until the block is left."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    return (await asyncio.wait_for(process.stdout.readline(), LIMIT_S)).decode()


async def _usage(server: asyncio.subprocess.Process) -> dict[str, float]:
    assert server.stdin is not None
    server.stdin.write(b"\n")
    used: dict[str, float] = json.loads(await _line(server))
    return used
