"""Where things are put. Standard library only: this runs before there is a virtual environment."""

import os
import tomllib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"


def default_native() -> Path:
    """/var/cache/guichet for root, ~/.cache/guichet (XDG) for others: shared by all checkouts of the user."""
    if os.getuid() == 0:
        return Path("/var/cache/guichet")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guichet"


def chosen(setting: str) -> str:
    """A setting as app.settings reads it (GUICHET_… or the current folder's guichet.toml), or ''. A guichet.toml that
    cannot be read is reported by app.settings, with all its faults."""
    if value := os.environ.get(f"GUICHET_{setting.upper()}"):
        return value
    try:
        return str(tomllib.loads(Path("guichet.toml").read_text(encoding="utf-8")).get(setting, ""))
    except (OSError, ValueError):
        return ""


def native_folder() -> Path:
    """The folder in which native programs are unpacked."""
    named = chosen("native")
    return Path(named).expanduser().resolve() if named else default_native()
