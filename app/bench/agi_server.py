"""The FastAGI server in a process of its own, for bench agi: `python -m app.bench.agi_server`.

Prints its port; then, for each line on standard input, `{"cpu_s": …, "rss_kb": …, "commands": …, "calls": …}`. Ends
with its standard input.
"""

import asyncio
import json
import os
import resource
import sys

import uvloop

from telephony.asterisk.agi import Agi
from telephony.asterisk.bridge import in_greenlet
from telephony.asterisk.fastagi import FastAgiServer
from telephony.asterisk.sounds import KEYS

SOUND = "/var/lib/guichet/asterisk/sounds/rendered/0123456789abcdef0123456789abcdef"


class Counter:
    commands = 0


async def talkative(agi: Agi) -> None:
    """A call that never stops: the commands that calls are made of, each in a greenlet of its own as the channel does
    it."""
    while True:
        await in_greenlet(agi.stream_file, SOUND, KEYS)
        await in_greenlet(agi.get_option, SOUND, KEYS, 7000)
        await in_greenlet(agi.set_variable, "GUICHET_ENTRY", "etat-civil 1700000000000 0")
        await in_greenlet(agi.wait_for_digit, 3000)
        Counter.commands += 4


async def asleep(agi: Agi) -> None:
    await in_greenlet(agi.wait_for_digit, -1)


async def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = FastAgiServer({"talkative": talkative, "asleep": asleep})
    await server.start("127.0.0.1", 0)
    print(server.port, flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(usage(server)), flush=True)
    await server.close()


def usage(server: FastAgiServer) -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    with open("/proc/self/statm") as statm:
        rss_kb = int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "rss_kb": rss_kb,
        "commands": Counter.commands,
        "calls": server.calls,
    }


if __name__ == "__main__":
    uvloop.run(main())
