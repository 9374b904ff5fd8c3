"""Versions on this machine: a folder each, whole or not there. Every function here blocks.

STATE/town/VERSION/     the files as they were published
STATE/town/current      the version that this machine serves new calls with
STATE/town/.wanted      a move that the next engine to start has to make (`up` publishes before the store runs)
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from core.errors import GuichetError
from core.whole import PUBLIC, whole
from versions.record import Move, Piece, Version, version_of

KEPT = 20
"""Versions that stay, beside those that calls need."""
YOUNG_S = 3_600.0
POOL = ".pieces"
"""Contents by their digests, of which versions have hard links."""
CHUNK = 1 << 20
_VERSION = re.compile(r"[0-9a-f]{12}")
_PART = re.compile(r"[^/\0]{1,200}")

Content = Callable[[Piece], bytes]
"""Gives a file's content. Raises GuichetError where it cannot be had."""


def home(state: Path) -> Path:
    return state / "town"


def folder_of(state: Path, version: str) -> Path | None:
    """The folder of a version; None where it is not kept here."""
    found = home(state) / version
    return found if _VERSION.fullmatch(version) and found.is_dir() else None


def keep(state: Path, version: Version, contents: Content) -> Path:
    """Keep a version, unless it is here and whole. Who reads meanwhile sees all of it or nothing; files that another
    version has too are not stored twice. GuichetError where a content is not what it should be."""
    there = folder_of(state, version.version)
    if there and version_of(pieces_in(there)) == version.version:
        os.utime(there)
        return there
    where = home(state)
    where.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=where))
    try:
        fresh.chmod(0o755)  # Asterisk, another user, is given paths in it
        for name, piece in version.files.items():
            if not _is_inside(name):
                raise GuichetError(f"The version {version.version} has a file {name[:60]!r}: it is not used.")
            _fill(fresh / name, piece, contents, where)
        kept = where / version.version
        if there:
            shutil.rmtree(there, ignore_errors=True)
        try:
            fresh.rename(kept)
        except OSError:  # another process kept the same version at this moment
            if not kept.is_dir():
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return kept


def _fill(file: Path, piece: Piece, contents: Content, where: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pooled = where / POOL / piece.digest
    if not (pooled.is_file() and piece_in(pooled) == piece):
        _pool(where, piece, contents(piece))
    try:
        os.link(pooled, file)
    except OSError:  # a disk without hard links
        shutil.copyfile(pooled, file)


def has_piece(state: Path, piece: Piece) -> bool:
    """True where the content is here, and then it counts as young."""
    pooled = home(state) / POOL / piece.digest
    try:
        os.utime(pooled)
        return pooled.stat().st_size == piece.size
    except FileNotFoundError:
        return False


def put_piece(state: Path, piece: Piece, content: bytes) -> None:
    """Keep a content for versions that have it. GuichetError where it is not what it should be."""
    _pool(home(state), piece, content)


def _pool(where: Path, piece: Piece, content: bytes) -> None:
    if len(content) != piece.size or hashlib.sha256(content).hexdigest() != piece.digest:
        raise GuichetError("A file changed while it was read, or is damaged: try again.")
    pool = where / POOL
    pool.mkdir(parents=True, exist_ok=True)
    with whole(pool / piece.digest, PUBLIC) as fresh:
        fresh.write(content)


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    return all(_PART.fullmatch(part) and not part.startswith(".") for part in parts) and len(parts) <= 6


def pieces_in(folder: Path) -> dict[str, Piece]:
    """Names and contents of all files of a version's folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): piece_in(path) for path in files}


def piece_in(path: Path) -> Piece:
    """Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Piece(digest.hexdigest(), size)


# --- which one ----------------------------------------------------------------------------------------------------


def current(state: Path) -> str:
    """The version that this machine serves new calls with; '' where none was ever."""
    return _read(home(state) / "current")


def set_current(state: Path, version: str, source: str) -> None:
    """`source`: the folder that it was published from."""
    _write(home(state) / ".source", source)
    _write(home(state) / "current", version)


def source(state: Path) -> str:
    """The folder that the present version was published from; '' where that is not known."""
    return _read(home(state) / ".source")


def wanted(state: Path) -> Move | None:
    """The move that waits for the store."""
    try:
        return Move.from_json(_read(home(state) / ".wanted"))
    except (ValueError, TypeError):
        return None


def want(state: Path, move: Move) -> None:
    _write(home(state) / ".wanted", move.to_json())


def no_longer_wanted(state: Path) -> None:
    (home(state) / ".wanted").unlink(missing_ok=True)


def kept(state: Path) -> list[str]:
    """The last used one first."""
    if not home(state).is_dir():
        return []
    found = [each for each in home(state).iterdir() if _VERSION.fullmatch(each.name) and each.is_dir()]
    return [each.name for each in sorted(found, key=lambda each: each.stat().st_mtime_ns, reverse=True)]


def sweep(state: Path, now_s: float, needed: Collection[str] = ()) -> None:
    """Let go of old versions, but never of the present one or of those that are needed; of contents that no version has
    any more, and of what a process that was killed had begun. What is young may belong to a version that another
    process puts together at this moment."""
    where = home(state)
    stay = {*needed, current(state)}
    for name in kept(state)[KEPT:]:
        if name not in stay:
            shutil.rmtree(where / name, ignore_errors=True)
    for fresh in where.glob(".fresh-*"):
        if _age_s(fresh, now_s) > YOUNG_S:
            shutil.rmtree(fresh, ignore_errors=True)
    for pooled in (where / POOL).glob("*"):
        if _age_s(pooled, now_s) > YOUNG_S and pooled.stat().st_nlink == 1:
            pooled.unlink(missing_ok=True)


def _age_s(path: Path, now_s: float) -> float:
    try:
        return now_s - path.stat().st_mtime
    except FileNotFoundError:  # another process has swept it
        return 0.0


def contents_of(files: Mapping[str, bytes], folder: Path, version: Version) -> Content:
    """The contents of a town that was just read: texts as they were read, sounds from its folder."""
    by_digest = {piece.digest: name for name, piece in version.files.items()}

    def content(piece: Piece) -> bytes:
        name = by_digest[piece.digest]
        if name in files:
            return files[name]
        try:
            return (folder / name).read_bytes()
        except OSError as error:
            raise GuichetError(f"{folder / name} cannot be read: {error.strerror}.") from None

    return content


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path, durable=True) as file:
        file.write(text.encode())
