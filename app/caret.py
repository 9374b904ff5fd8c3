"""The line of a file that a fault is about, with a caret under the place."""

from pathlib import Path

from core.files import Place
from core.yamladvice import LINE_BREAK
from core.yamlfile import MOST_BYTES

BEFORE, AFTER = 70, 30
"""Characters shown of a long line, before the place and after it."""
CUT = "…"


class Sources:
    """The files that faults are about, each read once."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def pointing_at(self, place: Place) -> str:
        """Two lines, each with a line break before it; nothing where the place is not in a file that can be shown."""
        lines = self._lines_of(place.file)
        if not 0 < place.line <= len(lines):
            return ""
        line = "".join(each if each.isprintable() else " " for each in lines[place.line - 1])
        at = min(place.column - 1, len(line))
        first = max(0, at - BEFORE)
        shown = f"{CUT if first else ''}{line[first : at + AFTER]}{CUT if len(line) > at + AFTER else ''}"
        if not shown.strip():
            return ""
        return f"\n    {shown}\n    {' ' * (at - first + (1 if first else 0))}^"

    def _lines_of(self, file: str) -> list[str]:
        if file not in self._lines:
            try:
                with Path(file).open("rb") as source:
                    text = source.read(MOST_BYTES).decode("utf-8-sig", "replace")
            except OSError:
                text = ""
            self._lines[file] = LINE_BREAK.split(text)
        return self._lines[file]
