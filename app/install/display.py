"""Progress for whoever waits: one line that lives on a terminal, plain lines elsewhere."""

import shutil
import sys
from typing import TextIO


class Display:
    """`step` tells what goes on now; `note` is something to be kept on the screen."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._lively = self._stream.isatty()
        self._shown = ""

    def step(self, text: str, done: int = 0, of: int = 0) -> None:
        """`done` and `of` count packages; they are shown on a terminal only."""
        if self._lively:
            line = f"{text} {done}/{of}" if of else text
            self._write(f"\r\033[K{line[: shutil.get_terminal_size().columns - 1]}")
        elif text != self._shown:
            self._write(f"{text}\n")
        self._shown = text

    def note(self, text: str) -> None:
        self.clear()
        self._write(f"{text}\n")

    def clear(self) -> None:
        """The living line goes: before anything else is written, and at the end."""
        if self._lively and self._shown:
            self._write("\r\033[K")
        self._shown = ""

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
