"""Everything that must be there before the processes of a house begin."""

import asyncio
import pwd
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import Any

from app.install.display import Display
from app.install.frontend import built_frontend
from app.install.programs import Programs, find_programs
from app.keeping import erasures
from app.peers import peers_of
from app.places import asterisk_user
from app.plan import agi_ports, processes
from app.settings import Settings, is_loopback
from app.telling import Teller
from app.town import Town, good_version, keep_good, load_town
from app.up import Prepared
from app.versioning import author
from asterisk_conf.site import Phone, Site
from asterisk_conf.write import Owner, write
from core.clock import wall_clock
from core.errors import GuichetError
from core.ids import random_id
from history.accounts import Account, Accounts
from history.database import make_engine, migrate
from history.staff import StaffAccounts
from ivr.engine import APOLOGY
from versions import disk
from versions.record import Move


def prepare(settings: Settings, teller: Teller) -> Prepared:
    """Find the programs, read the town, migrate the database, write Asterisk's configuration. GuichetError where any of
    that cannot be done."""
    town, warnings = usable_town(settings)
    for warning in warnings:
        teller.note(warning)
    display = teller if isinstance(teller, Display) else None
    programs = find_programs(settings, display=display)
    try:
        built_frontend(settings.native, display)
    except GuichetError as error:
        warnings.append(f"There is no desk in the browser: {error}")
        teller.note(warnings[-1])
    accounts, passwords, advice = asyncio.run(_accounts(settings))
    for sentence in advice:
        warnings.append(sentence)
        teller.note(sentence)
    numbers = [number for flow in town.flows.by_name.values() for number in flow.numbers]
    phones = [Phone(account.extension, account.sip_password) for account in accounts]
    write(site(settings, programs, numbers), phones, owner())
    return Prepared(
        processes(settings, programs.asterisk.command, programs.valkey),
        numbers,
        [told(account, settings) for account in accounts],
        warnings,
        [{"account": account, "password": password} for account, password in passwords.items()],
    )


def usable_town(settings: Settings) -> tuple[Town, list[str]]:
    """The town to serve callers with, and what they who start the house should know. A first town, and another folder
    than the one that was published last, are published by the start itself; what was edited since is not. GuichetError
    with all faults where there is nothing to serve."""
    good = good_version(settings.state)
    town = load_town(settings.callflows)
    if town.faults:
        faults = [str(fault) for fault in town.faults]
        if good is None:
            raise GuichetError("\n".join([*faults, "Mend these faults and start again: there is no good version yet."]))
        return good, [
            *faults,
            f"Calls go on with the last good version, {good.version}: mend these faults, then ./guichet publish.",
        ]
    if good is None:
        keep_good(town, settings.state)
        disk.want(settings.state, Move(random_id(), town.version, wall_clock(), author(), "the first version"))
        return town, []
    if town.version == good.version:
        return good, []
    if not settings.redis_url and town.content.source != disk.source(settings.state):
        keep_good(town, settings.state)
        note = f"from {settings.callflows}"
        move = Move(random_id(), town.version, wall_clock(), author(), note, before=good.version)
        disk.want(settings.state, move)
        return town, []
    return good, [
        f"The files in {settings.callflows} are not those that callers are served with (version {good.version}): "
        "./guichet diff shows what differs, ./guichet publish puts it live."
    ]


async def _accounts(settings: Settings) -> tuple[list[Account], dict[str, str], list[str]]:
    """The agents, the passwords of the accounts that were made now, for the demo, and what the database does less well
    than it could."""
    advice = await migrate(settings.sql_url)
    engine = make_engine(settings.sql_url)
    try:
        await erasures(settings, engine).apply_all()  # this database may have come from a backup
        accounts, signed = Accounts(engine), dict[str, str]()
        if settings.demo_agents and is_loopback(settings.sip_host):
            await accounts.make_demo(SystemRandom())
            if is_loopback(settings.web_host):
                known = [(account.id, account.name) for account in await accounts.all()]
                signed = await StaffAccounts(engine, wall_clock).make_demo(known, SystemRandom())
        return await accounts.all(), signed, advice
    finally:
        await engine.dispose()


def site(settings: Settings, programs: Programs, numbers: Sequence[str]) -> Site:
    """What Asterisk's configuration is made from."""
    return Site(
        home=settings.asterisk_home,
        modules=programs.asterisk.modules,
        share=programs.asterisk.share,
        moh=programs.moh,
        name=settings.name,
        sip_host=settings.sip_host,
        sip_port=settings.sip_port,
        rtp_first=settings.rtp_first,
        rtp_last=settings.rtp_last,
        ami_port=settings.ami_port,
        ws_port=settings.ws_port,
        agi_hosts=tuple((settings.agi_host, port) for port in agi_ports(settings)),
        numbers=tuple(numbers),
        trunks=tuple(settings.trunks),
        peers=peers_of(settings),
        fallback_number=settings.fallback_number,
        apologies=fallback_sounds(settings),
        languages=tuple(APOLOGY),
    )


def fallback_sounds(settings: Settings) -> dict[str, Path]:
    """What callers hear when no engine is left, by language: files without their ending, which the engine makes."""
    return {language: settings.asterisk_home / "sounds" / f"fallback-{language}" for language in APOLOGY}


def told(account: Account, settings: Settings) -> dict[str, Any]:
    """An agent as `up --json` shows them. The phone's password is only for the loopback: elsewhere it opens a door to
    whoever reads it."""
    password = {"password": account.sip_password} if is_loopback(settings.sip_host) else {}
    return {"id": account.id, "extension": account.extension, **password, "skills": dict(account.skills)}


def owner() -> Owner | None:
    """Whose Asterisk's files are, where not ours."""
    name = asterisk_user()
    if not name:
        return None
    account = pwd.getpwnam(name)
    return account.pw_uid, account.pw_gid
