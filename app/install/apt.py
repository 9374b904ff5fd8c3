"""Debian packages without root's rights: apt works in a private folder with a private, empty package list, so it also
fetches everything that the packages need. What it fetches is unpacked, never installed.

The mirror is the one that the machine's own apt uses. Signatures are always checked.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.install.archive import COMPONENTS, Archive, machine_mirror, output_of
from app.install.display import Display
from core.errors import GuichetError

KEYRINGS = {
    "debian": Path("/usr/share/keyrings/debian-archive-keyring.gpg"),
    "ubuntu": Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg"),
}
CARRIED_OVER = re.compile(r"Acquire::(https?|Check-|ForceIPv|Retries|Proxy)", re.IGNORECASE)
"""What the machine's apt needs to reach its mirror. Never Acquire::Allow…: those would let unsigned packages in."""

TROUBLES = (
    (re.compile(r"No space left|enough free space", re.IGNORECASE),
     "The disk is full: make room (about 1 GB) or name another folder in GUICHET_NATIVE."),
    (re.compile(r"NO_PUBKEY|not signed|signatures? (?:were|was|couldn't|is) |invalid signature", re.IGNORECASE),
     "The packages' signature could not be checked: install the archive's keyring package."),
    (re.compile(r"Unable to locate package|has no installation candidate|does not have a Release file", re.IGNORECASE),
     "The machine's package mirror does not have what is needed: use a mirror of the whole archive."),
    (re.compile(r"resolv|connect|timed? ?out|Failed to fetch|Network is unreachable", re.IGNORECASE),
     "The package mirror cannot be reached: check the network and apt's proxy settings."),
)  # fmt: skip
UNKNOWN_TROUBLE = (re.compile("."), "Try the same with `apt-get update`, and mend what it says.")
PAST_ITS_DATE = re.compile(r"is expired|not valid yet|invalid (?:since|for another)", re.IGNORECASE)


class PrivateApt:
    """apt in a folder of its own, for one suite."""

    def __init__(self, folder: Path, archive: Archive, suite: str, display: Display) -> None:
        self.folder = folder
        self._archive = archive
        self._suite = suite
        self._display = display
        self._lay_out()

    @property
    def debs(self) -> list[Path]:
        return sorted((self.folder / "cache/archives").glob("*.deb"))

    def update(self) -> None:
        """Fetch the index. One past its date is taken with a warning; its signature is checked all the same."""
        self._display.step("Fetching the package index")
        try:
            self._run("update")
        except AptFailed as failure:
            if not PAST_ITS_DATE.search(failure.output):
                raise
            self._display.note(
                "The mirror's package index is past its date: used all the same, its signature was checked."
            )
            self._run("-o", "Acquire::Check-Valid-Until=false", "-o", "Acquire::Check-Date=false", "update")

    def fetch(self, packages: Sequence[str]) -> list[Path]:
        """Download packages and all they need."""
        self._run("--yes", "--download-only", "install", *packages, doing="Fetching programs")
        return self.debs

    def fetch_alone(self, package: str) -> Path:
        """Download one package without what it needs."""
        folder = self.folder / "alone"
        folder.mkdir(exist_ok=True)
        self._run("download", package, doing=f"Fetching {package}", cwd=folder)
        return next(folder.glob("*.deb"))

    def keep_log(self, path: Path) -> None:
        """Keep what apt said last: this folder goes away."""
        if self._log.exists():
            shutil.copyfile(self._log, path)

    # --- inside -----------------------------------------------------------------------------------------------

    @property
    def _log(self) -> Path:
        return self.folder / "apt.log"

    def _lay_out(self) -> None:
        for name in ("etc", "etc/parts", "etc/trusted.gpg.d", "lists/partial", "cache/archives/partial", "log"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        archive, keyring = self._archive, KEYRINGS[self._archive.distribution]
        signed_by = f" signed-by={keyring}" if keyring.exists() else ""
        if not signed_by:
            for key in Path("/etc/apt/trusted.gpg.d").glob("*"):
                shutil.copy(key, self.folder / "etc/trusted.gpg.d")
        (self.folder / "etc/sources.list").write_text(
            f"deb [arch={archive.architecture}{signed_by}] {machine_mirror(archive)} {self._suite} "
            f"{COMPONENTS[archive.distribution]}\n"
        )
        (self.folder / "apt.conf").write_text("\n".join(self._settings()) + "\n")

    def _settings(self) -> Iterator[str]:
        """The private apt's settings: the machine's way to the mirror, and places of our own."""
        for line in output_of("apt-config", "dump").splitlines():
            if CARRIED_OVER.match(line):
                yield line
        places = {
            "Dir": self.folder,
            "Dir::State": self.folder,
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::Status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "Dir::Cache::Archives": self.folder / "cache/archives",
            "Dir::Etc": self.folder / "etc",
            "Dir::Etc::SourceList": self.folder / "etc/sources.list",
            "Dir::Etc::SourceParts": "-",
            "Dir::Etc::Parts": self.folder / "etc/parts",
            "Dir::Etc::TrustedParts": self.folder / "etc/trusted.gpg.d",
            "Dir::Log": self.folder / "log",
        }
        if os.access("/etc/apt/auth.conf.d", os.R_OK | os.X_OK):
            places["Dir::Etc::NetRcParts"] = "/etc/apt/auth.conf.d"
        if os.access("/etc/apt/auth.conf", os.R_OK):
            places["Dir::Etc::NetRc"] = "/etc/apt/auth.conf"
        fixed = {
            "APT::Architecture": self._archive.architecture,
            "APT::Install-Recommends": "false",
            "APT::Install-Suggests": "false",
            "APT::Sandbox::User": "",  # apt's own user could not write into this folder
            "APT::Get::AllowUnauthenticated": "false",
            "APT::Update::Error-Mode": "any",
            "Acquire::AllowInsecureRepositories": "false",
            "Acquire::AllowWeakRepositories": "false",
            "Acquire::Languages": "none",
            "Debug::NoLocking": "true",  # one installer at a time holds a lock of ours
        }
        for name, value in {**places, **fixed}.items():
            yield f'{name} "{value}";'
        yield f'APT::Architectures {{ "{self._archive.architecture}"; }};'

    def _run(self, *arguments: str, doing: str = "", cwd: Path | None = None) -> None:
        """Run apt-get, show its progress, and raise AptFailed with what it said."""
        reader, writer = os.pipe()
        environment = {
            **os.environ,
            "APT_CONFIG": str(self.folder / "apt.conf"),
            "LC_ALL": "C",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        command = ["apt-get", "--quiet=2", "-o", f"APT::Status-Fd={writer}", *arguments]
        with self._log.open("w") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=cwd,
                pass_fds=[writer],
            )
            os.close(writer)
            try:
                with os.fdopen(reader, errors="replace") as status:
                    for line in status:
                        if doing and (progress := _PROGRESS.search(line)):
                            self._display.step(doing, int(progress[1]), int(progress[2]))
                code = process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()
                    process.wait()
        if code:
            raise AptFailed(self._log.read_text(errors="replace"))


_PROGRESS = re.compile(r"^dlstatus:.*?(\d+) of (\d+)")


class AptFailed(GuichetError):
    """apt could not do it. `output` is all that it said."""

    def __init__(self, output: str) -> None:
        self.output = output
        pattern, advice = next((t for t in TROUBLES if t[0].search(output)), UNKNOWN_TROUBLE)
        lines = output.splitlines()
        errors = [line.removeprefix("E: ") for line in lines if line.startswith("E: ")] or lines
        said = next(filter(pattern.search, errors), "apt said nothing")
        super().__init__(f"Packages could not be fetched ({said.strip()}). {advice}")
