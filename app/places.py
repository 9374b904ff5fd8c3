"""The folders of a house, with the rights that keep its data private; and whether there is room."""

import os
import pwd
import shutil
import stat
from pathlib import Path

from app.settings import UNPRIVILEGED_USERS, Settings
from core.errors import GuichetError

ROOM_NEEDED = 200_000_000
"""Bytes."""


def make_places(settings: Settings) -> None:
    """Make the folders; GuichetError where that is not possible or the disk is full."""
    try:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o711)
        for folder in (settings.state / "log", settings.state / "store", settings.run):
            _make_private(folder)
        if settings.asterisk_home.is_relative_to(settings.state) and os.getuid() == 0:
            # Asterisk, which is not root, must pass through; what else lies there is private by itself.
            settings.state.chmod(stat.S_IMODE(settings.state.stat().st_mode) | stat.S_IXOTH)
    except (OSError, PermissionError) as error:
        raise GuichetError(
            f"The folder {error.filename or settings.state} cannot be used ({error.strerror}): mend its rights, or "
            "name another one by --state or GUICHET_STATE."
        ) from None
    if not os.access(settings.state, os.W_OK | os.X_OK):
        raise GuichetError(f"The folder {settings.state} is not yours to write in: name another one by --state or "
                           "GUICHET_STATE.")  # fmt: skip
    free = room(settings.state)
    if free < ROOM_NEEDED:
        raise GuichetError(
            f"The disk of {settings.state} has {free // 1_000_000} MB left and {ROOM_NEEDED // 1_000_000} MB are "
            "needed: free some room, or name a folder on another disk by --state."
        )


def room(folder: Path) -> int:
    """Free bytes on the folder's disk."""
    return shutil.disk_usage(folder).free


def asterisk_user() -> str:
    """Whose rights Asterisk has when we are root; '' otherwise: our own."""
    if os.getuid() != 0:
        return ""
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise GuichetError("Asterisk must not run as root and there is no user for it: make one by `useradd -r guichet`.")


def _make_private(folder: Path) -> None:
    """0700 and ours: a short-lived folder may lie in /tmp, where somebody else could have made it first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise GuichetError(f"{folder} belongs to somebody else: remove it, or name another state folder by --state.")
    folder.chmod(0o700)
