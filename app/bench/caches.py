"""The system's cache of files, filled or emptied on purpose: what a database is measured with is part of the figure."""

import os
from collections.abc import Iterable
from pathlib import Path

AT_ONCE = 4 << 20


def files_of(place: Path) -> list[Path]:
    """The file itself, or all files of the folder."""
    return [place] if place.is_file() else sorted(file for file in place.rglob("*") if file.is_file())


def warm(files: Iterable[Path]) -> int:
    """Read them through, as days of service would; gives how many bytes that were. What memory cannot hold, the
    system forgets again."""
    read = 0
    for file in files:
        with file.open("rb", buffering=0) as opened:
            while some := opened.read(AT_ONCE):
                read += len(some)
    return read


def forget(files: Iterable[Path]) -> None:
    """Let the system drop what it keeps of them, but for what is not on the disk yet."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
