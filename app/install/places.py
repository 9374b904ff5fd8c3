"""Where things are put. Standard library only: this runs before there is a virtual environment."""

import os
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
VENV = CHECKOUT / ".venv"


def default_native() -> Path:
    """/var/cache/guichet for root, ~/.cache/guichet (XDG) for others: shared by all checkouts of the user."""
    if os.getuid() == 0:
        return Path("/var/cache/guichet")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "guichet"


def native_folder() -> Path:
    """The folder in which native programs are unpacked: GUICHET_NATIVE, or the default."""
    named = os.environ.get("GUICHET_NATIVE")
    return Path(named).expanduser().resolve() if named else default_native()
