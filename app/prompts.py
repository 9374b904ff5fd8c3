"""`guichet prompts`: what a studio has to record, what it recorded, and what is missing or stale."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from app.draw import good_town
from app.recordings import Recordings, Taken, file_of, name_of, recordings_of, take_in
from app.settings import load
from app.spoken_texts import SpokenText, spoken_texts, with_values
from app.studio_files import studio_files
from app.town import PROMPTS
from core.errors import GuichetError
from core.files import shown
from speech.studio import expected_seconds

COLUMNS = ("file", "language", "text", "where", "context", "seconds", "state")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula for a spreadsheet."""
SHOWN = 20

callflows_option = click.option(
    "--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town."
)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")


def _examples(*lines: str) -> str:
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@click.group("prompts")
def command() -> None:
    """Recordings by a studio, which are heard instead of the speech engine."""


@command.command(
    "export",
    epilog=_examples("./guichet prompts export -o studio.csv", "./guichet prompts export --missing > more.csv"),
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--missing", is_flag=True, help="Only what is not recorded yet, or was changed since.")
@click.option("--language", metavar="LANGUAGE", help="Only one language, such as fr.")
@callflows_option
def export(*, output: Path | None, missing: bool, language: str | None, callflows: Path | None) -> None:
    """The sheet of what is to be recorded, as CSV: the file's name, the language, the text, where it is heard."""
    folder, lines = _lines(callflows)
    found = recordings_of(lines, folder / PROMPTS)
    wanted = [line for line in lines if not missing or name_of(line) not in found.recorded]
    sheet = sheet_of([line for line in wanted if language in (None, line.prompt.language)], found)
    if output:
        output.write_text(sheet, encoding="utf-8-sig")  # spreadsheets know UTF-8 by its first bytes
        click.echo(f"{len(wanted)} texts are in {output}. Send the WAV files back under their names.", err=True)
    else:
        click.echo(sheet, nl=False)


@command.command(
    "import", epilog=_examples("./guichet prompts import studio.zip", "./guichet prompts import recordings/ --dry-run")
)
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--dry-run", "dry", is_flag=True, help="Only look; nothing is written.")
@callflows_option
@json_option
@click.pass_context
def import_(context: click.Context, *, source: Path, dry: bool, callflows: Path | None, as_json: bool) -> None:
    """Take in what a studio sent: SOURCE is a folder or a ZIP of WAV files, named as in the sheet.

    Each is checked: format, level, clipping, length against its text. What is fit is kept with the town, at 16 kHz in
    one channel, and heard from the next publishing on. Exit status 1 where a file was refused."""
    folder, lines = _lines(callflows)
    taken = Taken()
    with _progress(show=not as_json) as tell:
        files = take_in(studio_files(source), lines, folder / PROMPTS, taken, dry=dry)
        for number, _ in enumerate(files, 1):
            tell(number)
    found = recordings_of(lines, folder / PROMPTS)
    if as_json:
        click.echo(json.dumps({**_taken_data(taken), **status_data(found)}, ensure_ascii=False))
    else:
        for name, why in taken.refused.items():
            click.echo(f"{name}: {'; '.join(why)}.")
        would = "would be " if dry else ""
        told = f"{len(taken.new)} {would}new, {len(taken.replaced)} {would}replaced, {len(taken.refused)} refused."
        click.echo(f"{told} {_in_all(found)}")
    context.exit(1 if taken.refused else 0)


@command.command("status", epilog=_examples("./guichet prompts status", "./guichet prompts status --json"))
@callflows_option
@json_option
def status(*, callflows: Path | None, as_json: bool) -> None:
    """Which texts are recorded, which are not, and which recordings are stale: their text was changed since."""
    folder, lines = _lines(callflows)
    found = recordings_of(lines, folder / PROMPTS)
    if as_json:
        click.echo(json.dumps(status_data(found), ensure_ascii=False))
        return
    for title, names in (
        ("stale, the text is now another one", [f"{shown(p)}: {line.prompt.text}" for p, line in found.stale.items()]),
        ("cannot be read", [f"{shown(path)}: {why}" for path, why in found.broken.items()]),
        ("of no text in this town", [shown(path) for path in found.unused]),
        ("not recorded", [f"{file_of(line)}: {line.prompt.text}" for line in found.missing]),
    ):
        if names:
            click.echo(f"{len(names)} {title}:")
            click.echo("\n".join(f"  {name}" for name in names[:SHOWN]))
            if len(names) > SHOWN:
                click.echo(f"  … and {len(names) - SHOWN} more")
    click.echo(_in_all(found))


# --- what is shown ------------------------------------------------------------------------------------------------


def sheet_of(lines: Sequence[SpokenText], found: Recordings) -> str:
    """As CSV."""
    stale = {name_of(line) for line in found.stale.values()}
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for line in lines:
        named = name_of(line)
        state = "recorded" if named in found.recorded else "changed" if named in stale else "new"
        text, language = line.prompt.text, line.prompt.language
        row = (file_of(line), language, text, line.place, line.context, f"{expected_seconds(text):.1f}", state)
        rows.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in row])
    return written.getvalue()


def status_data(found: Recordings) -> dict[str, Any]:
    return {
        "recorded": len(found.recorded),
        "missing": [{"file": file_of(line), "text": line.prompt.text} for line in found.missing],
        "stale": [{"file": str(path), "now": line.prompt.text} for path, line in found.stale.items()],
        "broken": [{"file": str(path), "why": why} for path, why in found.broken.items()],
        "unused": [str(path) for path in found.unused],
    }


def _taken_data(taken: Taken) -> dict[str, Any]:
    return {"new": taken.new, "replaced": taken.replaced, "refused": taken.refused}


def _in_all(found: Recordings) -> str:
    in_all = len(found.recorded) + len(found.missing)
    more = f", {len(found.stale)} changed since" if found.stale else ""
    return f"{len(found.recorded)} of {in_all} texts are recorded{more}; the speech engine says the others."


@contextmanager
def _progress(*, show: bool) -> Iterator[Callable[[int], None]]:
    """How many files were looked at, where somebody watches."""
    watched = show and sys.stderr.isatty()

    def tell(number: int) -> None:
        if watched:
            click.echo(f"\r{number} files", nl=False, err=True)

    yield tell
    if watched:
        click.echo("\r\033[K", nl=False, err=True)


def _lines(callflows: Path | None) -> tuple[Path, list[SpokenText]]:
    folder = callflows or load().callflows
    town = good_town(folder)
    lines = spoken_texts(town)
    if not lines:
        raise GuichetError(f"The town in {folder} says nothing.")
    if values := with_values(town):
        click.echo(f"{values} texts speak values of a call and stay with the speech engine.", err=True)
    return folder, lines
