"""What the commands do that take more than a line."""

import asyncio
import importlib
import importlib.util
import inspect
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from app.settings import Settings
from core.errors import GuichetError


def leave_running_or_stay(settings: Settings, *, detach: bool, as_json: bool) -> None:
    from app.prepare import prepare
    from app.telling import Screen
    from app.up import leave_running, stay

    screen = Screen(as_json=as_json, detached=detach)
    if detach:
        screen.print_facts(leave_running(settings, screen, prepare))
    else:
        stay(settings, screen, prepare)


def see_doctor(settings: Settings) -> bool:
    """Print what the doctor found; False where something is wrong."""
    from app.doctor import examine, lines
    from app.house import settings_of

    findings = asyncio.run(examine(settings_of(settings)))
    for line in lines(findings):
        click.echo(line)
    return all(finding.well is not False for finding in findings)


def nodes_now(settings: Settings) -> Sequence[Any]:
    """The engines on the store (queues.model.Node); none where it does not answer."""
    from app.nodes import nodes_of
    from queues.store.port import StoreAway

    try:
        return asyncio.run(nodes_of(settings))
    except StoreAway:
        return []


def run_bench(name: str, options: Mapping[str, Any], *, as_json: bool) -> None:
    """Run app.bench.NAME.run, on the event loop that our services run on, and print what it gives: by its own `show`,
    or as a list; its TARGETS, where it has them, stand beside the figures."""
    import uvloop

    if not name.isidentifier() or importlib.util.find_spec(f"app.bench.{name}") is None:
        raise GuichetError(f"There is no benchmark {name!r}; there are {', '.join(benches())}.")
    module = importlib.import_module(f"app.bench.{name}")
    if not hasattr(module, "run"):
        raise GuichetError(f"There is no benchmark {name!r}; there are {', '.join(benches())}.")
    if options and not options.keys() <= inspect.signature(module.run).parameters.keys():
        raise GuichetError(f"The benchmark {name} has no option --{next(iter(options))}.")
    figures: Mapping[str, float] = uvloop.run(module.run(**options))
    if as_json:
        click.echo(json.dumps({"bench": name, "figures": dict(figures)}))
        return
    if hasattr(module, "show"):
        module.show(figures)
        return
    from app.show import print_figures

    print_figures(name, figures, getattr(module, "TARGETS", {}))


def benches() -> list[str]:
    """Names of the benchmarks there are: the modules with a `run` of their own."""
    folder = Path(__file__).parent / "bench"
    return sorted(file.stem for file in folder.glob("*.py") if "\nasync def run(" in file.read_text())


async def with_database(settings: Settings, ask: Any) -> Any:
    """Ask the history, once whoever was erased is gone from it; GuichetError where there is none yet, or the database
    is away."""
    from sqlalchemy.exc import SQLAlchemyError

    from app.house import settings_of
    from app.keeping import erased_again
    from history.database import first_line, make_engine

    settings = settings_of(settings)
    if not settings.database_url and not (settings.state / "history.db").exists():
        raise GuichetError(f"There is no history in {settings.state} yet: ./guichet up makes it.")
    engine = make_engine(settings.sql_url)
    try:
        await erased_again(settings, engine)
        return await ask(engine)
    except (SQLAlchemyError, ConnectionError, TimeoutError) as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise GuichetError(
            f"The history's database {shown} cannot be used: {first_line(error)}. Check that it runs, its address and "
            "its rights."
        ) from None
    finally:
        await engine.dispose()
