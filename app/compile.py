"""`guichet compile`: the router and the simulator, compiled to C."""

import json
import time

import click

from app.compiled import SWITCH, wanted
from app.install.compiling import compile_rooms
from app.install.places import native_folder


@click.command("compile")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
def command(as_json: bool) -> None:
    """Compile the router and the simulator to C, for this machine: `simulate` and `bench` are faster from then on, and
    decide the same. It takes a minute or two, a C compiler and Python's headers; after a change of the sources, plain
    Python is used until it is done again. What serves callers is not touched."""
    began = time.monotonic()
    folder = compile_rooms(native_folder())
    took_s = round(time.monotonic() - began, 1)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "seconds": took_s, "wanted": wanted()}))
        return
    click.echo(f"The router is compiled, in {folder}: simulate and bench use it.")
    if not wanted():
        click.echo(f"It is switched off by {SWITCH}: plain Python is used.")
