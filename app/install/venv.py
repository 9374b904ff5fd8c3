"""The virtual environment, from the hashed requirements. It needs neither python3-venv nor pip on the machine.

pip takes its index, proxy and certificates from the machine's own pip settings.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TextIO

from app.install.apt import PrivateApt
from app.install.archive import this_archive
from app.install.display import Display
from app.install.locking import locked
from app.install.native import suite_for
from app.install.places import CHECKOUT, VENV
from app.install.unpack import unpack
from core.errors import GuichetError

USE = "requirements.txt"
DEVELOPMENT = "requirements-dev.txt"
"""All of USE, and what tests and checks need."""

PIP_PACKAGE = "python3-pip-whl"
SYSTEM_WHEELS = Path("/usr/share/python-wheels")
LAST_LINES = 8

TROUBLES = (
    (re.compile(r"No space left"), "The disk is full: make room (about 500 MB)."),
    (
        re.compile(r"DO NOT MATCH THE HASHES"),
        "The package index gave another file than the one pinned: use another.",
    ),
    (re.compile(r"Permission denied"), "The checkout's folder cannot be written: let its owner start Guichet once."),
    (
        re.compile(r"No matching distribution|ConnectionError|NewConnectionError|Max retries|SSLError|timed out"),
        "Check the network and pip's settings on this machine (index, proxy, certificates: `pip config list`).",
    ),
)


def stamp_of(requirements: str, checkout: Path = CHECKOUT) -> str:
    """What an environment was made from. `./guichet` computes the same with sha256sum, to see whether all is done."""
    parts = [
        f"{checkout}\n".encode(),
        *((checkout / name).read_bytes() for name in (requirements, "app/install/venv.py")),
    ]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def make(requirements: str, display: Display, checkout: Path = CHECKOUT) -> None:
    """Make `.venv`, or bring it up to date. Raises GuichetError; the next start finishes what was not."""
    venv = checkout / ".venv"
    try:
        with locked(checkout, "Another start is making the virtual environment: waiting for it.", display):
            if not _done(requirements, checkout):
                _make(requirements, checkout, venv, display)
    except OSError as error:
        raise GuichetError(f"The virtual environment cannot be made in {venv}: {error.strerror or error}.") from error
    finally:
        display.clear()


def _done(requirements: str, checkout: Path) -> bool:
    stamp = checkout / ".venv" / f"made-from-{requirements}"
    runs = os.access(checkout / ".venv/bin/python", os.X_OK)
    return runs and stamp.exists() and stamp.read_text() == stamp_of(requirements, checkout)


def _make(requirements: str, checkout: Path, venv: Path, display: Display) -> None:
    display.step("Making the virtual environment")
    for stamp in venv.glob("made-from-*"):
        stamp.unlink()
    if not os.access(venv / "bin/python", os.X_OK):
        shutil.rmtree(venv, ignore_errors=True)
        _create(venv, display)
    _pip_install(requirements, checkout, venv, display)
    site_packages = next(venv.glob("lib/python3.*/site-packages"))
    (site_packages / "guichet.pth").write_text(f"{checkout}\n")
    for name in (USE, requirements):
        (venv / f"made-from-{name}").write_text(stamp_of(name, checkout))


def _create(venv: Path, display: Display) -> None:
    """An environment without pip: Debian's Python comes without the means to put one in. It is tied to this very Python
    (python3.11, not python3), so that it is made anew when the system moves to the next."""
    python = Path(getattr(sys, "_base_executable", "") or sys.executable).resolve()
    ran = subprocess.run(
        [str(python), "-m", "venv", "--without-pip", str(venv)], capture_output=True, text=True, check=False
    )
    if ran.returncode:
        shutil.rmtree(venv, ignore_errors=True)
        display.note(ran.stderr.strip())
        raise GuichetError(
            f"{python} cannot make a virtual environment: install all of Python (Debian and Ubuntu: python3-venv)."
        )


def _pip_install(requirements: str, checkout: Path, venv: Path, display: Display) -> None:
    wheel = pip_wheel(venv, display)
    listed = (checkout / requirements).read_text(encoding="utf-8")
    options = ("--require-hashes", "--no-user", "--no-input", "--progress-bar=off", "--disable-pip-version-check")
    pip = [str(venv / "bin/python"), f"{wheel}/pip"]
    command = [*pip, "install", *options, "--requirement", str(checkout / requirements)]
    log = venv / "install.log"
    with log.open("w", encoding="utf-8") as kept:
        code = _follow(command, kept, len(re.findall(r"^[\w.-]+==", listed, re.MULTILINE)), display)
    if code:
        said = log.read_text(encoding="utf-8")
        advice = next(
            (advice for pattern, advice in TROUBLES if pattern.search(said)), f"All that pip said is in {log}."
        )
        display.note("\n".join(f"  {line}" for line in said.splitlines()[-LAST_LINES:]))
        raise GuichetError(f"Python's packages could not be installed. {advice}")


def _follow(command: list[str], log: TextIO, packages: int, display: Display) -> int:
    """Run pip, keep what it says, show how far it is. Gives its exit code."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace")  # fmt: skip
    try:
        assert process.stdout is not None
        seen = 0
        for line in process.stdout:
            log.write(line)
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied: ")):
                seen = min(seen + 1, packages)
                display.step("Fetching Python packages", seen, packages)
            elif line.startswith("Installing collected"):
                display.step("Installing Python packages")
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def pip_wheel(venv: Path, display: Display) -> Path:
    """pip as one file that runs where it lies: the one that came with Python, else the system's, else a package's."""
    bundled = Path(os.__file__).parent / "ensurepip/_bundled"
    for folder in (bundled, SYSTEM_WHEELS, venv):
        if wheels := sorted(folder.glob("pip-*.whl")):
            return wheels[-1]
    archive = this_archive()
    with tempfile.TemporaryDirectory(prefix="guichet-pip-") as temporary:
        apt = PrivateApt(Path(temporary, "apt"), archive, suite_for(archive), display)
        apt.update()
        root = Path(temporary, "root")
        root.mkdir()
        unpack([apt.fetch_alone(PIP_PACKAGE)], root, display)
        wheel = next((root / SYSTEM_WHEELS.relative_to("/")).glob("pip-*.whl"))
        return Path(shutil.copy(wheel, venv))


def pip_into(target: Path, requirements: Path, display: Display) -> list[str]:
    """The command that puts what a locked file of requirements names into a folder outside the environment."""
    options = ("--require-hashes", "--no-input", "--quiet", "--disable-pip-version-check", "--target", str(target))
    pip = f"{pip_wheel(VENV, display)}/pip"
    return [sys.executable, pip, "install", *options, "--requirement", str(requirements)]
