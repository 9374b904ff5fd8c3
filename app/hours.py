"""`guichet hours`: what is open, and the emergency switch."""

import asyncio
import getpass
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from app.house import settings_of
from app.settings import Settings, load
from app.town import load_town
from core.clock import wall_clock
from core.errors import GuichetError
from core.filemodel import closest
from core.ids import random_id
from hours.calendar import EPOCH, local
from hours.definition import Hours
from hours.status import Status, status
from hours.switch import EVERYTHING, Position, Switch, switch_for, take_back, throw
from queues.store.port import Store, StoreAway
from queues.store.redis import RedisStore

Answer = TypeVar("Answer")

ALL = "all"
"""The name of hours that stands for all of them."""

state_option = click.option(
    "--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The folder of all its data."
)
until_option = click.option("--until", metavar="TIME", help="When the files hold again: 17:00, or 2026-12-24T17:00.")
because_option = click.option("--because", default="", metavar="TEXT", help="Why, for those who look.")


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group("hours")
def command() -> None:
    """What is open now, and the emergency switch, which wins over all files on every engine at once."""


@command.command(
    "status", epilog=_examples("./guichet hours status", "./guichet hours status mairie --at 2026-12-25T10:00")
)
@click.argument("name", required=False)
@click.option("--at", metavar="TIME", help="At another moment, in the hours' own time: 2026-12-25T10:00.")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@state_option
def show(*, name: str | None, at: str | None, callflows: Path | None, as_json: bool, state: Path | None) -> None:
    """Open or closed, why, and when that changes."""
    settings = settings_of(load(state=state, callflows=callflows))
    known = hours_of(callflows or settings.callflows)
    if name is not None:
        must_be(name, known)
    switches, trouble = _switches(settings)
    lines = {each: _status(known[each], at, switches) for each in ([name] if name else sorted(known))}
    if as_json:
        click.echo(json.dumps({"hours": {each: _data(known[each], line) for each, line in lines.items()}}))
        return
    for each, line in lines.items():
        click.echo(f"{each}: {sentence(known[each], line)}")
    if not lines:
        click.echo(f"There are no opening hours in {callflows or settings.callflows}/hours.")
    if trouble:
        click.echo(f"The switches are not taken into account: {trouble}", err=True)


def _switch_command(position: Position, text: str, *lines: str) -> None:
    @command.command("close" if position == "closed" else "open", help=text, epilog=_examples(*lines))
    @click.argument("name")
    @until_option
    @because_option
    @state_option
    def switch(*, name: str, until: str | None, because: str, state: Path | None) -> None:
        settings = settings_of(load(state=state))
        known, now = hours_of(settings.callflows), wall_clock()
        must_be(name, known)
        zone = known.get(name) or next(iter(known.values()))
        end = moment(zone, until, now) if until else 0
        if end and end <= now:
            raise GuichetError(f"{until} is over; give --until a moment to come.")
        thrown = Switch(position, now, end, because, _author())
        stored = EVERYTHING if name == ALL else name
        _with_store(settings, lambda store: throw(store, stored, thrown, random_id))
        click.echo(_thrown(name, thrown, zone))


_switch_command(
    "closed",
    "Close NAME (hours of a file, or all) whatever the files say.",
    './guichet hours close mairie --until 14:00 --because "Panne de courant"',
    "./guichet hours close all",
)
_switch_command(
    "open",
    "Open NAME (hours of a file, or all) whatever the files say.",
    "./guichet hours open accueil --until 22:00",
)


@command.command("normal", epilog=_examples("./guichet hours normal mairie"))
@click.argument("name")
@state_option
def normal(*, name: str, state: Path | None) -> None:
    """Take the switch of NAME (or all) back: the files hold again."""
    settings = settings_of(load(state=state))
    must_be(name, hours_of(settings.callflows))
    stored = EVERYTHING if name == ALL else name
    _with_store(settings, lambda store: take_back(store, stored, _author(), wall_clock(), random_id))
    click.echo(f"{name}: the hours of the files hold again.")


# --- what is read -------------------------------------------------------------------------------------------------


def hours_of(folder: Path) -> Mapping[str, Hours]:
    """The hours of a town that has no faults in them; GuichetError otherwise."""
    town = load_town(folder)
    faults = [fault for fault in town.faults if Path(fault.place.file).parent.name == "hours"]
    if faults:
        raise GuichetError("\n".join(map(str, faults)))
    return town.hours


def must_be(name: str, known: Mapping[str, Hours]) -> None:
    """GuichetError where there are no hours of that name."""
    if name in known or (name == ALL and known):
        return
    near = closest(name, list(known))
    there = f"did you mean {near}?" if near else f"there are {', '.join(sorted(known)) or 'none'}."
    raise GuichetError(f"There are no opening hours called {name}; {there}")


def moment(hours: Hours, text: str, now: int) -> int:
    """A moment written as 17:00 (today) or 2026-12-24T17:00, on the wall clock of these hours."""
    today = local(hours, now)
    try:
        wall = datetime.fromisoformat(text if "-" in text else f"{today:%Y-%m-%d}T{text}")
    except ValueError:
        raise GuichetError(f"{text!r} is no time; write 17:00 or 2026-12-24T17:00.") from None
    at = wall if wall.tzinfo else wall.replace(tzinfo=hours.timezone)
    return (at - EPOCH) // timedelta(milliseconds=1)


def _switches(settings: Settings) -> tuple[Mapping[str, Mapping[str, Any]], str]:
    """What the switches say, and why that is not known."""
    try:
        return _with_store(settings, lambda store: store.switches()), ""
    except GuichetError as error:
        return {}, str(error)


def _with_store(settings: Settings, ask: Callable[[Store], Awaitable[Answer]]) -> Answer:
    """GuichetError where the house does not run."""
    if not settings.redis_url and not settings.valkey_socket.exists():
        raise GuichetError(f"Nothing runs on {settings.state}: ./guichet up starts it.")

    async def asked() -> Answer:
        store = RedisStore(settings.store_url, patience_s=2.0)
        try:
            return await ask(store)
        finally:
            await store.close()

    try:
        return asyncio.run(asked())
    except StoreAway as error:
        raise GuichetError(f"The store does not answer: {error}") from None


def _author() -> str:
    """Who types."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


# --- what is shown ------------------------------------------------------------------------------------------------


def _status(hours: Hours, at: str | None, switches: Mapping[str, Mapping[str, Any]]) -> Status:
    now = moment(hours, at, wall_clock()) if at else wall_clock()
    return status(hours, now, switch_for(switches, hours.name, now))


def sentence(hours: Hours, now: Status) -> str:
    """What an operator reads of one line."""
    why = {"switch": "the switch", "exception": "an exceptional day", "holiday": "public holiday", "weekly": "the week"}
    because = f"{why[now.cause]}{f': {now.name}' if now.name else ''}"
    if now.open:
        until = f" until {_shown(hours, now.closes_at)}" if now.closes_at else ""
        return f"open{until} ({because})"
    opens = f", opens {_shown(hours, now.next_open)}" if now.next_open else ", until further notice"
    return f"closed{opens} ({because})"


def _shown(hours: Hours, at: int) -> str:
    return f"{local(hours, at):%Y-%m-%d %H:%M}"


def _thrown(name: str, switch: Switch, hours: Hours) -> str:
    end = f"until {_shown(hours, switch.until)}" if switch.until else f"until ./guichet hours normal {name}"
    return f"{name}: {switch.position} {end}."


def _data(hours: Hours, now: Status) -> dict[str, Any]:
    def when(at: int | None) -> str | None:
        return None if at is None else local(hours, at).isoformat(timespec="minutes")

    return {
        "open": now.open,
        "cause": str(now.cause),
        "because": now.name,
        "closes": when(now.closes_at),
        "next_open": when(now.next_open),
    }
