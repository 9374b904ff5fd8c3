"""Are the house's ports free, and if not: who has them, and which setting changes that."""

import errno
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from core.errors import GuichetError

TABLES = {"TCP": ("tcp", "tcp6"), "UDP": ("udp", "udp6")}
"""Protocol to the kernel's tables of sockets, in /proc/net."""
LISTENING = "0A"
"""The state of a TCP socket that waits for connections, as the kernel's table has it."""


@dataclass(frozen=True, slots=True)
class Port:
    """`host_setting` is empty where the address is no setting."""

    use: str
    protocol: str
    host: str
    number: int
    setting: str
    host_setting: str = ""


def ports_of(settings: Settings) -> tuple[Port, ...]:
    """The ports that a house opens, but for those for sound: Asterisk takes free ones."""
    return (
        Port("Asterisk's phones", "UDP", settings.sip_host, settings.sip_port, "sip_port", "sip_host"),
        *(
            Port("the engine", "TCP", settings.agi_host, settings.agi_port + count, "agi_port", "agi_host")
            for count in range(settings.engines)
        ),
        Port("Asterisk's manager", "TCP", "127.0.0.1", settings.ami_port, "ami_port"),
        Port("browsers' phones", "TCP", "127.0.0.1", settings.ws_port, "ws_port"),
        Port("the web pages", "TCP", settings.web_host, settings.web_port, "web_port", "web_host"),
        *(
            [Port("the way to them by TLS", "TCP", settings.web_host, settings.http_port, "http_port", "web_host")]
            if settings.http_port
            else []
        ),
    )


def complaint(port: Port) -> str:
    """A sentence on why the port cannot be used now; '' when it can."""
    where = f"{port.protocol} port {port.number} of {port.host}"
    change = f"set {port.setting} in guichet.toml, or GUICHET_{port.setting.upper()}"
    try:
        _try(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            user = user_of(port)
            by = f" by {user}" if user else ""
            return f"{where}, for {port.use}, is taken{by}: end that, or {change}, to another port."
        if error.errno in (errno.EACCES, errno.EPERM):
            return f"{where}, for {port.use}, may only be opened by root: {change}, to 1024 or above."
        name = port.host_setting or "the address"
        return f"{port.host}, for {port.use}, is not an address of this machine: set {name} to one that is."
    return ""


def check_ports(settings: Settings) -> None:
    """GuichetError with a sentence for each port that cannot be used, or that is named twice."""
    ports = ports_of(settings)
    wrong = [sentence for port in ports if (sentence := complaint(port))]
    tcp = [port for port in ports if port.protocol == "TCP"]
    wrong += [
        f"{one.setting} and {other.setting} are both {one.number}: change one of them."
        for place, one in enumerate(tcp)
        for other in tcp[place + 1 :]
        if one.number == other.number
    ]
    if wrong:
        raise GuichetError("\n".join(wrong))


def _try(port: Port) -> None:
    kind = socket.SOCK_STREAM if port.protocol == "TCP" else socket.SOCK_DGRAM
    family, _, _, _, address = socket.getaddrinfo(port.host, port.number, type=kind)[0]
    with socket.socket(family, kind) as trial:
        if port.protocol == "TCP":  # connections that are just over do not count
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)


def user_of(port: Port) -> str:
    """`NAME (process ID)` of a program that has the port open; '' where we may not know."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(file.readlink()) in sockets for file in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:  # ended meanwhile, or another user's
            continue
    return ""


def _inodes(port: Port) -> Iterator[str]:
    for table in TABLES[port.protocol]:
        try:
            lines = Path("/proc/net", table).read_text().splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            listens = port.protocol == "UDP" or fields[3] == LISTENING
            if listens and int(fields[1].rpartition(":")[2], 16) == port.number:
                yield fields[9]
