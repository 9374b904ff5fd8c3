"""What Asterisk's configuration is made from. Everything is checked before it is rendered: no value can bring a line, a
section or an expression of its own into a file."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import GuichetError

EXTENSION = re.compile(r"[0-9]{2,8}")
PASSWORD = re.compile(r"[A-Za-z0-9]{8,64}")
NUMBER = re.compile(r"\+?[0-9*#]{1,31}")
NAME = re.compile(r"[a-z0-9-]{1,20}")
LANGUAGE = re.compile(r"[a-z]{2}(_[A-Z]{2})?")
SPOILS_A_PATH = re.compile(r"""[\x00-\x1f\x7f;,&|$"'\\()\[\]{}<>]|^ | $""")
"""Characters that mean something in a configuration file or to an application's arguments."""


@dataclass(frozen=True, slots=True)
class Phone:
    """An agent's phone: it registers as its extension. Beside it the agent may have one in a browser, which registers
    as `<extension>-web` with a password of the session's (telephony/asterisk/softphones.py)."""

    extension: str
    password: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Another Asterisk of ours, known by its address."""

    name: str
    address: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One Asterisk. `home` is its own folder (configuration, logs, data); the folders of the program follow."""

    home: Path
    modules: Path
    share: Path
    moh: Path
    """A folder of music with at least one file."""

    name: str = "guichet"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    rtp_first: int = 10000
    rtp_last: int = 19999
    ami_port: int = 5038
    ws_port: int = 8088
    """Where browsers' phones come in, on the loopback only: the web server stands before it."""
    agi_hosts: tuple[tuple[str, int], ...] = (("127.0.0.1", 4573),)
    """Engines: address and port, asked in this order."""
    numbers: tuple[str, ...] = ()
    """The town's numbers, which agents may dial too."""
    trunks: tuple[str, ...] = ()
    """Addresses from which carriers' calls come, and to which the fallback number is dialled."""
    peers: tuple["Peer", ...] = ()
    """Other Asterisks that share the queues: agents' phones registered there are rung through them, and they ring those
    registered here."""
    fallback_number: str = ""
    apologies: dict[str, Path] = field(default_factory=dict)
    """What is said when no engine is left, by language: a .wav file without its ending. One that is not there is
    replaced by Asterisk's own prompts."""
    languages: tuple[str, ...] = ("fr", "en")
    """In which the apology is spoken, in this order."""
    patience_s: int = 30
    """How long a caller without an engine is kept on hold."""
    qualify_s: int = 15
    """How often a registered phone is asked whether it is still there; silent for 3 s, it is unreachable."""
    sound_lost_s: int = 6
    """A browser from which no sound came for so long is lost: longer than a change of network takes, shorter than a
    caller endures silence."""

    @property
    def qualify_peers_s(self) -> int:
        """How often our other Asterisks are asked: nobody is rung through one that does not answer."""
        return min(self.qualify_s, 5)

    @property
    def local(self) -> bool:
        """Reachable from this very machine only: then anybody on it may call."""
        return ipaddress.ip_address(self.sip_host).is_loopback


def check(site: Site, phones: Sequence[Phone]) -> None:
    """Raises GuichetError on the first value that must not be rendered."""
    _match(NAME, site.name, "name", "1 to 20 of a-z, 0-9 and -")
    for what, address in (("sip_host", site.sip_host), *(("agi host", host) for host, _ in site.agi_hosts)):
        _is_address(what, address)
    for trunk in site.trunks:
        _is_address("trunks", trunk)
    _check_peers(site)
    ports = (
        site.sip_port,
        *(peer.port for peer in site.peers),
        site.rtp_first,
        site.rtp_last,
        site.ami_port,
        site.ws_port,
        *(port for _, port in site.agi_hosts),
    )
    if not all(isinstance(port, int) and 1 <= port <= 65535 for port in ports) or site.rtp_first >= site.rtp_last:
        raise GuichetError("settings: ports are numbers from 1 to 65535, and rtp_first is below rtp_last.")
    for number in (*site.numbers, *filter(None, [site.fallback_number])):
        _match(NUMBER, number, "number", "digits, * and #, with + before them at most")
    if site.fallback_number and not site.trunks:
        raise GuichetError("settings: fallback_number needs a trunk to be dialled through: name one in trunks.")
    for language in (*site.languages, *site.apologies):
        _match(LANGUAGE, language, "language", "two letters like fr")
    for path in (site.home, site.modules, site.share, site.moh, *site.apologies.values()):
        if not path.is_absolute() or SPOILS_A_PATH.search(str(path)):
            raise GuichetError(f"{str(path)!r}: Asterisk cannot use a folder of that name: choose another one.")
    _check_phones(phones)


def _check_peers(site: Site) -> None:
    for peer in site.peers:
        _match(NAME, peer.name, "name of a peer", "1 to 20 of a-z, 0-9 and -")
        _is_address("peers", peer.address)
    names = [peer.name for peer in site.peers]
    for name in names:
        if name == site.name or names.count(name) > 1:
            raise GuichetError(f"settings: two Asterisks are called {name}: give each a name of its own.")
    known_by = {"sip_host": site.sip_host, **{f"trunk {trunk}": trunk for trunk in site.trunks}}
    for peer in site.peers:
        for what, address in known_by.items():
            if peer.address == address:
                raise GuichetError(
                    f"settings: the peer {peer.name} has the address {address}, as {what}: Asterisks know each other "
                    "by their addresses, so each needs one of its own."
                )
        known_by[f"the peer {peer.name}"] = peer.address


def _check_phones(phones: Sequence[Phone]) -> None:
    seen: set[str] = set()
    for phone in phones:
        _match(EXTENSION, phone.extension, "extension", "2 to 8 digits")
        if PASSWORD.fullmatch(phone.password) is None:
            raise GuichetError(f"the password of extension {phone.extension} must be 8 to 64 letters and digits.")
        if phone.extension in seen:
            raise GuichetError(f"extension {phone.extension} is given to two agents: give each their own.")
        seen.add(phone.extension)


def _match(pattern: re.Pattern[str], value: str, what: str, rule: str) -> None:
    if pattern.fullmatch(value) is None:
        raise GuichetError(f"{what} {value!r} cannot be used: it must be {rule}.")


def _is_address(what: str, address: str) -> None:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise GuichetError(f"settings: {what}: {address!r} is not an IP address like 127.0.0.1.") from None
    if "%" in address:
        raise GuichetError(f"settings: {what}: {address!r} must not name an interface.")
