"""What is built from sources here: once for each version of them, complete from the moment that it is there, however
many starts want it at the same time.

<cache>/<what>/<key>/    a build; <key> is a hash of all that it is made from"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from app.install.display import Display
from app.install.locking import locked
from app.install.places import CHECKOUT
from core.errors import GuichetError


def key_of(files: Iterable[Path], made_with: bytes = b"") -> str:
    """The same while none of these files of the checkout changes, nor what they are built with."""
    digest = hashlib.sha256(made_with)
    for path in files:
        digest.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def build_once(
    built: Path, make: Callable[[Path], Path], display: Display, *, cannot: str, waiting: str, kept: int
) -> Path:
    """`built`, which is made where it is missing. `make` gets a folder that goes again, and gives what is ready in it.
    Of the builds beside it the latest `kept` stay. Raises GuichetError, which begins with `cannot`, and leaves nothing
    half."""
    if built.is_dir():
        return built
    folder = built.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, waiting, display):
            if not built.is_dir():
                for left_over in folder.glob("new-*"):  # of a start that was killed: the lock is ours
                    shutil.rmtree(left_over, ignore_errors=True)
                with tempfile.TemporaryDirectory(prefix="new-", dir=folder) as temporary:
                    make(Path(temporary)).rename(built)
                _forget_old(built, kept)
    except OSError as error:
        raise GuichetError(f"{cannot} in {folder}: {error.strerror or error}.") from error
    finally:
        display.clear()
    return built


def _forget_old(newest: Path, kept: int) -> None:
    builds = sorted((path for path in newest.parent.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in builds[:-kept]:
        if path != newest:
            shutil.rmtree(path, ignore_errors=True)
