"""`./guichet queues`: how the queues stand, and live control of them."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from app import settings
from app.cli import HELP, as_json, examples, with_state
from app.dialogue import UNBOUND
from app.running import author, control_of
from core.clock import wall_clock
from queues.control import LiveControl
from queues.model import Entry, EntryState
from queues.overflow.board import EVERY_QUEUE
from queues.standing import QueueNow

T = TypeVar("T")


@click.group("queues", context_settings=HELP)
def command() -> None:
    """The queues of the house that runs: who waits, who could answer, and what is done about it.

    CALL is a call's id, or an end of it that no other waiting call has: `queues show` prints them."""


@command.command("list", epilog=examples("./guichet queues list", "./guichet queues list --json"))
@as_json
@with_state
def list_queues(*, json_: bool, state: Path | None) -> None:
    """How each queue stands now.

    longest: for how long somebody waits already; staffed: agents at work who could answer, sooner or later; idle:
    those of them who are ready."""
    found = _ask(state, lambda control: control.queues())
    if json_:
        click.echo(json.dumps({"queues": [asdict(queue) for queue in found]}, ensure_ascii=False))
        return
    _show(overview(found))


@command.command(epilog=examples("./guichet queues show voirie", "./guichet queues show voirie --json"))
@click.argument("queue")
@as_json
@with_state
def show(*, queue: str, json_: bool, state: Path | None) -> None:
    """Who waits in a queue, the next one first."""
    now = wall_clock()
    rows = [_waiting(entry, now) for entry in _ask(state, lambda control: control.waiting(queue))]
    if json_:
        click.echo(json.dumps({"queue": queue, "waiting": rows}, ensure_ascii=False))
        return
    if not rows:
        click.echo(f"Nobody waits in {queue}.")
        return
    table = Table(Column("call", overflow="fold"), "kind", "waited", "priority", "")
    for row in rows:
        ringing = f"rings at {row['agent']}" if row["agent"] else "is leaving" if row["sent_away"] else row["aside"]
        table.add_row(escape(row["call"]), row["kind"], waited(row["waited_ms"]), str(row["priority"]), escape(ringing))
    _show(table)


@command.command(epilog=examples("./guichet queues close voirie", "./guichet queues close voirie --send-away"))
@click.argument("queue")
@click.option("--send-away", is_flag=True, help="Those who wait leave by their flow's exit; without it they stay.")
@with_state
def close(*, queue: str, send_away: bool, state: Path | None) -> None:
    """Nobody new is admitted: callers take the exit `otherwise` of their flow's step."""
    told = _ask(state, lambda control: control.close(queue, author(), send_away=send_away))
    click.echo(f"{queue} is closed." + (f" Told to leave: {told}." if send_away else ""))


@command.command("open", epilog=examples("./guichet queues open voirie"))
@click.argument("queue")
@with_state
def open_(*, queue: str, state: Path | None) -> None:
    """Callers are admitted again."""
    _ask(state, lambda control: control.open(queue, author()))
    click.echo(f"{queue} is open.")


@command.command(epilog=examples("./guichet queues surge on", "./guichet queues surge off voirie"))
@click.argument("position", type=click.Choice(["on", "off"]))
@click.argument("queue", required=False)
@with_state
def surge(*, position: str, queue: str | None, state: Path | None) -> None:
    """The surge switch, which overflow rules ask for (`when: surge`): of QUEUE, or of all."""
    _ask(state, lambda control: control.surge(queue or EVERY_QUEUE, author(), on=position == "on"))
    click.echo(f"Surge {position}: {queue or 'all queues'}.")


@command.command(epilog=examples("./guichet queues front 1732.27"))
@click.argument("call")
@with_state
def front(*, call: str, state: Path | None) -> None:
    """Pull a call to the front of its queue."""
    entry = _ask(state, lambda control: control.pull_to_front(call, author()))
    click.echo(f"Call {entry.call} is the next one of {entry.queue}.")


@command.command(epilog=examples("./guichet queues move 1732.27 accueil",
                                 "./guichet queues move 1732.27 accueil --to-the-end"))  # fmt: skip
@click.argument("call")
@click.argument("queue")
@click.option("--to-the-end", is_flag=True, help="Behind all who wait there; without it the call keeps its place.")
@with_state
def move(*, call: str, queue: str, to_the_end: bool, state: Path | None) -> None:
    """Move a call into another queue."""
    entry = _ask(state, lambda control: control.move(call, queue, author(), keep_place=not to_the_end))
    click.echo(f"Call {entry.call} went from {entry.queue} to {queue}.")


def _show(table: Table) -> None:
    """Names stay whole: in a narrow terminal they are folded, and what is piped is as wide as it is."""
    Console(width=None if sys.stdout.isatty() else UNBOUND).print(table)


def _ask(state: Path | None, act: Callable[[LiveControl], Awaitable[T]]) -> T:
    async def asked() -> T:
        async with control_of(settings.load(state=state)) as control:
            return await act(control)

    return asyncio.run(asked())


def overview(queues: Sequence[QueueNow]) -> Table:
    """A row each; of 80 columns names have 19."""
    headings = ("waiting", "ringing", "talking", "longest", "messages", "staffed", "idle")
    figures = [Column(heading, justify="right") for heading in headings]
    name = Column("queue", overflow="fold")
    table = Table(name, *figures, "", box=None, padding=(0, 1, 0, 0), pad_edge=False)
    for each in queues:
        calls = (each.waiting, each.offered, each.talking, waited(each.longest_wait_ms), each.messages)
        people = (each.staffed, each.idle)
        table.add_row(escape(each.queue), *map(str, (*calls, *people)), "closed" if each.closed else "")
    return table


def _waiting(entry: Entry, now: int) -> dict[str, Any]:
    return {
        "call": entry.call,
        "entry": entry.id,
        "kind": entry.kind,
        "due": entry.due,
        "waited_ms": max(0, now - entry.since),
        "priority": entry.priority,
        "agent": entry.agent if entry.state is EntryState.OFFERED else "",
        "sent_away": entry.sent_away,
        "aside": "does something else, place kept" if entry.state is EntryState.ASIDE else "",
    }


def waited(ms: int) -> str:
    """`1:05`; '-' for no time at all."""
    seconds = ms // 1000
    return f"{seconds // 60}:{seconds % 60:02d}" if ms else "-"
