"""What two phones agree on about sound (SDP, RFC 4566): mu-law and telephone events, nothing else."""

from dataclasses import dataclass

EVENTS = 101
"""The payload type that we propose for digits."""


@dataclass(frozen=True, slots=True)
class Media:
    """Where the other side wants its sound, and how. `port` 0 or `ip` 0.0.0.0: nowhere, for now (on hold)."""

    ip: str
    port: int
    events: int = EVENTS
    """The payload type of telephone events (RFC 4733)."""

    @property
    def reachable(self) -> bool:
        return bool(self.port) and self.ip not in ("", "0.0.0.0")  # noqa: S104 — a wish not to be sent anything


def describe(ip: str, port: int, events: int = EVENTS) -> bytes:
    """Our side's description, in an offer or an answer."""
    lines = [
        "v=0",
        f"o=- {port} {port} IN IP4 {ip}",
        "s=-",
        f"c=IN IP4 {ip}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 {events}",
        "a=rtpmap:0 PCMU/8000",
        f"a=rtpmap:{events} telephone-event/8000",
        f"a=fmtp:{events} 0-16",
        "a=ptime:20",
        "a=sendrecv",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def read(body: bytes) -> Media | None:
    """The other side's description; None where there is no sound that we can send."""
    ip, port, events = "", -1, EVENTS
    for line in body.decode("utf-8", "replace").splitlines():
        words = line[2:].split()
        if line.startswith("c=IN IP4") and len(words) == 3:
            ip = words[2].partition("/")[0]
        elif line.startswith("m=audio") and len(words) > 1 and _is_number(words[1], 65_535):
            port = int(words[1])
        elif line.startswith("a=rtpmap:") and line.lower().endswith(" telephone-event/8000"):
            kind = words[0].removeprefix("rtpmap:")
            events = int(kind) if _is_number(kind, 127) else events
    return Media(ip, port, events) if port >= 0 and ip else None


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most
