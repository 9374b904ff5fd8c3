"""The engine: the handling of calls, wired to Asterisk, the store, the town, speech and history."""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import SystemRandom

from agi_scripts import agent, inbound, message, resume
from app.install.programs import find_programs
from app.parts import make_parts
from app.phones import Phones
from app.prepare import fallback_sounds
from app.ready import tell_ready
from app.settings import Settings
from app.spoken_texts import spoken_texts
from app.town import PROMPTS, Town
from app.towns import KeptTowns, TownHolder
from asterisk_conf.console import call_out
from asterisk_conf.write import AMI_USER, CALL_CONTEXT, ami_secret, trunk_names
from core.clock import wall_clock
from core.ids import random_id
from history.accounts import Accounts
from history.case_lookup import CaseLookups
from history.database import make_engine
from history.lookup import Lookup
from history.statements import Statements
from ivr.acts import Prompt
from ivr.engine import APOLOGY
from queues.model import Device, Kind
from queues.store.port import Store, StoreAway
from queues.store.redis import RedisStore
from speech.espeak import Espeak
from speech.voice import Voice
from telephony.asterisk.agi import Agi
from telephony.asterisk.ami import Ami, Message
from telephony.asterisk.channel import AsteriskChannel
from telephony.asterisk.devices import Devices, live_channels
from telephony.asterisk.fastagi import FastAgiServer, Handler
from telephony.asterisk.naming import call_id
from telephony.house import House
from telephony.messages import MessageDesk
from telephony.node import hung_up, listen, resync
from telephony.record import CallRecord
from versions.follower import Follower, Progress
from versions.shelf_redis import RedisShelf

log = logging.getLogger(__name__)

Script = Callable[[AsteriskChannel, House], Awaitable[None]]
SCRIPTS: Mapping[str, Script] = {"inbound": inbound.run, "resume": resume.run, "agent": agent.run,
                                 "message": message.run}  # fmt: skip


async def run(settings: Settings) -> None:
    """Take calls until cancelled."""
    database = make_engine(settings.sql_url)
    store, shelf = RedisStore(settings.store_url), RedisShelf(settings.store_url)
    lookup = Lookup(database, settings.country)
    cases = CaseLookups(database, Statements(store, wall_clock, random_id, SystemRandom()))
    programs = find_programs(settings)
    voice = Voice(Espeak(programs.espeak), settings.sounds)
    phones = Phones(settings, programs, Accounts(database))
    try:
        towns = KeptTowns(settings.state)
        towns.brought = lambda town: voice.use_recordings(town.folder / PROMPTS, town.version)
        house = make_house(settings, phones, store, lookup, cases, voice, towns)
        house.messages = desk = MessageDesk(house, partial(call_out, settings.asterisk_home))
        house.workers = {Kind.VOICEMAIL: desk}
        await phones.begin(house)
        await desk.take_over()
        await keep_fallback(voice, settings)
        holder = TownHolder(settings.state, shelf, towns, partial(prepare, house, voice), wall_clock, random_id,
                            house.calls_on)  # fmt: skip
        follower = Follower(shelf, holder, house.node, "engine")
        await follower.begin()
        try:
            await serve(settings, house, phones, follower)
        finally:
            await follower.leave()
    finally:
        await voice.close()
        await shelf.close()
        await lookup.close()
        await cases.close()
        await store.close()
        await database.dispose()


def make_house(
    settings: Settings,
    phones: Phones,
    store: Store,
    lookup: Lookup,
    cases: CaseLookups,
    voice: Voice,
    towns: KeptTowns,
) -> House:
    """The services of this engine, under a name of its own."""
    return House(
        node=f"{settings.name}-{random_id()[:8]}",
        asterisk=settings.name,
        language=next(iter(towns.live().flows.by_name.values())).languages[0],
        store=store,
        voice=voice,
        callers=lookup,
        towns=towns,
        clock=wall_clock,
        new_id=random_id,
        agent_at=phones.at.get,
        parts=make_parts(settings, towns, store, cases),
    )


async def prepare(house: House, voice: Voice, town: Town, progress: Progress) -> None:
    """Render whatever can be rendered of a town before a call begins on it: its recordings, and the other texts. Calls
    that are under way go on with the recordings of their own version."""
    await voice.use_recordings(town.folder / PROMPTS, town.version)
    await voice.prepare(prompts_to_prepare(town, house.language), progress, town.version)


def prompts_to_prepare(town: Town, agents_language: str) -> list[Prompt]:
    """Whatever can be rendered before the first call."""
    return [*(line.prompt for line in spoken_texts(town)), *agent.prompts(agents_language)]


async def keep_fallback(voice: Voice, settings: Settings) -> None:
    """Put the apologies where Asterisk's dialplan finds them without us."""
    for language, path in fallback_sounds(settings).items():
        spoken = Path(await voice.sound(Prompt(APOLOGY[language], language)) + ".wav")
        fresh = path.with_name(f".{path.name}.fresh")
        await asyncio.to_thread(shutil.copyfile, spoken, fresh)
        fresh.replace(path.with_name(f"{path.name}.wav"))


async def serve(settings: Settings, house: House, phones: Phones, follower: Follower) -> None:
    """Listen to Asterisk, to the store and to the phones; whatever of it ends by a fault ends the engine, which the
    supervisor begins again."""
    ami = Ami("127.0.0.1", settings.ami_port, AMI_USER, ami_secret(settings.asterisk_home))

    async def device_changed(extension: str, device: Device) -> None:
        if known := house.agent_at(extension):
            await house.store.set_device(known, device, house.clock())

    async def look_again() -> None:
        stored = {call: CallRecord.from_data(data) for call, data in (await house.store.live_calls()).items()}
        await resync(house, stored, await live_channels(ami, house.asterisk))

    devices = Devices(ami, device_changed)
    ami.on_connected.append(look_again)
    trunks = trunk_names(settings.trunks)
    server = FastAgiServer({name: handler(script, house, ami, trunks) for name, script in SCRIPTS.items()})
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ami.run(), name="ami")
            tasks.create_task(devices.run(), name="devices")
            tasks.create_task(listen(house), name="inbox")
            tasks.create_task(phones.follow(house, partial(town_numbers, house)), name="accounts")
            tasks.create_task(bury_the_dead(house, ami), name="hang-ups")
            tasks.create_task(follower.run(), name="versions")
            await ami.wait_connected()
            await server.start(settings.agi_host, settings.agi_port)
            tell_ready()
            log.info("node %s takes calls on the town's version %s", house.node, house.towns.live().version)
    finally:
        await server.close()


def town_numbers(house: House) -> list[str]:
    """Those that may be dialled."""
    return [number for flow in house.towns.live().flows.by_name.values() for number in flow.numbers]


def handler(script: Script, house: House, ami: Ami, trunks: Sequence[str]) -> Handler:
    """A script as the FastAGI server calls it."""

    async def handle(agi: Agi) -> None:
        await script(AsteriskChannel(agi, ami, house.asterisk, trunks), house)

    return handle


async def bury_the_dead(house: House, ami: Ami) -> None:
    """End in the store what callers ended while no engine held their call, for ever."""
    gone: asyncio.Queue[str] = asyncio.Queue()

    def heard(event: Message) -> None:
        call = call_id(house.asterisk, event.get("Uniqueid", ""))
        if event.get("Context") == CALL_CONTEXT and call not in house.calls:
            gone.put_nowait(call)

    ami.listen("Hangup", heard)
    while True:
        call = await gone.get()
        try:
            await hung_up(house, call)
        except StoreAway as error:
            log.warning("call %s, which has ended, stays in the store for now: %s", call, error)
            gone.put_nowait(call)
