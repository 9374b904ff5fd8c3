"""`guichet directory`: services from outside become files of the town."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from app.cli import examples
from app.settings import load
from app.town import DIRECTORY, HOURS, load_town
from core.errors import GuichetError
from core.files import Faults, shown
from history.numbers import NumberKind, read_number
from hours.definition import load_hours
from ivr.material.annuaire import LICENCE, MOST_BYTES, SOURCE, Imported, Wanted, read_directory
from ivr.material.service import is_commune, load_services

SCHEMAS = {DIRECTORY: "../schema/directory.json", HOURS: "../schema/hours.json"}


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a service: `how` is added, updated, same, or left (with why)."""

    service: str
    how: str
    notes: tuple[str, ...] = ()


def bring_in(town: Path, services: Collection[Imported], *, update: bool, dry: bool) -> list[Done]:
    """Write each service's files into the town. A service that is there already, known by its id in the directory,
    keeps its name, and is written again only where `update` says so: somebody may have edited it."""
    here = {service.source.id: service.name for service in load_town(town).services.values() if service.source}
    taken = {path.stem for path in (town / DIRECTORY).glob("*.yaml")}
    done = []
    for each in services:
        known = here.get(each.id) if each.id else None
        if known is None and each.name in taken:
            done.append(Done(each.name, "left", ("a file of that name is there, of another service",)))
        elif known is not None and not update:
            done.append(Done(known, "left", ("it is there already; --update writes it again",)))
        else:
            done.append(_write(town, _renamed(each, known or each.name), "updated" if known else "added", dry=dry))
    return done


def _renamed(imported: Imported, name: str) -> Imported:
    service = {**imported.service, "service": name} | ({"hours": name} if imported.hours else {})
    hours = {**imported.hours, "hours": name} if imported.hours else None
    return Imported(name, service, hours, imported.notes)


def _write(town: Path, imported: Imported, how: str, *, dry: bool) -> Done:
    files = {DIRECTORY: imported.service} | ({HOURS: imported.hours} if imported.hours else {})
    texts = {town / folder / f"{imported.name}.yaml": _yaml(folder, data) for folder, data in files.items()}
    faults = Faults()
    for path, text in texts.items():
        read = load_services if path.parent.name == DIRECTORY else load_hours
        read({path.name: text.encode()}, faults)
    if faults.found:
        return Done(imported.name, "left", tuple(fault.message for fault in faults.found))
    if all(path.exists() and path.read_text(encoding="utf-8") == text for path, text in texts.items()):
        return Done(imported.name, "same", imported.notes)
    for path, text in {} if dry else texts.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Done(imported.name, how, imported.notes)


def _yaml(folder: str, data: Mapping[str, Any]) -> str:
    head = f"# yaml-language-server: $schema={SCHEMAS[folder]}\n# {SOURCE}, {LICENCE}\n"
    return head + yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=120)


def dialled(country: str, text: str) -> str:
    """A telephone number as it is dialled; '' for what is none."""
    number = read_number(text, country)
    return number.text if number.kind in (NumberKind.PHONE, NumberKind.SHORT) else ""


@click.group("directory")
def command() -> None:
    """The town's services."""


@command.command(
    "import",
    epilog=examples(
        "./guichet directory import annuaire.json --commune 35238",
        "./guichet directory import annuaire.json --type caf --topic caf=aide-sociale --dry-run",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--commune", "communes", multiple=True, metavar="INSEE", help="Only services for this commune.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only services of this type, such as caf.")
@click.option("--topic", "topics", multiple=True, metavar="TYPE=TOPIC", help="What a type is called in this town.")
@click.option("--update", is_flag=True, help="Write services that are there already again; your own changes are lost.")
@click.option("--dry-run", "dry", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@click.pass_context
def import_(
    context: click.Context,
    file: Path,
    communes: tuple[str, ...],
    types: tuple[str, ...],
    topics: tuple[str, ...],
    update: bool,
    dry: bool,
    callflows: Path | None,
    as_json: bool,
) -> None:
    """Take services from the public directory of the French administration: its JSON file of local services, or an
    answer of its API. Each becomes a file of directory/, and one of hours/ where its opening hours are told. --commune,
    --type and --topic may be given several times.

    The directory is published by the DILA (Service-Public.fr) under the Licence Ouverte 2.0; each file says so."""
    settings = load()
    for commune in communes:
        if not is_commune(commune):
            raise GuichetError(f"--commune: expected an INSEE code such as 35238, found {commune}.")
    names = dict(topic.partition("=")[::2] for topic in topics)
    if not all(names.values()):
        raise GuichetError("--topic: expected TYPE=TOPIC, such as caf=aide-sociale.")
    if file.stat().st_size > MOST_BYTES:
        raise GuichetError(f"{shown(file)} has more than {MOST_BYTES // 1_000_000} MB: take a part of the directory.")
    wanted = Wanted(communes, types, names)
    found = read_directory(file.read_bytes(), wanted, lambda text: dialled(settings.country, text))
    done = bring_in(callflows or settings.callflows, found, update=update, dry=dry)
    if as_json:
        told = [{"service": each.service, "how": each.how, "notes": list(each.notes)} for each in done]
        click.echo(json.dumps({"services": told}, ensure_ascii=False))
    else:
        for each in done:
            click.echo(f"{each.service}: {each.how}" + "".join(f"\n    {note}" for note in each.notes))
        counted = ", ".join(
            f"{sum(each.how == how for each in done)} {how}" for how in dict.fromkeys(d.how for d in done)
        )
        click.echo(f"{'would be ' if dry else ''}{counted or 'no service in the file is wanted'}", err=True)
    context.exit(0 if done else 1)
