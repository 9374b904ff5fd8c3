"""Many calls of a pretended Asterisk, for bench agi: `python -m app.bench.agi_load PORT SCRIPT CALLS`. Every command is
answered at once, but for `WAIT FOR DIGIT -1`, which never is. Prints a line when all calls are there; ends with its
standard input."""

import asyncio
import resource
import sys
from functools import partial
from typing import cast

import uvloop

AT_ONCE = 200
"""Calls that connect together."""

ENVIRONMENT = """agi_network: yes
agi_network_script: {script}
agi_request: agi://127.0.0.1:4573/{script}
agi_channel: PJSIP/trunk-1-{number:08x}
agi_language: fr
agi_type: PJSIP
agi_uniqueid: guichet-1700000000.{number}
agi_version: 22.10.1
agi_callerid: 0612345678
agi_calleridname: Camille Martin
agi_callingpres: 0
agi_callingani2: 0
agi_callington: 0
agi_callingtns: 0
agi_dnid: 3939
agi_rdnis: unknown
agi_context: call
agi_extension: 3939
agi_priority: 2
agi_enhanced: 0.0
agi_accountcode:
agi_threadid: 140737353897664

"""
REPLIES = {b"STRE": b"200 result=0 endpos=27200\n", b"GET ": b"200 result=49 endpos=8000\n", b"SET ": b"200 result=1\n",
           b"WAIT": b"200 result=49\n"}  # fmt: skip


class PretendedCall(asyncio.Protocol):
    """The Asterisk end of one AGI connection."""

    def __init__(self, script: str, number: int) -> None:
        self._environment = ENVIRONMENT.format(script=script, number=number).encode()
        self.asked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done with the first command."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop has its own class
        self._transport.write(self._environment)

    def data_received(self, data: bytes) -> None:
        if not self.asked.done():
            self.asked.set_result(None)
        if not data.endswith(b" -1\n"):
            self._transport.write(REPLIES[data[:4]])


async def main(port: int, script: str, calls: int) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    loop = asyncio.get_running_loop()
    for first in range(0, calls, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, calls))
        made = [loop.create_connection(partial(PretendedCall, script, n), "127.0.0.1", port) for n in numbers]
        await asyncio.gather(*(protocol.asked for _, protocol in await asyncio.gather(*made)))
    print("there", flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
