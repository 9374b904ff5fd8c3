"""`guichet check`: every fault in a town or a flow file at once, before a caller could meet it."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from app.settings import load
from app.town import load_town
from core.files import Fault, Faults, shown
from core.yamlfile import read_source
from ivr.load import load_flows


def check(paths: Sequence[Path]) -> list[Fault]:
    """All faults in town folders and single flow files, in the order of their places. Whether a flow's queues are
    there is known for a town only."""
    found: set[Fault] = set()
    for path in paths:
        if path.is_dir():
            found.update(load_town(path).faults)
            continue
        faults = Faults()
        raw = read_source(path, faults)
        if raw is not None:
            load_flows({shown(path): raw}, faults)
        found.update(faults.found)
    return sorted(found)


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a list of {file, line, column, message, rule}.")
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """Check flows and queues: PATH is a town folder or a flow file; without one, the town of the settings."""
    faults = check(paths or [load().callflows])
    if as_json:
        click.echo(json.dumps([_data(fault) for fault in faults], ensure_ascii=False, indent=2))
    else:
        for fault in faults:
            click.echo(str(fault))
        count = len(faults) or "no"
        click.echo(f"{count} {'fault' if len(faults) < 2 else 'faults'}", err=True)
    context.exit(1 if faults else 0)


def _data(fault: Fault) -> dict[str, str | int]:
    place = fault.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": fault.message,
        "rule": fault.rule,
    }
