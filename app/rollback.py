"""`guichet rollback`: an earlier version is live again."""

import asyncio
import json
from pathlib import Path

import click

from app.cli import with_state
from app.house import settings_of
from app.install.display import Display
from app.publish import told
from app.settings import Settings, load
from app.versioning import named, reach, somebody, tidy
from core.clock import wall_clock
from core.errors import GuichetError
from core.ids import random_id
from history.roster import TOPIC
from versions.publish import Published, Publisher, Step
from versions.record import Move, Piece
from versions.shelf import Shelf


async def roll_back(settings: Settings, name: str, who: str, note: str, step: Step) -> Published:
    """Put a version live that was live before; without a name, the one before the present one. GuichetError where there
    is none, or the house cannot take it."""
    async with reach(settings) as house:
        shelf = house.shelf
        live = await shelf.live()
        version = await named(shelf, name or await before(shelf, live))
        if version.version == live:
            raise GuichetError(f"The version {live} is live already.")
        move = Move(random_id(), version.version, wall_clock(), who, note, "rolled back", before=live)
        publisher = Publisher(shelf, house.store, random_id, step)
        published = await publisher.publish(version, _on_the_shelf, move)
        await house.store.nudge(TOPIC)  # as publishing does
        return published


async def before(shelf: Shelf, live: str) -> str:
    """The version that was live before this one was published."""
    kept = set(await shelf.versions())
    for move in await shelf.moves():
        if move.version == live and move.before in kept and move.before != live and move.how != "rolled back":
            return move.before
    raise GuichetError("There is no earlier version to go back to: ./guichet versions shows those that there are.")


def _on_the_shelf(_: Piece) -> bytes:
    raise GuichetError("A file of that version is not kept any more: publish it from its folder.")


@click.command("rollback")
@click.argument("version", default="")
@click.option("-m", "--note", default="", metavar="TEXT", help="Why, for those who read ./guichet versions.")
@click.option("--author", "who", default=None, metavar="NAME", help="Who does it; you, where nothing is said.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@with_state
def command(version: str, note: str, who: str | None, as_json: bool, state: Path | None) -> None:
    """Put an earlier version live again: VERSION as `./guichet versions` shows it, its first digits are enough; without
    one, the version that was live before. Calls under way end on the version that they began with."""
    settings = settings_of(load(state=state))
    display = Display()
    published = asyncio.run(roll_back(settings, version, somebody(who), tidy(note), display.step))
    display.clear()
    if as_json:
        click.echo(json.dumps({"version": published.move.version, "before": published.move.before,
                               "switch_s": round(published.switch_s, 3)}))  # fmt: skip
    else:
        click.echo(told(published))
