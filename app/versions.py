"""`guichet versions`: what was published, by whom, and what is live."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli import with_state
from app.house import settings_of
from app.settings import Settings, load
from app.versioning import moment, reach

WIDEST = 140


async def read_versions(settings: Settings) -> list[dict[str, Any]]:
    """Every move of the live pointer that is remembered, the last one first."""
    async with reach(settings) as house:
        kept, live = set(await house.shelf.versions()), await house.shelf.live()
        nodes = await house.shelf.nodes()
        calls = Counter[str]()
        for node in nodes:
            calls.update(node.calls)
        moves = await house.shelf.moves()
    return [
        {
            "version": move.version,
            "live": index == 0 and move.version == live,
            "at": move.at,
            "author": move.author,
            "note": move.note,
            "how": move.how,
            "before": move.before,
            "kept": move.version in kept,
            "calls": calls[move.version],
            "nodes": [node.name for node in nodes if node.live == move.version] if index == 0 else [],
        }
        for index, move in enumerate(moves)
    ]


@click.command("versions")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@with_state
def command(as_json: bool, state: Path | None) -> None:
    """Show what was published, the last first: the version, when, by whom, and how many calls are on it now."""
    versions = asyncio.run(read_versions(settings_of(load(state=state))))
    if as_json:
        click.echo(json.dumps({"versions": versions}, ensure_ascii=False))
        return
    table = Table("version", "", "when", "who", "how", "calls", "note")
    for each in versions:
        mark = "live" if each["live"] else "" if each["kept"] else "not kept"
        table.add_row(each["version"], mark, moment(each["at"]), escape(each["author"]), each["how"],
                      str(each["calls"] or ""), escape(each["note"]))  # fmt: skip
    console = Console()
    console.print(table, width=min(console.width, WIDEST))
