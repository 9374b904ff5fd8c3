"""`guichet check`: every fault in a town or a flow file at once, before a caller could meet it, and advice."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click

from app.caret import Sources
from app.parts import parts_of
from app.settings import load
from app.town import FOLDERS, QUEUES, load_town
from core.files import Fault, Faults, shown
from core.yamlfile import read_source
from ivr.load import load_flows
from ivr.rules import advice_on


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, each in the order of places: what keeps calls from being served so, and what could be better."""

    faults: Sequence[Fault]
    advice: Sequence[Fault]


def check(paths: Sequence[Path], parts: Collection[str] | None = None) -> Checked:
    """All that is found in town folders and single files. A file is checked within its town where it lies in one (a
    folder with queues/); of one that lies elsewhere, nothing is said of what other files would have to hold. `parts`:
    what the house has of ivr.model.PARTS, where that is known."""
    faults: set[Fault] = set()
    advice: set[Fault] = set()
    for path in paths:
        found = _check_folder(path, parts) if path.is_dir() else _check_file(path, parts)
        faults.update(found.faults)
        advice.update(found.advice)
    return Checked(sorted(faults), sorted(advice))


def _check_folder(path: Path, parts: Collection[str] | None) -> Checked:
    town = load_town(path)
    today = date.today().isoformat()  # noqa: DTZ011 — a day of the people who keep the answers
    has = None if parts is None else set(parts) - town.lacks
    return Checked(town.faults, advice_on(replace(town.flows.town, parts=has, today=today)))


def _check_file(path: Path, parts: Collection[str] | None) -> Checked:
    town = _town_around(path)
    if town is not None:
        found, file = _check_folder(town, parts), shown(town / path.resolve().relative_to(town.resolve()))
        return Checked(_of(file, found.faults), _of(file, found.advice))
    faults = Faults()
    raw = read_source(path, faults)
    flows = load_flows({shown(path): raw} if raw is not None else {}, faults)
    return Checked(faults.found, advice_on(flows.town))


def _town_around(path: Path) -> Path | None:
    folder = path.resolve().parent
    town = folder.parent if folder.name in FOLDERS else folder
    return town if path.is_file() and path.suffix == ".yaml" and (town / QUEUES).is_dir() else None


def _of(file: str, found: Iterable[Fault]) -> list[Fault]:
    return [each for each in found if each.place.file == file]


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a list of {file, line, column, message, rule, severity}.")
@click.option("--strict", is_flag=True, help="Advice counts as a fault.")
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], as_json: bool, strict: bool) -> None:
    """Check a town: PATH is its folder or one of its files; without one, the town of the settings.

    Faults keep a town from being used: exit status 1. Advice does not, but with --strict."""
    settings = load()
    found = check(paths or [settings.callflows], parts_of(settings))
    if as_json:
        told = [fault_data(fault) for fault in found.faults]
        told += [fault_data(advice, "advice") for advice in found.advice]
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        sources = Sources()
        for fault in found.faults:
            click.echo(f"{fault}{sources.pointing_at(fault.place)}")
        for advice in found.advice:
            told_advice = f"{advice.place}: advice: {advice.message} [{advice.rule}]"
            click.echo(f"{told_advice}{sources.pointing_at(advice.place)}")
        click.echo(_in_all(found), err=True)
    context.exit(1 if found.faults or (strict and found.advice) else 0)


def _in_all(found: Checked) -> str:
    faults, advice = len(found.faults), len(found.advice)
    told = f"{faults or 'no'} {'fault' if faults < 2 else 'faults'}"
    return f"{told}, {advice} {'piece' if advice == 1 else 'pieces'} of advice" if advice else told


def fault_data(fault: Fault, severity: str = "fault") -> dict[str, str | int]:
    place = fault.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": fault.message,
        "rule": fault.rule,
        "severity": severity,
    }
