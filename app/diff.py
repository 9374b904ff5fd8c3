"""`guichet diff`: what differs between two versions, or between the live one and the files that are edited."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import click

from app.cli import with_state
from app.house import settings_of
from app.settings import Settings, load
from app.town import load_town
from app.versioning import named, reach
from core.errors import GuichetError
from versions.disk import contents_of
from versions.record import Piece, Version
from versions.shelf import Shelf

MOST_LINES = 5_000
"""Of one file, more of which are not compared line by line."""


@dataclass(frozen=True, slots=True)
class Side:
    """What is compared: its name, its files, and the contents of those that are texts."""

    name: str
    files: Mapping[str, Piece]
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One file: `how` is added, removed or changed; `lines` say what, of a text."""

    file: str
    how: str
    lines: tuple[str, ...] = ()


def changes(before: Side, after: Side) -> Iterator[Change]:
    """In the order of the files' names."""
    for file in sorted({*before.files, *after.files}):
        old, new = before.files.get(file), after.files.get(file)
        if old != new:
            how = "added" if old is None else "removed" if new is None else "changed"
            yield Change(file, how, tuple(_lines(file, before, after)))


def _lines(file: str, before: Side, after: Side) -> Iterator[str]:
    if not file.endswith(".yaml"):
        return
    old, new = before.texts.get(file, "").splitlines(), after.texts.get(file, "").splitlines()
    if max(len(old), len(new)) > MOST_LINES:
        return
    yield from unified_diff(old, new, f"{before.name}/{file}", f"{after.name}/{file}", lineterm="")


async def compare(settings: Settings, first: str, second: str, folder: Path) -> list[Change]:
    """Between two versions; `second` empty: with the files in the folder; `first` empty: from the live version."""
    async with reach(settings) as house:
        live = await house.shelf.live()
        if not first and not live:
            raise GuichetError("No version is live yet: ./guichet publish makes the first.")
        before = await _kept(house.shelf, await named(house.shelf, first or live))
        after = await _kept(house.shelf, await named(house.shelf, second)) if second else _edited(folder)
    return list(changes(before, after))


async def _kept(shelf: Shelf, version: Version) -> Side:
    texts = {
        file: (await shelf.piece(piece.digest) or b"").decode(errors="replace")
        for file, piece in version.files.items()
        if file.endswith(".yaml")
    }
    return Side(version.version, version.files, texts)


def _edited(folder: Path) -> Side:
    town = load_town(folder)
    content = contents_of(town.files, town.folder, town.content)
    files = town.content.files
    texts = {file: content(piece).decode(errors="replace") for file, piece in files.items() if file.endswith(".yaml")}
    return Side("files", files, texts)


@click.command("diff")
@click.argument("first", default="")
@click.argument("second", default="")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@with_state
def command(first: str, second: str, callflows: Path | None, as_json: bool, state: Path | None) -> None:
    """Show what differs: without arguments, between the live version and the files that are edited; with one version,
    between that and the files; with two, between these."""
    settings = settings_of(load(state=state))
    found = asyncio.run(compare(settings, first, second, (callflows or settings.callflows).resolve()))
    if as_json:
        data = [{"file": each.file, "how": each.how, "lines": list(each.lines)} for each in found]
        click.echo(json.dumps({"changes": data}, ensure_ascii=False))
        return
    for each in found:
        click.secho(f"{each.file}: {each.how}", bold=True)
        for line in each.lines:
            color = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.secho(line, fg=color)
    if not found:
        click.echo("Nothing differs.", err=True)
