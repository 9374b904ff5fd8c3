"""The other Asterisks of the settings, with which this one shares its queues."""

from app.settings import Settings
from asterisk_conf.site import Peer
from core.errors import GuichetError

SIP_PORT = 5060


def peers_of(settings: Settings) -> tuple[Peer, ...]:
    """Each NAME=ADDRESS or NAME=ADDRESS:PORT; an IPv6 address stands in brackets. GuichetError where one is neither."""
    return tuple(map(_peer, settings.peers))


def _peer(text: str) -> Peer:
    name, equals, where = text.partition("=")
    address, port = where, str(SIP_PORT)
    if where.startswith("["):
        address, _, rest = where[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif where.count(":") == 1:
        address, _, port = where.partition(":")
    if not (name and equals and address and port.isdecimal()):
        raise GuichetError(
            f"settings: peers: {text!r} is not NAME=ADDRESS or NAME=ADDRESS:PORT, for example north=10.0.0.2:5060."
        )
    return Peer(name, address, int(port))
