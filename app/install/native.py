"""The native programs (Asterisk, Valkey, espeak-ng, SIPp, sounds), unpacked into a private folder and run from there.

<native>/<key>/         everything, complete from the moment that it is there (built elsewhere, then renamed)
<native>/install.log    what apt said last
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.install.apt import PrivateApt
from app.install.archive import Archive, this_archive
from app.install.display import Display
from app.install.locking import locked
from app.install.places import native_folder
from app.install.unpack import unpack
from app.install.wrapping import make_runnable
from core.errors import GuichetError

SOUNDS = ("asterisk-core-sounds-fr-wav", "asterisk-core-sounds-en-wav", "asterisk-moh-opsound-wav")
PACKAGES = ("asterisk", *SOUNDS, "valkey-server", "espeak-ng", "sip-tester")
"""What `./guichet up` runs and tests phone with."""
SETS: Mapping[str, Sequence[str]] = {
    "postgresql": ("postgresql",),
    "chromium": ("chromium", "fonts-dejavu-core"),
}
"""What only some settings or tests want, by name: each set is fetched when it is first asked for, into a folder of its
own."""
LIBC = ("libc6", "libc-bin")
LAYOUT = 1
"""Counts changes in how a folder is made from the packages."""

DEBIAN_SUITE = "forky"
"""The first Debian with Asterisk 22; Debian 12 and 13 have none."""
UBUNTU_SUITES = ("resolute", "questing", "plucky")
"""Ubuntus with Asterisk 22, newest first. Not tried on an Ubuntu yet."""

LANGUAGE_FOLDERS = {"fr": "fr_CA_f_June", "en": "en_US_f_Allison"}
"""Links that the sound packages' own installation scripts would make."""


def suite_for(archive: Archive) -> str:
    """The suite that has Asterisk 22 in this archive."""
    if archive.distribution != "ubuntu":
        return DEBIAN_SUITE
    return archive.codename if archive.codename in UBUNTU_SUITES else UBUNTU_SUITES[0]


def key(suite: str, packages: Sequence[str], architecture: str) -> str:
    """The name of the folder that holds exactly these packages."""
    text = "\n".join([str(LAYOUT), suite, architecture, *sorted(packages)])
    return f"{suite}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Native:
    """The unpacked programs in `root`. They bring their own libraries, down to the loader."""

    root: Path

    def command(self, name: str) -> list[str]:
        """How "asterisk", "valkey-server", "valkey-cli", "espeak-ng" or "sipp" is started; arguments follow."""
        program = next((self.root / "usr" / folder / name for folder in ("bin", "sbin")
                        if (self.root / "usr" / folder / name).exists()), None)  # fmt: skip
        if program is None:
            raise GuichetError(
                f"{name} is not among the unpacked programs in {self.root}: remove that folder and start again."
            )
        libraries = [str(self.libraries)]
        extra: list[str] = []
        if name == "espeak-ng":
            libraries.append(str(self.libraries / "pulseaudio"))
            extra = [f"--path={self.libraries}"]
        return [str(self.loader), "--library-path", ":".join(libraries), str(program), *extra]

    @property
    def loader(self) -> Path:
        """The dynamic loader: the system's own may be too old for these programs."""
        return _only(self.root, "usr/lib*/ld-linux*.so.*")

    @property
    def libraries(self) -> Path:
        return _only(self.root, "usr/lib/*-linux-gnu*")

    @property
    def modules(self) -> Path:
        """Asterisk's modules."""
        return self.libraries / "asterisk/modules"

    @property
    def share(self) -> Path:
        """Asterisk's astdatadir."""
        return self.root / "usr/share/asterisk"

    @property
    def sounds(self) -> Path:
        """Asterisk's sounds, in folders `fr` and `en`."""
        return self.share / "sounds"

    @property
    def moh(self) -> Path:
        """A folder of music for waiting callers."""
        return self.share / "moh"


def install(
    packages: Sequence[str] = PACKAGES,
    folder: Path | None = None,
    display: Display | None = None,
    *,
    of_this_system: bool = False,
) -> Native:
    """The unpacked packages; they are fetched where they are missing. `of_this_system`: from the suite that the machine
    runs, without the C library, for programs that must be started by its own loader. Raises GuichetError, and leaves
    nothing half."""
    folder = folder or native_folder()
    display = display or Display()
    archive = this_archive()
    suite = archive.codename if of_this_system else suite_for(archive)
    root = folder / key(suite, packages, archive.architecture)
    if root.is_dir():
        return Native(root)
    try:
        _public_folder(folder)
        with locked(folder, "Another start is fetching the programs: waiting for it.", display):
            if not root.is_dir():
                _build(root, packages, archive, suite, display, LIBC if of_this_system else ())
    except OSError as error:
        raise GuichetError(f"The programs cannot be put into {folder}: {error.strerror or error}. "
                           "Mend that or name another folder in GUICHET_NATIVE.") from error  # fmt: skip
    finally:
        display.clear()
    return Native(root)


def _build(
    root: Path, packages: Sequence[str], archive: Archive, suite: str, display: Display, without: Collection[str] = ()
) -> None:
    for left_over in root.parent.glob(
        "new-*"
    ):  # of a start that was killed; nobody else works here while we hold the lock
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="new-", dir=root.parent) as temporary:
        apt = PrivateApt(Path(temporary, "apt"), archive, suite, display)
        try:
            apt.update()
            debs = [deb for deb in apt.fetch(packages) if deb.name.split("_")[0] not in without]
        finally:
            apt.keep_log(root.parent / "install.log")
        fresh = Path(temporary, "root")
        fresh.mkdir()
        unpack(debs, fresh, display)
        _link_languages(fresh / "usr/share/asterisk/sounds")
        make_runnable(fresh)
        fresh.rename(root)


def _link_languages(sounds: Path) -> None:
    for language, folder in LANGUAGE_FOLDERS.items():
        if (sounds / folder).is_dir() and not (sounds / language).exists():
            (sounds / language).symlink_to(folder)


def _public_folder(folder: Path) -> None:
    """Make the folder, passable by every user whatever the umask: Asterisk runs as another user than root."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if os.getuid() == 0:
        for path in missing:
            path.chmod(0o755)


def _only(root: Path, pattern: str) -> Path:
    found = sorted(root.glob(pattern))
    if not found:
        raise GuichetError(f"{root} is damaged: remove that folder and start again.")
    return found[0]
