"""The desk, wired: who signs in, the phones in browsers, what happens in the house, the built page."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from random import SystemRandom
from typing import Any

from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from app.desk_records import Records
from app.install.frontend import built_folder
from app.keeping import erasures, sealing, usual
from app.oidc import openid_door
from app.settings import Settings
from asterisk_conf.write import WEB_USER, ami_secret
from core.clock import wall_clock
from core.ids import random_id
from history.accounts import Accounts, new_password
from history.asking import NoAnswer
from history.database import make_engine
from history.days import Zone
from history.pop import ScreenPops
from history.reports import answered_by, matter_of, number_of
from history.staff import StaffAccounts
from history.statements import Statements
from queues.control import LiveControl
from queues.store.port import Store, StoreAway
from telephony.asterisk.ami import Ami
from telephony.asterisk.softphones import Softphones
from web.desk.admin import Administration
from web.desk.door import Door
from web.desk.files import add_files
from web.desk.hub import Hub, Towns
from web.desk.matters import Matters
from web.desk.moves import Moves, Services
from web.desk.phone import PhoneWay
from web.desk.pop import make_pop
from web.desk.reading import Reading
from web.desk.retelling import Retelling
from web.desk.socket import Desks
from web.desk.work import House
from web.people import People

log = logging.getLogger(__name__)

MATTER_WITHIN_S = 0.5
"""How long the move of a call waits for what the call is about."""

AddPages = Callable[[web.Application], None]


@asynccontextmanager
async def desk(
    settings: Settings, store: Store, towns: Towns, services: Services, zone: Zone
) -> AsyncIterator[AddPages]:  # fmt: skip
    """Gives what adds the desk's pages to the web application; all that it needs lives as long as the block.
    `services`: those of the town that is live; `zone`: by which its days go."""
    engine = make_engine(settings.sql_url)
    accounts = Accounts(engine)
    origin = settings.public_origin
    secure = settings.serves_tls or origin.startswith("https://")
    staff, others = StaffAccounts(engine, wall_clock), ["oidc"] if settings.oidc_issuer else []
    door = Door(staff, secure=secure, origin=origin, others=others)
    vouched = openid_door(settings, door, staff, engine)
    seal = sealing(settings)
    pops = ScreenPops(engine, settings.country, sealing=seal, zone=zone)
    statements = Statements(store, wall_clock, random_id, SystemRandom(), seal)
    ami = Ami("127.0.0.1", settings.ami_port, WEB_USER, ami_secret(settings.asterisk_home))
    hub = Hub(store, wall_clock, make_pop(towns, pops, statements, wall_clock), towns)
    records = Records(engine, seal, settings.country, wall_clock, usual(settings), zone)

    async def extension_of(agent: str) -> str | None:
        return next((account.extension for account in await accounts.all() if account.id == agent), None)

    async def had(agent: str, call: str) -> bool:
        return hub.had(agent, call) or await answered_by(engine, call) == agent

    async def story_of(call: str) -> dict[str, Any] | None:
        shown = hub.shown(call)
        try:
            return dict(await pops.pop(call, shown.number)) if shown else None
        except NoAnswer:
            return None

    retelling = Retelling(story_of, hub.retell)
    control = LiveControl(store, lambda: towns().queues, wall_clock)
    phones = PhoneWay(door, Softphones(ami), f"http://127.0.0.1:{settings.ws_port}/ws", extension_of)

    async def numbers(contact: str) -> tuple[str, str]:
        return await number_of(engine, contact)

    async def matter(contact: str) -> dict[str, str]:
        try:
            async with asyncio.timeout(MATTER_WITHIN_S):
                return await matter_of(engine, contact)
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("what call %s is about is not known, it is moved without: %r", contact, error)
            return {}

    def may_call(number: str) -> bool:
        return bool(settings.trunks) and any(number.startswith(beginning) for beginning in settings.callbacks)

    moves = Moves(
        store, lambda: towns().queues, services, statements, wall_clock, random_id, hub.tell, numbers, may_call, matter
    )
    house = House(control, store, statements, Matters(statements, records), retelling, had, wall_clock, moves)
    desks = Desks(door, hub, house, lambda: towns().choices, wall_clock)
    reading = Reading(door, records, statements, had)
    administration = Administration(door, staff, lambda: new_password(SystemRandom()))
    people = People(door, engine, erasures(settings, engine), statements, seal, settings.country, (StoreAway,))

    def add(app: web.Application) -> None:
        for part in (door, phones, desks, reading, people, administration):
            part.add_to(app)
        if vouched:
            vouched.add_to(app)
        if (page := built_folder(settings.native)).is_dir():
            add_files(app, page)
        else:
            log.error("there is no desk: its page was not built (%s)", page)

    tasks = [asyncio.create_task(ami.run(), name="ami"), asyncio.create_task(hub.run(), name="hub")]
    try:
        yield add
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await retelling.close()
        await pops.close()
        await engine.dispose()
