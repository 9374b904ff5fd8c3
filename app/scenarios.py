"""`guichet scenarios`: plays the scenario files of a town on the engine, without a telephone."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Table

from app.check import fault_data
from app.dialogue import dialogue_console, happened, heard
from app.draw import good_town
from app.options import share
from app.played_town import own_answer
from app.settings import load
from core.files import Fault, Faults, shown
from core.yamlfile import read_source
from ivr.coverage import Coverage, coverage
from ivr.rehearsal import Line, Rehearsal, rehearse
from ivr.scenario import load_scenarios

FOLDER = "scenarios"
WIDEST_TABLE = 120


def read_scenarios(folder: Path, faults: Faults) -> dict[str, bytes]:
    """The scenario files of a town, by the name that is shown of each."""
    return _read(sorted((folder / FOLDER).glob("*.yaml")), faults)


def _read(paths: Sequence[Path], faults: Faults) -> dict[str, bytes]:
    return {shown(path): raw for path in paths if (raw := read_source(path, faults)) is not None}


@click.command("scenarios")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--coverage", "with_coverage", is_flag=True, help="Show which steps and exits the scenarios take.")
@click.option("--require", type=share(), metavar="SHARE", help="Fail where they take less of a flow, such as 100%.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[Path, ...],
    callflows: Path | None,
    with_coverage: bool,
    require: float | None,
    as_json: bool,
) -> None:
    """Play scenarios: PATH is a town folder or a scenario file; without one, all of the town of the settings.

    A file in a folder scenarios/ belongs to the town around it. Exit status 1 where a call went another way."""
    rehearsals: list[Rehearsal] = []
    faults = Faults()
    covered: list[Coverage] = []
    for folder, files in _by_town(paths, callflows).items():
        town = good_town(folder)
        sources = _read(files, faults) if files else read_scenarios(folder, faults)
        played = [rehearse(each, own_answer(town)) for each in load_scenarios(sources, town.flows, faults)]
        rehearsals += played
        covered += coverage(town.flows.by_name.values(), played)
    lacking = [each for each in covered if require is not None and each.share < require]
    if as_json:
        click.echo(json.dumps(_data(rehearsals, faults.found, covered), ensure_ascii=False, indent=2))
    else:
        _print(rehearsals, sorted(faults.found), covered if with_coverage or lacking else [])
    context.exit(1 if faults.found or lacking or any(each.divergence for each in rehearsals) else 0)


def _by_town(paths: Sequence[Path], callflows: Path | None) -> Mapping[Path, list[Path]]:
    """The scenario files by their town's folder; no file means all of that town."""
    default = callflows or load().callflows
    towns: dict[Path, list[Path]] = {}
    for path in paths or [default]:
        if path.is_dir():
            towns.setdefault(path, [])
        else:
            inside = path.resolve().parent
            towns.setdefault(inside.parent if inside.name == FOLDER and not callflows else default, []).append(path)
    return towns


# --- what is shown ------------------------------------------------------------------------------------------------


def _print(rehearsals: Sequence[Rehearsal], faults: Sequence[Fault], covered: Sequence[Coverage]) -> None:
    console = dialogue_console()
    for fault in faults:
        console.print(escape(str(fault)), soft_wrap=True)
    for rehearsal in rehearsals:
        sign = "[red]✗[/]" if rehearsal.divergence else "[green]✓[/]"
        console.print(f"{sign} {escape(rehearsal.scenario.title)}  [dim]{escape(rehearsal.scenario.document.file)}[/]")
        if rehearsal.divergence:
            for line in rehearsal.dialogue:
                console.print(_shown(line, rehearsal.scenario.told.at))
            console.print(f"  [red]{escape(str(rehearsal.divergence))}[/]", soft_wrap=True)
    if covered:
        _print_coverage(console, covered)
    failed = sum(rehearsal.divergence is not None for rehearsal in rehearsals)
    click.echo(f"{len(rehearsals)} played, {failed or 'none'} went another way", err=True)


def _shown(line: Line, begins: datetime | None) -> RenderableType:
    """With the time of day where the scenario says when it begins, else from 0:00 on."""
    time = f"{line.at // 60_000}:{line.at // 1_000 % 60:02d}"
    clock = "    " + (f"{begins + timedelta(milliseconds=line.at):%H:%M:%S}" if begins else time)
    return heard(clock, line.step, line.text) if line.step else happened(clock, line.text)


def _print_coverage(console: Console, covered: Sequence[Coverage]) -> None:
    table = Table("flow", "steps", "exits", "covered", "never taken")
    for each in covered:
        steps, exits = each.steps - len(each.missing_steps), each.exits - len(each.missing_exits)
        never = [*each.missing_steps, *(f"{step} → {target}" for step, target in each.missing_exits)]
        table.add_row(each.flow, f"{steps}/{each.steps}", f"{exits}/{each.exits}", f"{each.share:.0%}",
                      escape(", ".join(never)))  # fmt: skip
    console.print(table, width=min(console.width, WIDEST_TABLE))


def _data(rehearsals: Sequence[Rehearsal], faults: Sequence[Fault], covered: Sequence[Coverage]) -> dict[str, Any]:
    return {
        "scenarios": [_played(each) for each in rehearsals],
        "faults": [fault_data(fault) for fault in sorted(faults)],
        "coverage": [
            {
                "flow": each.flow,
                "share": each.share,
                "missing_steps": list(each.missing_steps),
                "missing_exits": [list(pair) for pair in each.missing_exits],
            }
            for each in covered
        ],
    }


def _played(rehearsal: Rehearsal) -> dict[str, Any]:
    return {
        "scenario": rehearsal.scenario.title,
        "file": rehearsal.scenario.document.file,
        "passed": rehearsal.divergence is None,
        "path": rehearsal.path,
        "dialogue": [{"at_ms": line.at, "step": line.step, "text": line.text} for line in rehearsal.dialogue],
        "divergence": fault_data(rehearsal.divergence) if rehearsal.divergence else None,
    }
