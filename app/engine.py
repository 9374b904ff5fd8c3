"""The engine: the handling of calls, wired to Asterisk, the store, the town, speech and history."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import SystemRandom

from sqlalchemy.exc import SQLAlchemyError

from agi_scripts import agent, consult, inbound, left, message, resume
from app.install.programs import find_programs
from app.keeping import pseudonyms
from app.parts import make_parts
from app.peers import peers_of
from app.phones import Phones
from app.plan import agi_ports
from app.prepare import fallback_sounds
from app.ready import tell_ready
from app.settings import Settings
from app.spoken_texts import spoken_texts
from app.town import PROMPTS, Town
from app.towns import KeptTowns, TownHolder
from asterisk_conf.console import call_out
from asterisk_conf.write import AMI_USER, CALL_CONTEXT, ami_secret, peer_endpoint, trunk_names
from core.clock import wall_clock
from core.ids import random_id
from core.whole import PUBLIC, whole
from history.accounts import Accounts
from history.case_lookup import CaseLookups
from history.choices import last_choices
from history.database import first_line, make_engine
from history.lookup import Lookup
from history.statements import Statements
from history.unfinished import HistoryAway, Memory
from ivr.acts import Prompt
from ivr.engine import APOLOGY
from queues.model import Device, Kind, Status
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
from telephony.changes import follow_changes
from telephony.consulting import Consults
from telephony.house import House
from telephony.messages import MessageDesk
from telephony.node import hung_up, listen, resync
from telephony.presence import Chosen, Presence
from telephony.record import CallRecord
from telephony.retelling import History, Retelling
from telephony.siblings import node_name
from versions.follower import Follower, Progress
from versions.shelf_redis import RedisShelf

log = logging.getLogger(__name__)

Script = Callable[[AsteriskChannel, House], Awaitable[None]]
LOOK_AGAIN_S = 1.0
"""How long another engine has to end a call of its own whose caller hung up."""
LEAVE_WITHIN_S = 0.5
SCRIPTS: Mapping[str, Script] = {"inbound": inbound.run, "resume": resume.run, "agent": agent.run,
                                 "message": message.run, "consult": consult.run, "left": left.run}  # fmt: skip


async def run(settings: Settings) -> None:
    """Take calls until cancelled."""
    database = make_engine(settings.sql_url)
    store, shelf = RedisStore(settings.store_url), RedisShelf(settings.store_url)
    lookup = Lookup(database, settings.country, zone=lambda: towns.live().zone)
    cases = CaseLookups(database, Statements(store, wall_clock, random_id, SystemRandom()))
    programs = find_programs(settings)
    voice = Voice(Espeak(programs.espeak), settings.sounds)
    phones = Phones(settings, programs, Accounts(database))

    async def chosen() -> list[Chosen]:
        try:
            return [Chosen(who, Status(what), why) for who, what, why in await last_choices(database, house.clock())]
        except (SQLAlchemyError, OSError, ValueError) as error:
            raise HistoryAway(f"the history cannot be read: {first_line(error)}") from error

    try:
        towns = KeptTowns(settings.state)
        towns.brought = lambda town: voice.use_recordings(town.folder / PROMPTS, town.version)
        house = make_house(settings, phones, store, lookup, cases, voice, towns)
        house.messages = desk = MessageDesk(house, partial(call_out, settings.asterisk_home))
        house.consults = consults = Consults(house)
        house.workers = {Kind.VOICEMAIL: desk, Kind.CALLBACK: desk, Kind.CONSULT: consults}
        await phones.begin(house)
        await house.take_over()
        await keep_fallback(voice, settings)
        holder = TownHolder(settings.state, shelf, towns, partial(prepare, house, voice), wall_clock, random_id,
                            house.calls_on)  # fmt: skip
        follower = Follower(shelf, holder, house.node, "engine")
        await follower.begin()
        try:
            await serve(settings, house, phones, follower, chosen, Memory(database))
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
        node=node_name(settings.name, settings.engine, random_id()[:8]),
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
        pseudonym=pseudonyms(settings).number,
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
    """Put the apologies where Asterisk's dialplan finds them without us. Several engines of a house do so at once."""
    for language, path in fallback_sounds(settings).items():
        spoken = Path(await voice.sound(Prompt(APOLOGY[language], language)) + ".wav")
        with whole(path.with_name(f"{path.name}.wav"), PUBLIC) as file:
            file.write(spoken.read_bytes())


async def serve(
    settings: Settings,
    house: House,
    phones: Phones,
    follower: Follower,
    chosen: Callable[[], Awaitable[Sequence[Chosen]]],
    history: History,
) -> None:
    """Listen to Asterisk, to the store and to the phones; whatever of it ends by a fault ends the engine, which the
    supervisor begins again."""
    ami = Ami("127.0.0.1", settings.ami_port, AMI_USER, ami_secret(settings.asterisk_home))

    async def device_changed(extension: str, device: Device) -> None:
        if known := house.agent_at(extension):
            await house.store.set_device(known, device, house.clock(), house.asterisk)

    async def look_again() -> None:
        stored = {call: CallRecord.from_data(data) for call, data in (await house.store.live_calls()).items()}
        await resync(house, stored, await live_channels(ami, house.asterisk))

    devices = Devices(ami, device_changed)
    ami.on_connected.append(look_again)
    presence = Presence(house, phones.agents, chosen, devices.tell_again)
    house.told_again = presence.look
    ways = Ways(trunk_names(settings.trunks), {peer.name: peer_endpoint(peer.name) for peer in peers_of(settings)})
    server = FastAgiServer({name: handler(script, house, ami, ways) for name, script in SCRIPTS.items()})
    await presence.look()
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ami.run(), name="ami")
            tasks.create_task(devices.run(), name="devices")
            tasks.create_task(listen(house), name="inbox")
            tasks.create_task(phones.follow(house, partial(town_numbers, house)), name="accounts")
            tasks.create_task(bury_the_dead(house, ami), name="hang-ups")
            tasks.create_task(follower.run(), name="versions")
            tasks.create_task(presence.run(), name="presence")
            tasks.create_task(Retelling(house, history, presence.untold).run(), name="retelling")
            tasks.create_task(follow_changes(house), name="changes")
            await ami.wait_connected()
            await server.start(settings.agi_host, agi_ports(settings)[settings.engine - 1])
            tell_ready()
            log.info("node %s takes calls on the town's version %s", house.node, house.towns.live().version)
    finally:
        await server.close()
        with suppress(StoreAway, TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN_S):
                await presence.leave()


def town_numbers(house: House) -> list[str]:
    """Those that may be dialled."""
    return [number for flow in house.towns.live().flows.by_name.values() for number in flow.numbers]


@dataclass(frozen=True, slots=True)
class Ways:
    """Asterisk's endpoints that lead elsewhere."""

    trunks: Sequence[str]
    peers: Mapping[str, str]
    """By the names of our other Asterisks."""


def handler(script: Script, house: House, ami: Ami, ways: Ways) -> Handler:
    """A script as the FastAGI server calls it."""

    async def handle(agi: Agi) -> None:
        await script(AsteriskChannel(agi, ami, house.asterisk, ways.trunks, ways.peers), house)

    return handle


async def bury_the_dead(house: House, ami: Ami) -> None:
    """End in the store what callers ended while no engine held their call, for ever."""
    gone: asyncio.Queue[tuple[str, bool]] = asyncio.Queue()

    def heard(event: Message) -> None:
        call = call_id(house.asterisk, event.get("Uniqueid", ""))
        if event.get("Context") == CALL_CONTEXT and call not in house.calls:
            gone.put_nowait((call, False))

    ami.listen("Hangup", heard)
    while True:
        call, sure = await gone.get()
        try:
            over = await hung_up(house, call, sure=sure)
        except StoreAway as error:
            log.warning("call %s, which has ended, stays in the store for now: %s", call, error)
            over = False
        if not over:
            asyncio.get_running_loop().call_later(LOOK_AGAIN_S, gone.put_nowait, (call, True))
