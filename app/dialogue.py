"""A dialogue on the terminal: when, in which step, and what was heard or happened."""

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

STEP_WIDTH = 16
UNBOUND = 2_000
"""Columns where nobody looks: a line that is piped is never broken."""


def dialogue_console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUND)


def heard(clock: str, step: str, text: str) -> Table:
    """Words that were heard; long ones go on under their beginning."""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(style="dim", no_wrap=True)
    row.add_column(style="dim", min_width=STEP_WIDTH)
    row.add_column()
    row.add_row(clock, Text(step), Text(text))
    return row


def happened(clock: str, text: str) -> Text:
    return Text.assemble((f"{clock}  ", "dim"), (text, "cyan"))
