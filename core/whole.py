"""Files that are written whole: whoever reads one finds all of it, or what was there before."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PRIVATE, PUBLIC = 0o600, 0o644


@contextmanager
def whole(
    path: Path, mode: int = PRIVATE, owner: tuple[int, int] | None = None, *, durable: bool = False
) -> Iterator[BinaryIO]:
    """What is written in the block is at `path` once it ends well; nothing changes where it does not. Until then it has
    a name of its own, so that several who write the same file at once do each other no harm. `owner`: user and group,
    where that is not us; `durable`: it is on the disk before it is at `path`. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:
            yield file
            os.fchmod(descriptor, mode)
            if owner:
                os.fchown(descriptor, *owner)
            if durable:
                file.flush()
                os.fsync(descriptor)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str, mode: int = PRIVATE, owner: tuple[int, int] | None = None) -> None:
    """The same for a text in hand."""
    with whole(path, mode, owner) as file:
        file.write(text.encode())
