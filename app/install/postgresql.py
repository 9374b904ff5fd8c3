"""PostgreSQL's programs, ours or the machine's: a folder with `initdb` and `postgres` that run by their paths."""

import re
from pathlib import Path

from app.install.display import Display
from app.install.native import SETS, install
from app.install.wrapping import WRAPPED
from core.errors import GuichetError

SYSTEM = Path("/usr/lib/postgresql")
OLDEST = 14


def postgresql_programs(native: Path, display: Display | None = None, *, own: bool = False) -> Path:
    """The folder: the machine's newest if it is new enough and `own` does not rule it out, else ours, which is fetched
    where it is missing. Raises GuichetError where that cannot be done."""
    if not own and (found := machine_programs()):
        return found
    root = install(SETS["postgresql"], native, display).root
    folder = newest(root / "usr/lib/postgresql")
    if folder is None:
        raise GuichetError(f"{root} is damaged: remove that folder and start again.")
    return folder


def machine_programs() -> Path | None:
    """The machine's own, where they are new enough."""
    return newest(SYSTEM)


def newest(folder: Path) -> Path | None:
    """The `bin` of the newest version under a folder as Debian lays it out (`15/bin`, `18/bin`)."""
    versions = [path for path in folder.glob("*") if re.fullmatch(r"\d+", path.name) and int(path.name) >= OLDEST]
    able = [path / "bin" for path in versions if all((path / "bin" / name).exists() for name in WRAPPED)]
    return max(able, key=lambda path: int(path.parent.name), default=None)
