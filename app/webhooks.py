"""`guichet webhooks`: what was pushed, and what nobody took."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click

STATE = click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                     help="The folder of all its data.")  # fmt: skip


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group("webhooks")
def command() -> None:
    """Contacts that are pushed to systems outside."""


@command.command("list", epilog=_examples("./guichet webhooks list", "./guichet webhooks list --json"))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@STATE
def list_them(*, as_json: bool, state: Path | None) -> None:
    """How many wait, were taken and are dead, and the dead ones."""
    from app import settings
    from app.commands import with_database
    from history.outside.sender import counts, dead_letters

    async def ask(engine: Any) -> tuple[Any, Any]:
        return await counts(engine), await dead_letters(engine)

    numbers, dead = asyncio.run(with_database(settings.load(state=state), ask))
    if as_json:
        click.echo(json.dumps({"counts": numbers, "dead": dead}, ensure_ascii=False))
        return
    click.echo(", ".join(f"{count} {name}" for name, count in numbers.items()))
    if dead:
        _print(dead)


def _print(dead: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from app.show import moment

    table = Table("id", "hook", "call", "made", "tries", "went wrong")
    for letter in dead:
        cells = (letter["hook"], letter["call"], moment(letter["made_at"]), str(letter["attempts"]), letter["error"])
        table.add_row(str(letter["id"]), *(escape(cell) for cell in cells))
    Console().print(table)


@command.command("retry", epilog=_examples("./guichet webhooks retry", "./guichet webhooks retry 12 13"))
@click.argument("ids", nargs=-1, type=int)
@STATE
def retry(*, ids: tuple[int, ...], state: Path | None) -> None:
    """Try dead ones again: those IDS, or all."""
    from app import settings
    from app.commands import with_database
    from core.clock import wall_clock
    from history.outside.sender import try_again

    count = asyncio.run(with_database(settings.load(state=state), lambda engine: try_again(engine, ids, wall_clock())))
    click.echo(f"{count} will be tried again.")
