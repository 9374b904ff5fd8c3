"""A Valkey of a benchmark's own, in a folder that is gone afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from app import settings
from app.install.programs import find_programs
from core.errors import GuichetError

STARTS_WITHIN_S = 20.0


@asynccontextmanager
async def own_valkey(folder: Path) -> AsyncIterator[str]:
    """Gives its address. Its append-only file is written as a house's is."""
    socket = folder / "v.sock"
    kept = "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""
    process = await asyncio.create_subprocess_exec(
        *find_programs(settings.load()).valkey,
        *("--port", "0", "--unixsocket", str(socket), "--dir", str(folder), *kept),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while not socket.exists():
                if process.returncode is not None:
                    raise GuichetError("The benchmark's Valkey does not start; see ./guichet doctor.")
                await asyncio.sleep(0.02)
        yield f"unix://{socket}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
