"""Tombstones outside the database: a file that a restored backup of the database does not bring back.

One JSON object a line, appended and forced to the disk before anything is erased. Keep it out of what is restored with
the database, and copy it to wherever the database is restored.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import GuichetError


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Enough to erase the person again, and nothing about them (history.models.Erasure)."""

    id: str
    at: int
    persons: list[str]
    numbers: list[str]
    contacts: list[str]
    author: str
    reason: str

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Tombstone":
        persons, numbers, contacts = ([str(item) for item in data[n]] for n in ("persons", "numbers", "contacts"))
        id_, author, reason = (str(data[name]) for name in ("id", "author", "reason"))
        return cls(id_, int(data["at"]), persons, numbers, contacts, author, reason)


class Ledger:
    """The tombstones in a file, which is made at the first one; only its owner may read it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def all(self) -> list[Tombstone]:
        """By id each once. A last line that a crash left half written is passed over: its erasure had not begun.
        Raises GuichetError where the file cannot be read, for then it is not known who has to stay erased."""
        try:
            lines = self.file.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise GuichetError(f"The file of erasures {self.file} cannot be read: {error}. Mend it first.") from None
        found: dict[str, Tombstone] = {}
        for number, line in enumerate(lines, 1):
            if line.isspace():
                continue
            try:
                stone = Tombstone.of(json.loads(line))
            except (ValueError, KeyError, TypeError):
                if number == len(lines) and not line.endswith("\n"):
                    break
                raise GuichetError(
                    f"{self.file}:{number}: this is no erasure. Mend or restore the file first."
                ) from None
            found[stone.id] = stone
        return list(found.values())

    def add(self, stones: Iterable[Tombstone]) -> None:
        """Raises GuichetError: then nothing may be erased yet."""
        lines = "".join(json.dumps(asdict(stone)) + "\n" for stone in stones)
        if not lines:
            return
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, (self._break(descriptor) + lines).encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise GuichetError(
                f"The file of erasures {self.file} cannot be written: {error}. Nothing was erased."
            ) from None

    @staticmethod
    def _break(descriptor: int) -> str:
        """Nothing may be appended to a line that a crash left half written."""
        size = os.lseek(descriptor, 0, os.SEEK_END)
        return "\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else ""
