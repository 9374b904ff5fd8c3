"""`guichet doctor`: looks at everything that a house needs, and says what is wrong and how to mend it."""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from app import house as running
from app.compiled import how_it_runs
from app.house import House
from app.install.programs import find_programs
from app.nodes import by_asterisk, nodes_of, troubles
from app.peers import peers_of
from app.places import ROOM_NEEDED, asterisk_user, room
from app.ports import complaint, ports_of
from app.settings import Settings
from app.town import good_version, load_town
from core.errors import GuichetError
from queues.model import Device

LIMIT_S = 20.0
"""No single examination takes longer."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`well` is None where there is nothing to examine now, or only something to know."""

    what: str
    well: bool | None
    text: str


Examination = Callable[[Settings, House | None], Awaitable[list[Finding]]]


async def examine(settings: Settings) -> list[Finding]:
    """All findings, in the order in which things depend on each other. Changes nothing, but that a test call is made
    (and recorded) where a house runs, and that missing programs are fetched."""
    logging.disable()  # what goes wrong is told as findings
    found = running.load(settings)
    findings: list[Finding] = []
    for examination in EXAMINATIONS:
        try:
            async with asyncio.timeout(LIMIT_S):
                findings += await examination(settings, found)
        except (GuichetError, OSError, TimeoutError) as error:
            what = (examination.__doc__ or "").rstrip(".")
            findings.append(Finding(what, False, str(error) or f"no answer within {LIMIT_S:g} s"))
    return findings


async def programs(settings: Settings, _: House | None) -> list[Finding]:
    """Programs."""
    found = find_programs(settings)
    espeak = next(word for word in reversed(found.espeak) if not word.startswith("-"))
    asterisk = f"Asterisk {found.asterisk.version}, {found.asterisk.command[-1]}"
    return [Finding("Programs", True, f"{asterisk}; {found.valkey[-1]}; {espeak}")]


async def compiled(_: Settings, __: House | None) -> list[Finding]:
    """Simulator."""
    return [Finding("Simulator", None, how_it_runs())]


async def town(settings: Settings, _: House | None) -> list[Finding]:
    """Town."""
    read = load_town(settings.callflows)
    faults = read.faults
    good = good_version(settings.state)
    if not faults and good and good.version != read.version:
        edited = f"{settings.callflows} differs from the version that is live, {good.version}: ./guichet publish"
        return [Finding("Town", None, edited)]
    if not faults:
        return [Finding("Town", True, str(settings.callflows))]
    calls = f"calls go on with {good.version}" if good else "it cannot start"
    told = "\n".join(str(fault) for fault in faults)
    again = "./guichet publish" if good else "start again"
    return [Finding("Town", False, f"{told}\nMend these faults, then {again}; {calls}.")]


async def folders(settings: Settings, _: House | None) -> list[Finding]:
    """Folders."""
    user = asterisk_user() or "the one who starts it"
    if not settings.state.exists():
        return [Finding("Folders", None, f"{settings.state} is made at the first start")]
    free = room(settings.state)
    rights = settings.state.stat().st_mode & 0o777
    findings = [Finding("Disk", free >= ROOM_NEEDED, f"{free // 1_000_000} MB free; {ROOM_NEEDED // 1_000_000} needed")]
    if rights & 0o022:
        findings.append(Finding("Folders", False, f"others may write in {settings.state}: chmod go-w it"))
    else:
        findings.append(Finding("Folders", True, f"{settings.state}; Asterisk runs as {user}"))
    return findings


async def ports(settings: Settings, house: House | None) -> list[Finding]:
    """Ports."""
    if house:
        return [Finding("Ports", True, "open: " + ", ".join(str(port.number) for port in ports_of(settings)))]
    taken = [sentence for port in ports_of(settings) if (sentence := complaint(port))]
    return [Finding("Ports", False, sentence) for sentence in taken] or [Finding("Ports", True, "free")]


async def processes(settings: Settings, house: House | None) -> list[Finding]:
    """Processes."""
    if house is None:
        return [Finding("Processes", None, f"nothing runs on {settings.state}: ./guichet up starts it")]
    wrong = [runner for runner in house.processes if runner.trouble or not (runner.ready and runner.alive)]
    log = settings.state / "log"
    told = [
        Finding(runner.name, False, f"{runner.trouble or 'it does not run'}: see {log / f'{runner.name}.log'}")
        for runner in wrong
    ]
    return told or [Finding("Processes", True, ", ".join(runner.name for runner in house.processes))]


async def store(settings: Settings, house: House | None) -> list[Finding]:
    """Store."""
    if house is None and not settings.redis_url:
        return [Finding("Store", None, "runs with the house")]
    from queues.store.redis import RedisStore

    store = RedisStore(settings.store_url, patience_s=2.0)
    try:
        snapshot = await store.snapshot()
        lag = await store.group_lag("history")
    finally:
        await store.close()
    phones = [agent.extension for agent in snapshot.agents if agent.device is not Device.UNREACHABLE]
    registered = f"registered: {', '.join(phones)}" if phones else "none is registered: no agent can be reached"
    return [
        Finding("Store", True, f"answers; {len(snapshot.entries)} calls in line, {lag} events to be recorded"),
        Finding("Phones", True if phones else None, registered),
    ]


async def engines(settings: Settings, house: House | None) -> list[Finding]:
    """Engines."""
    if house is None and not settings.redis_url:
        return [Finding("Engines", None, "run with the house")]
    nodes = await nodes_of(settings)
    told = ", ".join(f"{name}: {count} engine{'s' * (count > 1)}" for name, count in by_asterisk(nodes).items())
    wrong = troubles(nodes, settings.name, [peer.name for peer in peers_of(settings)]) if house else []
    return [Finding("Engines", not wrong if house else None, "\n".join([told or "none", *wrong]))]


async def database(settings: Settings, house: House | None) -> list[Finding]:
    """Database."""
    if house is None and not settings.database_url and not (settings.state / "history.db").exists():
        return [Finding("Database", None, "made at the first start")]
    from app.revision import revisions

    now, wanted = await revisions(settings.sql_url)
    if now == wanted:
        return [Finding("Database", True, f"answers; its tables are at revision {now}")]
    return [Finding("Database", False, f"its tables are at {now or 'none'}, {wanted} is needed: start the house again")]


async def manager(settings: Settings, house: House | None) -> list[Finding]:
    """Asterisk's manager."""
    if house is None:
        return [Finding("Asterisk's manager", None, "runs with the house")]
    from asterisk_conf.write import AMI_USER, ami_secret
    from telephony.asterisk.ami import Ami

    ami = Ami("127.0.0.1", settings.ami_port, AMI_USER, ami_secret(settings.asterisk_home))
    task = asyncio.create_task(ami.run())
    try:
        async with asyncio.timeout(3):
            await ami.wait_connected()
    except TimeoutError:
        return [Finding("Asterisk's manager", False, f"no login on port {settings.ami_port}: stop and start the house")]
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return [Finding("Asterisk's manager", True, f"logged in on port {settings.ami_port}")]


async def test_call(settings: Settings, house: House | None) -> list[Finding]:
    """Test call."""
    if house is None or not house.numbers:
        return [Finding("Test call", None, "needs a house that runs, with a number")]
    if not ipaddress.ip_address(settings.sip_host).is_loopback:
        return [Finding("Test call", None, "not tried: on this address only carriers and agents may call")]
    from telephony.phone import Phone, PhoneError

    number = house.numbers[0]
    try:
        async with Phone("doctor", server=(settings.sip_host, settings.sip_port), ip=settings.sip_host) as phone:
            call = await phone.call(number)
            await call.answered.wait(5)
            heard = await call.wait_sound(8)
            await call.hang_up()
    except PhoneError as error:
        log = settings.state / "log" / "engine.log"
        return [Finding("Test call", False, f"to {number}: {error}: see {log} and {settings.asterisk_home / 'log'}")]
    return [Finding("Test call", True, f"{number} answered, sound of {heard.level:.0f} dB was heard")]


EXAMINATIONS: tuple[Examination, ...] = (
    programs, compiled, town, folders, ports, processes, store, engines, database, manager, test_call,
)  # fmt: skip


def lines(findings: list[Finding]) -> Iterator[str]:
    """As people read them: a line for each, further lines indented."""
    marks = {True: "OK", False: "WRONG", None: "-"}
    for finding in findings:
        first, *further = finding.text.splitlines() or [""]
        yield f"{marks[finding.well]:<6} {finding.what:<19} {first}"
        yield from (f"{'':<26} {line}" for line in further)
