"""`guichet demo-data`: a made-up history, to look at reports and screens before there is a real one."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from app.install.display import Display
from app.settings import Settings
from core.errors import GuichetError


@click.command("demo-data")
@click.option("--contacts", type=click.IntRange(1, 50_000_000), default=20_000, show_default=True)
@click.option("--people", type=click.IntRange(1, 10_000_000), help="How many persons call; a tenth of the contacts.")
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="Until yesterday.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed, the same data.")
@click.option(
    "--events/--no-events",
    default=True,
    show_default=True,
    help="Keep the events too, so that `report --recount` has something to count; it takes twice as long.",
)
@click.option("--zone", default="Europe/Paris", show_default=True, metavar="ZONE")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The folder of all its data.")  # fmt: skip
def command(
    contacts: int, people: int | None, days: int, seed: int, events: bool, zone: str, state: Path | None
) -> None:  # fmt: skip
    """Fill an empty history with believable calls, people, cases and notes. A history that has contacts is left alone:
    what is made up never stands beside what happened."""
    from app import settings
    from app.house import settings_of
    from history.measures.asked import read_zone

    read_zone(zone)
    loaded = settings_of(settings.load(state=state))
    display = Display()
    try:
        made = asyncio.run(
            _fill(loaded, contacts, people or max(1, contacts // 10), days, seed, zone, display, events=events)
        )
    finally:
        display.clear()
    click.echo(f"{made} Look at them: ./guichet report --by queue {_yesterday(zone)}")


def _yesterday(zone: str) -> str:
    return (datetime.now(ZoneInfo(zone)).date() - timedelta(days=1)).isoformat()


async def _fill(
    settings: Settings, contacts: int, people: int, days: int, seed: int, zone: str, display: Display, *, events: bool
) -> str:  # fmt: skip
    from history.database import make_engine, migrate
    from history.measures.asked import midnights
    from simulator.demo.filling import fill

    await migrate(settings.sql_url)
    last = datetime.now(ZoneInfo(zone)).date() - timedelta(days=1)
    starts = midnights(last - timedelta(days=days - 1), last, zone)[:-1]
    engine = make_engine(settings.sql_url, longest_s=None)
    try:
        filled = await fill(engine, contacts, people, starts, seed, display.step, events=events)
    finally:
        await engine.dispose()
    if not filled.contacts:
        raise GuichetError("Nothing was made.")
    return f"{filled.contacts:,} contacts of {filled.people:,} people with {filled.agents} agents, on {days} days."
