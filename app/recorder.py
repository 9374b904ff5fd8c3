"""`guichet recorder`: what could not be recorded, looked at, told once more, or thrown away; and what was recorded made
again by the rules of this version."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from app.cli import HELP, as_json, examples, with_state

IDS = click.argument("ids", nargs=-1)


@click.group("recorder", context_settings=HELP)
def command() -> None:
    """What happened and could not be recorded, set aside for somebody to look at; and contacts made again from what was
    recorded."""


@command.command(
    epilog=examples(
        "./guichet recorder poison", "./guichet recorder poison 3f2a91bc", "./guichet recorder poison --json"
    )
)
@IDS
@as_json
@with_state
def poison(*, ids: tuple[str, ...], json_: bool, state: Path | None) -> None:
    """What was set aside, newest first; of those whose IDS are given (or how they begin), all that they said."""
    from app import settings
    from app.commands import with_database
    from history.poison import set_aside

    found = asyncio.run(with_database(settings.load(state=state), lambda engine: set_aside(engine, ids)))
    if json_:
        shown = [{"id": one.id, "at": one.at, "error": one.error, "event": one.event or None} for one in found]
        click.echo(json.dumps({"poison": shown}, ensure_ascii=False))
    elif ids:
        for one in found:
            click.echo(f"{one.id}\n{one.error}")
            click.echo(json.dumps(one.event, indent=2) if one.event else one.raw)
    elif found:
        _print(found)
    else:
        click.echo("Nothing was set aside.")


def _print(found: Sequence[Any]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from app.show import moment

    table = Table("id", "set aside", "kind", "call", "why")
    for one in found:
        cells = (str(one.event.get("kind", "")), str(one.event.get("call", "")), one.error)
        table.add_row(one.id[:12], moment(one.at), *(escape(cell) for cell in cells))
    Console().print(table)


@command.command(epilog=examples("./guichet recorder replay 3f2a91bc", "./guichet recorder replay --all"))
@IDS
@click.option("--all", "all_", is_flag=True, help="Everything that was set aside.")
@with_state
def replay(*, ids: tuple[str, ...], all_: bool, state: Path | None) -> None:
    """Tell it to the stream once more, where it can be recorded now: after an update, say. Exit status 1 where one
    cannot."""
    from app import settings
    from app.commands import with_database
    from app.running import store_of
    from core.errors import GuichetError
    from history.poison import replay as tell_again
    from history.poison import set_aside

    _which(ids, all_=all_)
    loaded = settings.load(state=state)

    async def ask(engine: Any) -> list[str]:
        refused = []
        async with store_of(loaded) as (_, store):
            for one in await set_aside(engine, ids):
                try:
                    await tell_again(engine, store, one)
                except GuichetError as error:
                    refused.append(f"{one.id[:12]} stays: {error}.")
                else:
                    click.echo(f"{one.id[:12]} was told again: {one.event['kind']}")
        return refused

    if refused := asyncio.run(with_database(loaded, ask)):
        raise GuichetError("\n".join(refused))


@command.command(
    "make-again", epilog=examples("./guichet recorder make-again", "./guichet recorder make-again --since 2026-01-01")
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="From that day on; else from where it was stopped, or all.",
)
@with_state
def make_again_(*, since: datetime | None, state: Path | None) -> None:
    """Make contacts again from their recorded events, by the rules of this version: after an update that changed what
    is made of a call. Calls, desks and recording go on; it can be stopped at any time, and goes on from there."""
    from app import settings
    from app.commands import with_database
    from app.install.display import Display
    from app.keeping import pseudonyms
    from history.again import MadeAgain, make_again
    from history.recording import Rules

    loaded, display = settings.load(state=state), Display()
    begin = None if since is None else int(since.astimezone().timestamp() * 1000)
    rules = Rules(loaded.country, pseudonyms(loaded))

    def tell(count: int, at: int) -> None:
        display.step(f"contacts up to {datetime.fromtimestamp(at / 1000, UTC).date()}", count)

    async def ask(engine: Any) -> MadeAgain:
        return await make_again(engine, rules, begin, tell)

    made = asyncio.run(with_database(loaded, ask))
    display.clear()
    click.echo(f"{made.calls:,} contacts were made again from their events.")
    if made.eventless:
        click.echo(f"{made.eventless:,} have no recorded event, and stay as they are.")
    if made.unreadable:
        click.echo(f"{made.unreadable:,} have events that this version cannot read, and stay as they are.")


@command.command(epilog=examples("./guichet recorder drop 3f2a91bc", "./guichet recorder drop --all --yes"))
@IDS
@click.option("--all", "all_", is_flag=True, help="Everything that was set aside.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_state
def drop(*, ids: tuple[str, ...], all_: bool, yes: bool, state: Path | None) -> None:
    """Throw it away. What is not dropped goes by itself after `keep_poison_days`."""
    from app import settings
    from app.commands import with_database
    from history.poison import drop as throw_away
    from history.poison import set_aside

    _which(ids, all_=all_)

    async def ask(engine: Any) -> int:
        found = await set_aside(engine, ids)
        if found and not yes:
            click.confirm(f"Throw {len(found)} away for ever?", abort=True)
        return await throw_away(engine, [one.id for one in found])

    click.echo(f"{asyncio.run(with_database(settings.load(state=state), ask))} thrown away.")


def _which(ids: Sequence[str], *, all_: bool) -> None:
    if bool(ids) == all_:
        raise click.UsageError("Name those that are meant by how their ids begin, or say --all.")
