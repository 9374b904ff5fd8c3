"""How `./guichet queues list` shows the queues."""

from dataclasses import replace

from rich.console import Console

from app.queues import overview
from queues.standing import QueueNow

QUEUE = QueueNow(
    "etat-civil",
    closed=True,
    waiting=13,
    offered=1,
    talking=12,
    longest_wait_ms=3_725_000,
    messages=3,
    staffed=14,
    idle=1,
)
LONG = replace(QUEUE, queue="etat-civil-et-cimetieres-de-la-ville")


def lines(width: int) -> list[str]:
    console = Console(width=width)
    with console.capture() as said:
        console.print(overview([QUEUE, LONG]))
    return [line.rstrip() for line in said.get().splitlines()]


def test_a_row_fits_in_80_columns_with_the_name_whole() -> None:
    heading, short, *long = lines(80)
    assert heading.split() == ["queue", "waiting", "ringing", "talking", "longest", "messages", "staffed", "idle"]
    assert short.split() == ["etat-civil", "13", "1", "12", "62:05", "3", "14", "1", "closed"]
    assert "".join(line[:19].strip() for line in long) == LONG.queue


def test_where_nobody_looks_no_name_is_folded() -> None:
    assert [line.split()[0] for line in lines(2_000)] == ["queue", QUEUE.queue, LONG.queue]
