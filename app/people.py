"""`./guichet people`: what is known of one person: shown, handed over, erased."""

import asyncio
import json
from pathlib import Path
from typing import Any

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from app import settings
from app.cli import HELP, as_json, examples, with_state
from app.commands import with_database
from app.keeping import Recordings, erasures, sealing, terms
from app.settings import Settings
from app.show import moment, print_contacts
from core.clock import wall_clock
from core.errors import GuichetError
from history.access import DAY_MS, Unusual, note_reading, told, told_unusual
from history.export import Export, export, page, persons_at
from history.reports import contacts_of, contacts_of_person
from history.retention import Retention
from history.sealing import new_key as fresh_key
from history.taking_out import Erased

COMMAND_LINE = "command line"


@click.group("people", context_settings=HELP)
def command() -> None:
    """What is known of one person: shown, handed over, erased."""


def with_person(function: Any) -> Any:
    """NUMBER or --person."""
    key = click.option("--person", default="", metavar="KEY", help="The person's key, where several share the number.")
    return click.argument("number", required=False, default="")(key(function))


@command.command(
    epilog=examples("./guichet people show 0612345678", "./guichet people show --person 4f0c… --json"),
)
@with_person
@as_json
@with_state
def show(*, number: str, person: str, json_: bool, state: Path | None) -> None:
    """A person's contacts, newest first, from whatever number; or those from a number at which nobody is known, such as
    an internal one."""
    loaded = settings.load(state=state)

    async def ask(engine: AsyncEngine) -> tuple[str, list[dict[str, Any]]]:
        if not person and number and not await known_at(engine, loaded, number):
            return "", await contacts_of(engine, number, loaded.country)
        found = await contacts_of_person(engine, await chosen(engine, loaded, number, person))
        await note_reading(engine, COMMAND_LINE, "person", found[0])
        return found

    key, contacts = asyncio.run(with_database(loaded, ask))
    if json_:
        click.echo(json.dumps({"number": number, "person": key, "contacts": contacts}, ensure_ascii=False))
    elif contacts:
        print_contacts(contacts)
    else:
        click.echo(f"No contact of {number or person} is known.")


@command.command(
    "export",
    epilog=examples(
        "./guichet people export 0612345678 -o ada.html",
        "./guichet people export 0612345678 --language en -o ada.html",
        "./guichet people export --person 4f0c… > ada.json",
    ),
)
@with_person
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", help="Of the page.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file: .html is a page.")
@with_state
def export_person(*, number: str, person: str, language: str, output: Path | None, state: Path | None) -> None:
    """Everything that is kept about a person, for that person: as JSON, or as a page to read."""
    loaded = settings.load(state=state)
    seal = sealing(loaded)

    async def ask(engine: AsyncEngine) -> Export:
        key = await chosen(engine, loaded, number, person)
        found = await export(engine, key, seal)
        await note_reading(engine, COMMAND_LINE, "export", key)
        return found

    found = asyncio.run(with_database(loaded, ask))
    as_page = output is not None and output.suffix.lower() in (".html", ".htm")
    text = page(found, language) if as_page else json.dumps(found, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    try:
        output.touch(mode=0o600)
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise GuichetError(f"{output} cannot be written: {error.strerror}.") from None
    click.echo(f"Written to {output}: hand it over, then delete it.")


@command.command(
    epilog=examples("./guichet people erase 0612345678", "./guichet people erase --person 4f0c… --reason asked --yes")
)
@with_person
@click.option("--reason", default="", help="Kept with the erasure; name nobody in it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_state
def erase(*, number: str, person: str, reason: str, yes: bool, state: Path | None) -> None:
    """Take a person out of everything, for ever. What counts in reports stays."""
    loaded = settings.load(state=state)

    async def ask(engine: AsyncEngine) -> Erased:
        key = await chosen(engine, loaded, number, person)
        if not yes:
            click.confirm(f"Erase the person {key} for ever? Nobody can take this back", abort=True)
        return await erasures(loaded, engine).erase(key, COMMAND_LINE, reason)

    erased = asyncio.run(with_database(loaded, ask))
    files = f", {len(erased.files)} recordings deleted" if erased.files else ""
    click.echo(
        f"Erased: {erased.contacts} contacts, {erased.cases} cases, {erased.promises} promises, "
        f"{erased.notes} notes{files}. What counts in reports stays.\n"
        "Backups made before hold the person until they are thrown away; one that is restored is cleaned at the start."
    )


@command.command(epilog=examples("./guichet people unusual", "./guichet people unusual --days 30 --json"))
@click.option("--days", type=click.IntRange(1), default=7, help="So far back; 7.")
@as_json
@with_state
def unusual(*, days: int, json_: bool, state: Path | None) -> None:
    """Reading of people's history that stood out, newest first: who read about many people, who was read about by
    many."""
    loaded, since = settings.load(state=state), wall_clock() - days * DAY_MS
    found = asyncio.run(with_database(loaded, lambda engine: told_unusual(engine, since)))
    if json_:
        click.echo(json.dumps({"unusual": found}, ensure_ascii=False))
        return
    for row in found:
        one = Unusual(row["what"], row["reader"], row["person"], row["count"])
        click.echo(f"{moment(row['at'])}  {told(one)}")
    if not found:
        click.echo(f"Nothing stood out in the last {days} days." if days > 1 else "Nothing stood out in the last day.")


@command.command("let-go", epilog=examples("./guichet people let-go"))
@with_state
def let_go(*, state: Path | None) -> None:
    """Let go now of what is not to be kept any longer, as every night, and say how much."""
    loaded = settings.load(state=state)

    async def ask(engine: AsyncEngine) -> dict[str, int]:
        return await Retention(engine, terms(loaded), wall_clock, Recordings(loaded).delete).apply()

    for purpose, count in asyncio.run(with_database(loaded, ask)).items():
        click.echo(f"{purpose:<12} {count}")


@command.command("new-key", epilog=examples("./guichet people new-key > /etc/guichet/notes.key"))
def new_key() -> None:
    """A key with which agents' notes are sealed at rest (GUICHET_NOTES_KEY, notes_key_file)."""
    click.echo(fresh_key())


async def chosen(engine: AsyncEngine, settings: Settings, number: str, person: str) -> str:
    """The person's key: the one given, or the only one at that number."""
    if person:
        return person
    if not number:
        raise GuichetError("Name the person: a phone number, or --person KEY.")
    found = await known_at(engine, settings, number)
    if not found:
        raise GuichetError(f"Nobody is known at {number}.")
    if len(found) > 1:
        raise GuichetError(
            f"Several persons are known at {number}; name one by --person:\n" + "\n".join(map(_line, found))
        )
    return str(found[0]["key"])


async def known_at(engine: AsyncEngine, settings: Settings, number: str) -> list[dict[str, Any]]:
    return [row for row in await persons_at(engine, number, settings.country) if row["key"]]


def _line(row: dict[str, Any]) -> str:
    return f"  {row['key']}  {row['name'] or '(no name)'}"
