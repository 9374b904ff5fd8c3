"""Our queue beside Asterisk's own: the same callers, the same agents' phones, one after the other.

`./guichet bench queue`: about four minutes. AGENTS phones take call after call, each conversation lasting about 2 s; a
line of callers, by SIPp, is kept at a length: who was served is replaced. At 100, 300 and 600 waiting callers, over
WINDOW_S seconds each, or longer for ENOUGH samples:

…_free_to_ring_p50_ms_N, …_p99_ms_N   from an agent's hanging up until that very phone rings for the next caller
…_core_share_N                        processor time over time: of Asterisk with app_queue; of all our processes
guichet_asterisk_core_share_N         Asterisk's part of the latter
…_served_per_s_N                      conversations begun

Asterisk's Queue() is set up as well as it can be: queues.conf below. It keeps no history, no skills, and forgets its
callers when it ends; our house does all that it always does. On both sides the line is silent: music costs Asterisk the
same whoever keeps the line (about 2.7 ms of a core each second and caller), and of 600 callers it would fill two cores,
so that nothing else could be seen."""

import asyncio
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from app.bench.house import OwnHouse
from app.bench.line import Line, line
from app.bench.load import cpu_ms
from app.bench.native import native_asterisk
from app.bench.team import Team, team
from app.install.programs import Programs, find_programs
from asterisk_conf.site import Phone
from core.errors import GuichetError
from history.accounts import Accounts, new_password
from history.database import make_engine, migrate

TOWN = Path(__file__).parent / "town"
FIRST_PORT, LAST_PORT, SIPP_PORT = 24000, 27999, 28000
NUMBER = "3940"
AGENTS = 20
WAITING = (100, 300, 600)
SETTLING_S, WINDOW_S, LONGER_S = 4.0, 20.0, 20.0
ENOUGH = 150
"""Samples: where there are not so many, the window is longer by LONGER_S."""
FILLING_S = 60.0
"""How long it may take until so many wait."""

QUEUES = """\
[general]
autofill = yes               ; several callers at once, not only the first
shared_lastcall = yes
persistentmembers = no

[banc]
strategy = leastrecent       ; the longest idle, as ours
musicclass = default
ringinuse = no
timeout = 20
retry = 1                    ; the shortest there is
wrapuptime = 0
memberdelay = 0
joinempty = yes
leavewhenempty = no
announce-frequency = 0
announce-position = no
announce-holdtime = no
reportholdtime = no
"""
DIALPLAN = """\
[inbound]
exten => 3940,1,Answer()
 same => n,Queue(banc)
 same => n,Hangup()

[agents]
"""
MODULES = ("app_queue",)
MUSIC, NO_MUSIC = "musiconhold.conf", "; no class, so no music\n"


async def run() -> dict[str, float]:
    """The figures of the docstring above."""
    random = Random(1)
    phones = [Phone(str(1101 + number), new_password(random)) for number in range(AGENTS)]
    house = OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT)
    try:
        await _hire(house, phones)
        programs = find_programs(house.settings, sipp=True)
        figures = {
            **_named("app_queue", await _asterisk_alone(house, programs, phones)),
            **_named("guichet", await _ours(house, programs, phones)),
        }
    finally:
        house.end()
    return {name: round(figure, 3) for name, figure in figures.items()}


def show(figures: Mapping[str, float]) -> None:
    """Both side by side."""
    from rich.console import Console
    from rich.table import Table

    table = Table("bench queue", *(f"{side}, {waiting}" for waiting in WAITING for side in ("app_queue", "ours")))
    rows = {
        "free to ring, median, ms": ("free_to_ring_p50_ms", "{:.1f}"),
        "free to ring, p99, ms": ("free_to_ring_p99_ms", "{:.1f}"),
        "cores": ("core_share", "{:.2f}"),
        "of these, Asterisk's": ("asterisk_core_share", "{:.2f}"),
        "served a second": ("served_per_s", "{:.1f}"),
    }
    for title, (name, form) in rows.items():
        found = [figures.get(f"{side}_{name}_{waiting}") for waiting in WAITING for side in ("app_queue", "guichet")]
        table.add_row(title, *("" if figure is None else form.format(figure) for figure in found))
    Console().print(table)


async def _hire(house: OwnHouse, phones: Sequence[Phone]) -> None:
    """Accounts for the agents, before the house begins."""
    house.state.mkdir(parents=True, exist_ok=True)
    await migrate(house.settings.sql_url)
    engine = make_engine(house.settings.sql_url)
    try:
        accounts = Accounts(engine)
        for phone in phones:
            await accounts.add(f"agent-{phone.extension}", phone.extension, "", phone.password, {})
    finally:
        await engine.dispose()


async def _asterisk_alone(house: OwnHouse, programs: Programs, phones: Sequence[Phone]) -> dict[str, float]:
    members = "".join(f"member = PJSIP/{each.extension}\n" for each in phones)
    files = {"extensions.conf": DIALPLAN, "queues.conf": QUEUES + members, MUSIC: NO_MUSIC}
    async with (
        native_asterisk(house.settings, programs, files, phones, MODULES) as alone,
        team(phones, FIRST_PORT) as agents,
    ):
        return await _levels("Asterisk's Queue()", programs, agents, alone.console, {"asterisk": alone.pid})


async def _ours(house: OwnHouse, programs: Programs, phones: Sequence[Phone]) -> dict[str, float]:
    await asyncio.to_thread(house.up)
    (house.settings.asterisk_home / "etc" / MUSIC).write_text(NO_MUSIC)
    house.asterisk("moh reload")
    processes = {process["name"]: process["pid"] for process in house.status()["processes"]}
    async with team(phones, FIRST_PORT) as agents:
        await agents.dial("*10")
        return await _levels("our queue", programs, agents, house.asterisk, processes)


async def _levels(
    whose: str, programs: Programs, agents: Team, console: Callable[[str], str], processes: Mapping[str, int]
) -> dict[str, float]:
    """All the lengths of the line, one after the other, the shortest first."""
    figures: dict[str, float] = {}
    working = asyncio.create_task(agents.work())
    try:
        async with line(programs.sipp, number=NUMBER, sip_port=FIRST_PORT, own_port=SIPP_PORT) as callers:
            there = 0
            for waiting in WAITING:
                _say(f"{whose}, {waiting} waiting")
                await callers.grow(waiting + AGENTS - there)
                there = waiting + AGENTS
                await _filled(callers, console, there)
                found = await _measured(agents, processes)
                figures.update({f"{name}_{waiting}": figure for name, figure in found.items()})
                callers.check()
    finally:
        working.cancel()
        await asyncio.wait([working])
    return figures


async def _filled(callers: Line, console: Callable[[str], str], wanted: int) -> None:
    """Until so many callers are there, but for those who are just being replaced."""
    end = time.monotonic() + FILLING_S
    while (channels := _channels(await asyncio.to_thread(console, "core show channels count"))) < wanted - 5:
        callers.check()
        if time.monotonic() > end:
            raise GuichetError(f"only {channels} of {wanted} callers were there after {FILLING_S:g} s")
        await asyncio.sleep(0.5)
    await asyncio.sleep(SETTLING_S)


def _channels(said: str) -> int:
    found = re.search(r"(\d+) active channel", said)
    if found is None:
        raise GuichetError(f"Asterisk does not say how many channels there are: {said[:200]}")
    return int(found[1])


async def _measured(agents: Team, processes: Mapping[str, int]) -> dict[str, float]:
    before, began = {name: cpu_ms(pid) for name, pid in processes.items()}, time.monotonic()
    agents.begin()
    await asyncio.sleep(WINDOW_S)
    if len(agents.gaps) < ENOUGH:
        await asyncio.sleep(LONGER_S)
    lasted_ms = (time.monotonic() - began) * 1000
    shares = {name: (cpu_ms(pid) - before[name]) / lasted_ms for name, pid in processes.items()}
    if len(agents.gaps) < 2:
        raise GuichetError("hardly any call was answered: nothing can be said")
    return {
        "free_to_ring_p50_ms": statistics.median(agents.gaps),
        "free_to_ring_p99_ms": statistics.quantiles(agents.gaps, n=100, method="inclusive")[98],
        "core_share": sum(shares.values()),
        "asterisk_core_share": shares["asterisk"],
        "served_per_s": len(agents.gaps) * 1000 / lasted_ms,
    }


def _named(side: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {f"{side}_{name}": figure for name, figure in figures.items()}


def _say(what: str) -> None:
    print(f"bench queue: {what} …", file=sys.stderr, flush=True)
