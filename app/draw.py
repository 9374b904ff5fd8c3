"""`guichet draw`: a flow as a picture."""

from pathlib import Path

import click

from app.settings import load
from app.town import Town, load_town
from core.errors import GuichetError
from core.filemodel import nearest
from core.files import shown
from ivr.diagram import draw
from ivr.model import Flow


def good_town(folder: Path | None) -> Town:
    """The town in a folder, or the one of the settings. GuichetError where it has a fault."""
    town = load_town(folder or load().callflows)
    if town.faults:
        count = len(town.faults)
        told = f"{town.faults[0]}" + (f", and {count - 1} more" if count > 1 else "")
        raise GuichetError(f"The town has faults: {told}. Run ./guichet check.")
    return town


def flow_named(town: Town, name: str) -> Flow:
    """GuichetError where there is none."""
    if name not in town.flows.by_name:
        raise GuichetError(f"There is no flow {name!r}{nearest(name, list(town.flows.by_name))}.")
    return town.flows.by_name[name]


@click.command("draw")
@click.argument("flow")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.svg", help="Else stdout."
)
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
def command(flow: str, output: Path | None, callflows: Path | None) -> None:
    """Draw a flow as an SVG picture: its steps, what is said in them, and where each exit leads."""
    picture = draw(flow_named(good_town(callflows), flow))
    if output is None:
        click.echo(picture, nl=False)
        return
    try:
        output.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise GuichetError(f"{shown(output)} cannot be written: {error.strerror}.") from None
    click.echo(f"Drawn: {shown(output)}")
