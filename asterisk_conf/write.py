"""Writes Asterisk's configuration into `<home>/etc`.

<home>/etc      what is written here, readable by Asterisk's user alone: it holds passwords
<home>/var, spool, log, sounds    Asterisk's own
"""

import hashlib
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from asterisk_conf.modules import modules_for
from asterisk_conf.site import Phone, Site, check
from core.errors import GuichetError
from core.whole import write_whole
from telephony.asterisk.softphones import DATABASE, softphone

TEMPLATES = Path(__file__).parent / "templates"
AMI_USER = "guichet"
CALL_CONTEXT = "call"
"""Of the dialplan: where the lines of citizens are."""
WEB_USER = "guichet-web"
"""The web server's at AMI: it puts those passwords there."""
SECRET_FILE = "ami.secret"  # noqa: S105 — the name of the file, not what is in it
RECORDINGS = "spool/recordings"
"""The folder below `home` into which Asterisk records callers."""
LONGEST_SOCKET_PATH = 100
NUMBER_LENGTHS = range(1, 33)
"""How many characters a dialled number may have. Each length has a pattern of its own, since a pattern with an open end
would let any character in."""

RELOADS: Mapping[str, str] = {
    "pjsip.conf": "module reload res_pjsip.so",
    "extensions.conf": "dialplan reload",
    "manager.conf": "manager reload",
    "musiconhold.conf": "moh reload",
    "confbridge.conf": "module reload app_confbridge.so",
    "indications.conf": "module reload indications",
    "logger.conf": "logger reload",
}
"""What a running Asterisk is told (`asterisk -rx`) to take up a changed file. Other files need a new start."""

Owner = tuple[int, int]
"""User and group id."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The names of the files that were written because they differed."""

    files: tuple[str, ...]

    @property
    def reloads(self) -> tuple[str, ...]:
        """The commands by which a running Asterisk takes the changes up."""
        return tuple(RELOADS[name] for name in self.files if name in RELOADS)

    @property
    def restart(self) -> bool:
        """Some change is only taken up by a new start."""
        return any(name not in RELOADS for name in self.files)


def write(site: Site, phones: Sequence[Phone], owner: Owner | None = None) -> Changes:
    """Write what differs, each file at once or not at all; folders are made, for `owner` (None: ourselves).

    Raises GuichetError where a value cannot be used or a file cannot be written."""
    check(site, phones)
    try:
        return _write(site, phones, owner)
    except OSError as error:
        raise GuichetError(f"Asterisk's configuration cannot be written: {error}.") from error


def ami_secret(home: Path) -> str:
    """The secret of AMI_USER, made at the first call."""
    path = home / SECRET_FILE
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        write_whole(path, secrets.token_hex(24))
    return path.read_text()


def run_folder(home: Path) -> Path:
    """Where Asterisk's control socket is: below `home`, or in the system's folder for temporary files where that path
    is too long for a socket."""
    inside = home / "run"
    if len(str(inside / "asterisk.ctl")) <= LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"guichet-asterisk-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"


def trunk_names(trunks: Sequence[str]) -> list[str]:
    """The endpoints by which the carriers at these addresses are dialled."""
    return [f"trunk-{count}" for count in range(1, len(trunks) + 1)]


def peer_endpoint(name: str) -> str:
    """The endpoint by which the Asterisk of that name is dialled."""
    return f"peer-{name}"


def _write(site: Site, phones: Sequence[Phone], owner: Owner | None) -> Changes:
    etc = site.home / "etc"
    _make_folders(site, owner)
    changed = []
    for name, text in render(site, phones, ami_secret(site.home)):
        path = etc / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            write_whole(path, text, owner=owner)
            changed.append(name)
    return Changes(tuple(changed))


def render(site: Site, phones: Sequence[Phone], secret: str) -> Iterator[tuple[str, str]]:
    """Each file's name and text. `check` has seen the values."""
    environment = jinja2.Environment(  # noqa: S701 — not HTML
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {
        "site": site,
        "phones": phones,
        "secret": secret,
        "ami_user": AMI_USER,
        "web_user": WEB_USER,
        "softphones": DATABASE,
        "softphone": softphone,
        "run": run_folder(site.home),
        "modules": modules_for(local=site.local),
        "engines": [_in_url(host, port) for host, port in site.agi_hosts],
        "sip": _in_url(site.sip_host, site.sip_port),
        "trunks": [
            (name, address, _in_url(address))
            for name, address in zip(trunk_names(site.trunks), site.trunks, strict=True)
        ],
        "peers": [(peer_endpoint(p.name), p.address, _in_url(p.address, p.port)) for p in site.peers],
        "anywhere": ipaddress.ip_address(site.sip_host).is_unspecified,
        "lengths": NUMBER_LENGTHS,
    }
    for template in sorted(TEMPLATES.glob("*.conf.j2")):
        yield template.stem, environment.get_template(template.name).render(values)


def _in_url(host: str, port: int | None = None) -> str:
    """`127.0.0.1:5060`, `[::1]:5060`."""
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _make_folders(site: Site, owner: Owner | None) -> None:
    run = run_folder(site.home)
    folders = [
        site.home,
        *(site.home / name for name in ("etc", "var", "var/keys", "spool", RECORDINGS, "log", "sounds")),
        run,
    ]
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        allowed = {os.getuid(), owner[0]} if owner else {os.getuid()}
        if folder.is_symlink() or folder.stat().st_uid not in allowed:
            raise GuichetError(f"{folder} belongs to somebody else: remove it or choose another state folder.")
        if owner:
            os.chown(folder, *owner)
