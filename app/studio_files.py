"""What a studio hands over: a folder or a ZIP of WAV files. It comes from outside: nothing is taken from it that leads
elsewhere, and nothing that is larger than a recording can be."""

import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.errors import GuichetError

MOST_FILES = 10_000
MOST_BYTES = 60_000_000
"""Of one file: ten minutes at 48 kHz, 16 bits."""
MOST_IN_ALL = 4_000_000_000
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError)
"""What reading a broken archive may raise."""
IGNORED = (".csv", ".txt", ".pdf", ".ds_store", ".md")
"""Endings of what may lie beside the recordings."""


@dataclass(frozen=True, slots=True)
class StudioFile:
    """`trouble`: why it is not read; `data` is empty then."""

    name: str
    data: bytes = b""
    trouble: str = ""


def studio_files(path: Path) -> Iterator[StudioFile]:
    """Each file, read when it is asked for. GuichetError where it is neither a folder nor a ZIP, or too much."""
    if path.is_dir():
        yield from _in_folder(path)
    elif zipfile.is_zipfile(path):
        yield from _in_zip(path)
    else:
        raise GuichetError(f"{path} is neither a folder nor a ZIP file; give the one that the studio sent.")


def _in_folder(folder: Path) -> Iterator[StudioFile]:
    home = folder.resolve()
    paths = [path for path in sorted(folder.rglob("*")) if not path.is_dir() and not _aside(path.name)]
    _check_count(len(paths))
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(home) or not path.is_file():
            yield StudioFile(name, trouble="it leads out of the folder")
        elif path.stat().st_size > MOST_BYTES:
            yield StudioFile(name, trouble=_too_large())
        else:
            yield StudioFile(name, path.read_bytes())


def _in_zip(path: Path) -> Iterator[StudioFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = [info for info in archive.infolist() if not info.is_dir() and not _aside(info.filename)]
            _check_count(len(inside))
            if sum(info.file_size for info in inside) > MOST_IN_ALL:
                raise GuichetError(f"{path} unpacks to more than {MOST_IN_ALL // 10**9} GB: that is no studio's work.")
            for info in inside:
                yield _unpacked(archive, info)
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise GuichetError(f"{path} cannot be read: {error}.") from None


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> StudioFile:
    """A name is never used as a path, and no more bytes are unpacked than a recording may have, whatever the archive
    says of its size."""
    name = info.filename
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.startswith(("/", "\\")) or ".." in parts or ":" in name or not name.isprintable():
        return StudioFile(name, trouble="its name leads out of the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        return StudioFile(name, trouble="it is a link")
    if info.flag_bits & 0x1:
        return StudioFile(name, trouble="it is encrypted")
    try:
        with archive.open(info) as file:
            data = file.read(MOST_BYTES + 1)
    except DAMAGE as error:
        return StudioFile(name, trouble=f"it is damaged ({error})")
    return StudioFile(name, trouble=_too_large()) if len(data) > MOST_BYTES else StudioFile(name, data)


def _aside(name: str) -> bool:
    last = PurePosixPath(name.replace("\\", "/")).name.lower()
    return last.startswith(".") or last.endswith(IGNORED) or name.startswith("__MACOSX/")


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise GuichetError(f"There are {count} files; a town has at most {MOST_FILES} recordings.")


def _too_large() -> str:
    return f"it is larger than {MOST_BYTES // 1_000_000} MB"
