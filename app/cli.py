"""The command line. Each command imports what it needs when it is called: `./guichet status` must be quick."""

import importlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from core.errors import GuichetError

Command = TypeVar("Command", bound=Callable[..., Any])

HELP = {"help_option_names": ["-h", "--help"]}
PROCESSES = ("engine", "dispatcher", "history", "web")
ELSEWHERE: Mapping[str, Sequence[str]] = {
    "accounts": (
        "./guichet accounts list",
        "./guichet accounts add chef --role supervisor",
        "./guichet accounts password camille",
    ),
    "agents": (
        "./guichet agents list",
        "./guichet agents add noa --skill voirie=2",
        "./guichet agents pause noa --reason lunch",
    ),
    "call": (
        "./guichet call",
        "./guichet call accueil --from +33612345678 --log scenario.yaml",
        "./guichet call --voice",
    ),
    "compile": ("./guichet compile", "./guichet compile --json"),
    "check": ("./guichet check", "./guichet check ../my-town", "./guichet check --strict", "./guichet check --json"),
    "answers": ("./guichet answers", "./guichet answers --days 90 --json"),
    "directory": ("./guichet directory import annuaire.json --commune 35238",),
    "diff": ("./guichet diff", "./guichet diff 3f2a 91bc", "./guichet diff --json"),
    "draw": ("./guichet draw accueil -o accueil.svg", "./guichet draw accueil --callflows ../my-town > accueil.svg"),
    "hours": (
        "./guichet hours status",
        './guichet hours close mairie --until 14:00 --because "Panne de courant"',
        "./guichet hours normal mairie",
    ),
    "queues": (
        "./guichet queues list",
        "./guichet queues close voirie --send-away",
        "./guichet queues move 1732.27 accueil",
    ),
    "publish": (
        './guichet publish -m "New opening hours"',
        "./guichet publish --callflows ../my-town",
        "./guichet publish --json",
    ),
    "people": (
        "./guichet people show 0612345678",
        "./guichet people export 0612345678 -o ada.html",
        "./guichet people erase 0612345678 --reason asked",
    ),
    "recorder": ("./guichet recorder poison", "./guichet recorder replay --all"),
    "rollback": ("./guichet rollback", './guichet rollback 3f2a -m "The new menu confuses people"'),
    "prompts": (
        "./guichet prompts status",
        "./guichet prompts export -o studio.csv",
        "./guichet prompts import studio.zip",
    ),
    "demo-data": (
        "./guichet demo-data --state /tmp/demo",
        "./guichet demo-data --contacts 200000 --days 60 --seed 7 --state /tmp/demo",
    ),
    "report": (
        "./guichet report",
        "./guichet report 2026-11-23 --by queue",
        "./guichet report 2026-11-01 --to 2026-11-30 --by day --format svg -o november.svg",
        "./guichet report 2026-11-23 --by agent --queue voirie --format csv -o agents.csv",
        "./guichet report 2026-11-23 --recount",
    ),
    "schema": ("./guichet schema -o flow.json", "./guichet schema queue", "./guichet schema reference"),
    "simulate": (
        "./guichet simulate simulator/examples/monday.yaml -o monday.svg",
        "./guichet simulate simulator/examples/palm.yaml --json",
    ),
    "scenarios": (
        "./guichet scenarios",
        "./guichet scenarios --coverage --require 100%",
        "./guichet scenarios callflows/scenarios/etat-civil.yaml --json",
    ),
    "versions": ("./guichet versions", "./guichet versions --json"),
    "webhooks": ("./guichet webhooks list", "./guichet webhooks retry"),
    "staff": (
        "./guichet staff --calls 360 --interval 30m --aht 240s --agents 55 --within 15s",
        "./guichet staff --calls 360 --aht 4m --target 85% --within 60s",
        "./guichet staff --model a --calls 48 --interval 1m --aht 1m --patience 2m --agents 50 --json",
    ),
}
"""Commands in files of their own, `app/NAME.py` (with _ for -) with a `command`, and their examples."""


class Guichet(click.Group):
    """A GuichetError is one sentence on stderr and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        command: click.Command = importlib.import_module(f"app.{cmd_name.replace('-', '_')}").command
        command.epilog = examples(*ELSEWHERE[cmd_name])
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GuichetError as error:
            _fail(str(error))
        except KeyboardInterrupt:
            sys.exit(130)


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)


def examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def with_state(command: Command) -> Command:
    """--state, which all commands have."""
    option = click.option(
        "--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="The folder of all its data."
    )
    return option(command)


def as_json(command: Command) -> Command:
    return click.option("--json", "json_", is_flag=True, help="One JSON object on stdout, and nothing else.")(command)


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False))


@click.group(cls=Guichet, context_settings=HELP, epilog=examples("./guichet up", "./guichet status", "./guichet down"))
def main() -> None:
    """Guichet: the open telephony IVR and call-queue engine for public services.

    Settings come from guichet.toml in the current folder and from GUICHET_… variables.
    """


@main.command(epilog=examples("./guichet up", "./guichet up --detach --json", "./guichet up --callflows ../my-town"))
@click.option("--detach", is_flag=True, help="Return when it is ready; it goes on without the terminal.")
@as_json
@with_state
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
def up(*, detach: bool, json_: bool, state: Path | None, callflows: Path | None) -> None:
    """Start everything, and stay until Ctrl-C."""
    from app import settings
    from app.commands import leave_running_or_stay

    leave_running_or_stay(settings.load(state=state, callflows=callflows), detach=detach, as_json=json_)


@main.command(epilog=examples("./guichet down", "./guichet down --state /tmp/trial"))
@with_state
def down(*, state: Path | None) -> None:
    """Stop everything, and wait until it has ended."""
    from app import settings
    from app.down import stop

    loaded = settings.load(state=state)
    click.echo("Stopped." if stop(loaded) else f"Nothing runs on {loaded.state}.")


@main.command(epilog=examples("./guichet status", "./guichet status --json"))
@as_json
@with_state
def status(*, json_: bool, state: Path | None) -> None:
    """What runs, and where. Exit status 1 when nothing does."""
    from app import house, settings
    from app.commands import nodes_now
    from app.gauges import HISTORY_FIGURES, read_figures

    loaded = settings.load(state=state)
    found = house.load(loaded)
    if found is None:
        starting = house.holder(loaded.state)
        _fail(f"Guichet is starting on {loaded.state} (process {starting})." if starting
              else f"Nothing runs on {loaded.state}: ./guichet up starts it.")  # fmt: skip
    running = house.settings_of(loaded)
    engines, history = nodes_now(running), read_figures(running.run / HISTORY_FIGURES)
    if json_:
        nodes = [{"name": node.name, "asterisk": node.asterisk, "silent_ms": node.silent_ms} for node in engines]
        _print_json(
            {
                **found.facts(),
                "processes": [_process(runner) for runner in found.processes],
                "nodes": nodes,
                "history": {name.removeprefix("guichet_history_"): value for name, value in history.items()},
            }
        )
        return
    from app.show import print_nodes, print_processes, to_look_at, welcome

    click.echo(welcome(found.facts(), detached=True))
    print_processes(found.processes)
    if len({node.asterisk for node in engines}) > 1:
        print_nodes(engines)
    for warning in (*found.warnings, *to_look_at(history)):
        click.echo(warning, err=True)


def _process(runner: Any) -> dict[str, Any]:
    return {"name": runner.name, "pid": runner.pid, "restarts": runner.restarts, "ready": runner.ready,
            "trouble": runner.trouble}  # fmt: skip


@main.command(epilog=examples("./guichet doctor", "GUICHET_SIP_PORT=5070 ./guichet doctor"))
@with_state
def doctor(*, state: Path | None) -> None:
    """What is wrong, and how to mend it. Makes a call when a house runs. Exit status 1 when something is wrong."""
    from app import settings
    from app.commands import see_doctor

    sys.exit(0 if see_doctor(settings.load(state=state)) else 1)


@main.command(
    context_settings={"ignore_unknown_options": True, **HELP},
    epilog=examples("./guichet test", "./guichet test tests/unit -k queue", "./guichet test -m 'not asterisk'"),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(*, arguments: tuple[str, ...]) -> None:
    """Run all tests, real Asterisk and all. Arguments go to pytest."""
    import os

    from app.install.places import CHECKOUT

    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606


@main.command(
    epilog=examples("./guichet bench agi", "./guichet bench calls --json", "./guichet bench history --contacts 200000")
)
@click.argument("name")
@as_json
@click.option("--contacts", type=click.IntRange(1000), help="Of `history`: how large it is; ten millions.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Of `history`: where its databases are kept for the next time.")  # fmt: skip
@click.option("--make-only", is_flag=True, default=None, help="Of `history`: make its databases, measure nothing.")
@click.option("--part", multiple=True, type=click.Choice(["pop", "search", "report", "recorder", "migration"]),
              help="Of `history`: measure this alone; may be given several times.")  # fmt: skip
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="Of `history`, `outage`: one database.")
@click.option("--calls", type=click.IntRange(100), help="Of `outage`: how many come in meanwhile; 30,000.")
def bench(*, name: str, json_: bool, **options: Any) -> None:
    """Measure something: agi, calls, …"""
    from app.commands import run_bench

    run_bench(name, {key: value for key, value in options.items() if value not in (None, ())}, as_json=json_)


@main.command(hidden=True)
@click.argument("name", type=click.Choice(PROCESSES))
def run(*, name: str) -> None:
    """One process alone: a further engine beside a house, or one to look at closely."""
    from app import processes, settings

    sys.exit(processes.run(name, settings.load()))
