"""Which distribution's archive this machine uses, and from which mirror: as the machine's own apt says."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import GuichetError

COMPONENTS = {"debian": "main", "ubuntu": "main universe"}
"""Where in each archive our packages are."""


@dataclass(frozen=True, slots=True)
class Archive:
    """A distribution's archive as this machine reaches it."""

    distribution: str
    """debian or ubuntu"""
    codename: str
    architecture: str


def this_archive() -> Archive:
    """The archive that this machine's system comes from."""
    for program in ("apt-get", "apt-config", "dpkg-deb", "dpkg"):
        if shutil.which(program) is None:
            raise GuichetError(
                f"{program} is missing: Guichet gets its programs from Debian's or Ubuntu's archive; "
                "elsewhere, install Asterisk 20 or later, Valkey or Redis, and espeak-ng yourself."
            )
    system = _os_release()
    names = [system.get("ID", ""), *system.get("ID_LIKE", "").split()]
    distribution = next((name for name in names if name in COMPONENTS), "debian")
    codename = system.get("VERSION_CODENAME", "")
    return Archive(distribution, codename, output_of("dpkg", "--print-architecture").strip())


def machine_mirror(archive: Archive) -> str:
    """The address of the archive in the machine's own apt sources."""
    columns = "$(ORIGIN)\t$(RELEASE)\t$(REPO_URI)"
    rows = output_of("apt-get", "indextargets", "--format", columns, "Created-By: Packages")
    return pick_mirror([row.split("\t") for row in rows.splitlines()], archive.distribution, archive.codename)


def pick_mirror(rows: Sequence[Sequence[str]], distribution: str, codename: str) -> str:
    """The address of the archive itself among apt's sources, given as (origin, suite, address). The origin is known
    only once apt has fetched its indexes; before, the suite's name must do."""
    suites = {codename, "stable", "testing", "unstable", "sid"} - {""}
    for origin, suite, address in rows:
        if origin.lower() == distribution and "-" not in suite:
            return address
    for _, suite, address in rows:
        if suite in suites and not address.startswith("cdrom:"):
            return address
    raise GuichetError(f"apt names no mirror of {distribution}'s archive: add one to /etc/apt/sources.list.d.")


def output_of(*command: str) -> str:
    """What a command prints, in English. Raises GuichetError where it fails."""
    ran = subprocess.run(list(command), capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False)
    if ran.returncode:
        raise GuichetError(f"{' '.join(command[:2])} failed: {ran.stderr.strip()}")
    return ran.stdout


def _os_release() -> dict[str, str]:
    try:
        lines = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip("\"'") for name, _, value in (line.partition("=") for line in lines)}
