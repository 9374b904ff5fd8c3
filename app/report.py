"""`guichet report`: what a day, or several, amounted to."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from app.options import duration
from core.clock import wall_clock
from core.errors import GuichetError
from core.files import shown
from history.measures.asked import LIMITS, By, Question, ask, read_zone
from history.measures.definitions import SERVICE_LEVELS, SHORT_ABANDON_MS, WITHIN_MS, Measure, Unit
from history.measures.report import Report, make_report
from history.measures.tally import Tally

if TYPE_CHECKING:
    from app.town import Town

FRAME = 3
"""What a column of a table takes beside its text."""
FORMATS = ("table", "csv", "json", "svg")


@click.command("report")
@click.argument("day", required=False, default="")
@click.option("--to", "last", default="", metavar="DAY", help="The last day of several.")
@click.option("--by", type=click.Choice([each.value for each in By]), help="Split by this.")
@click.option("--queue", help="Only this queue; likewise the next three.")
@click.option("--agent")
@click.option("--topic")
@click.option("--service")
@click.option("--service-level", type=click.Choice(list(SERVICE_LEVELS)), default="guichet", show_default=True,
              help="Whose definition of the service level.")  # fmt: skip
@click.option("--within", type=duration(), help="The service level's time for all queues, instead of their own.")
@click.option("--short-abandon", type=duration(0), help="Who gives up within it does not count against it (5s).")
@click.option(
    "--zone",
    default="",
    metavar="ZONE",
    help="The days' time zone, like Europe/Paris; that of the town's opening hours.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--language", type=click.Choice(["fr", "en"]), default="en", help="Of the words in tables and plots.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--recount", is_flag=True, help="Count again from the events, and say where that differs.")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The folder of all its data.")  # fmt: skip
@click.pass_context
def command(context: click.Context, /, day: str, **options: Any) -> None:
    """The measures of a DAY (2026-11-23; today where none is given): calls offered, answered and abandoned, service
    level, waits, handling, occupancy, single contact and more, each by its one definition."""
    from app import settings
    from app.commands import with_database
    from app.town import load_town

    loaded = settings.load(state=options["state"])
    if options["recount"] and (options["form"] != "table" or options["output"]):
        raise click.UsageError("--recount says in sentences where figures differ: leave --format and --output away.")
    town = load_town(loaded.callflows)
    question = _question(day, options, _within(town), town.zone)
    if options["recount"]:
        differences = asyncio.run(with_database(loaded, lambda engine: _recounted(engine, question)))
        for line in differences:
            click.echo(line)
        context.exit(1 if differences else 0)
    report: Report = asyncio.run(with_database(loaded, lambda engine: make_report(engine, question)))
    _give(report, options["form"], options["language"], options["output"])


def _question(day: str, options: Mapping[str, Any], within: Mapping[str, int], towns: ZoneInfo | None) -> Question:
    zone = options["zone"] or (towns.key if towns else _machine_zone())
    now = wall_clock()
    first = day or _today(now, zone)
    return ask(
        first, options["last"] or first, zone, now, by=options["by"] or "",
        limits={name.value: options[name.value] for name in LIMITS if options[name.value] is not None},
        within_ms=options["within"] or WITHIN_MS, within={} if options["within"] else within,
        short_abandon_ms=SHORT_ABANDON_MS if options["short_abandon"] is None else options["short_abandon"],
        service_level=options["service_level"],
    )  # fmt: skip


def _today(now: int, zone: str) -> str:
    return datetime.fromtimestamp(now / 1000, read_zone(zone)).date().isoformat()


def _machine_zone() -> str:
    """The name of this machine's time zone, UTC where it has none."""
    link = Path("/etc/localtime")
    name = str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else ""
    return name or "UTC"


def _within(town: "Town") -> dict[str, int]:
    """Each queue's own time of the service level, as far as the town can be read."""
    return {name: queue.service_level.within for name, queue in town.queues.items() if queue.service_level}


async def _recounted(engine: AsyncEngine, question: Question) -> list[str]:
    from history.measures.archive import differences

    return await differences(engine, question)


def _give(report: Report, form: str, language: str, output: Path | None) -> None:
    from history.measures.plot import plot
    from history.measures.writing import as_csv, as_data

    if form == "table" and output is None:
        _print(report, language)
        return
    if form == "svg":
        text = plot(report, title(report), language)
    elif form == "json":
        text = json.dumps(as_data(report), ensure_ascii=False) + "\n"
    else:
        text = as_csv(report)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GuichetError(f"The report cannot be written to {shown(output)}: {error.strerror}.") from None


def title(report: Report) -> str:
    """`2026-11-23` or `2026-11-23 … 2026-11-29`, with what it is limited to."""
    question = report.question
    zone = ZoneInfo(question.zone)
    days = [datetime.fromtimestamp(at / 1000, zone).date().isoformat() for at in question.starts[:-1]]
    limits = "".join(f", {name.value} {value}" for name, value in question.limits.items())
    return (days[0] if len(days) == 1 else f"{days[0]} … {days[-1]}") + limits


def _print(report: Report, language: str) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from history.measures.writing import TOTAL, rows

    columns = [_column(report, name, tally) for name, tally in rows(report) if tally != Tally() or name == TOTAL]
    words = [measure.words[language] for measure in report.measures()]
    console = Console()
    heading = escape(title(report))
    for block in blocks([max(map(len, column)) for column in columns], max(map(len, words)), console.width):
        some = columns[block]
        table = Table("", title=heading)
        for name, *_ in some:
            table.add_column(escape(name), no_wrap=len(some) > 1, overflow="fold")
        for line, word in enumerate(words, start=1):
            if any(column[line] for column in columns):
                table.add_row(word, *(column[line] for column in some))
        console.print(table)
        heading = ""
    if report.misleading:
        steps = Table("step that misled" if language == "en" else "étape qui a égaré", "")
        for step, times in report.misleading.items():
            steps.add_row(escape(step), str(times))
        console.print(steps)


def _column(report: Report, name: str, tally: Tally) -> list[str]:
    """Its name, and each figure as people read it."""
    figures = report.figures(tally)
    return [name, *(told(measure, figures[measure.name]) for measure in report.measures())]


def blocks(widths: Sequence[int], words: int, most: int) -> Iterator[slice]:
    """Which columns stand side by side, so that none is cut: each with the words of the lines again, at least one."""
    begin, wide = 0, words + FRAME
    for place, width in enumerate(widths):
        if place > begin and wide + width + FRAME > most - 1:
            yield slice(begin, place)
            begin, wide = place, words + FRAME
        wide += width + FRAME
    yield slice(begin, len(widths))


def told(measure: Measure, value: float | None) -> str:
    """A figure as people read it; nothing where there is none."""
    if value is None:
        return ""
    if measure.unit is Unit.SHARE:
        return f"{value:.1%}"
    return f"{value:,.0f}" if measure.unit is Unit.COUNT else f"{value:.1f} s"
