"""SIP messages (RFC 3261): read from the network with limits, and built. Text is UTF-8 with surrogate escapes, so that
bytes that are no text survive; what is built is sent as it stands, since tests send hostile things on purpose."""

import re
from dataclasses import dataclass, field

MOST_HEADERS = 128
LONGEST_LINE = 8_192

Headers = list[tuple[str, str]]
"""Names in lower case and in full, in the order of the message."""

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "c": "content-type",
    "l": "content-length",
}


class Malformed(Exception):
    """These bytes are no SIP message."""


@dataclass(slots=True, kw_only=True)
class Message:
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def get(self, name: str) -> str:
        """The first header of that name (lower case), or ''."""
        return next((value for key, value in self.headers if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def branch(self) -> str:
        """The transaction that this message belongs to, as its topmost Via says."""
        return parameters(self.get("via")).get("branch", "")

    @property
    def sequence(self) -> tuple[int, str]:
        """CSeq: number and method; (-1, '') where there is none that can be read."""
        number, _, method = self.get("cseq").partition(" ")
        return (int(number), method.strip()) if _is_number(number) else (-1, "")

    def encode(self) -> bytes:
        lines = [self.first_line, *(f"{name.title()}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return as_bytes("\r\n".join(lines) + "\r\n\r\n") + self.body

    @property
    def first_line(self) -> str:
        raise NotImplementedError


@dataclass(slots=True, kw_only=True)
class Request(Message):
    method: str
    uri: str

    @property
    def first_line(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"

    def reply(
        self, status: int, reason: str, tag: str = "", extra: Headers | None = None, body: bytes = b""
    ) -> "Response":
        """A response with the headers that RFC 3261 8.2.6 copies; `tag` is added to To where it has none."""
        to = self.get("to")
        if tag and "tag" not in NameAddress.parse(to).parameters:
            to = f"{to};tag={tag}"
        copied = [
            (name, value) for name, value in self.headers if name in ("via", "from", "call-id", "cseq", "record-route")
        ]
        return Response(status=status, reason=reason, headers=[*copied, ("to", to), *(extra or [])], body=body)


@dataclass(slots=True, kw_only=True)
class Response(Message):
    status: int
    reason: str

    @property
    def first_line(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"


def parse(data: bytes) -> Request | Response:
    """Read one datagram. Raises Malformed, and nothing else, for whatever is not a SIP message."""
    end = _END_OF_HEADERS.search(data)
    if not end:
        raise Malformed("no end of headers")
    first, *lines = _unfolded(as_text(data[: end.start()]))
    headers = [_header(line) for line in lines]
    body = data[end.end() :]
    length = next((value for name, value in headers if name == "content-length"), "")
    headers = [header for header in headers if header[0] != "content-length"]
    if length:
        if not _is_number(length) or int(length) > len(body):
            raise Malformed(f"Content-Length {length[:20]!r}, but {len(body)} bytes follow")
        body = body[: int(length)]
    return _message(first, headers, body)


def _unfolded(head: str) -> list[str]:
    """The lines, those that begin with white space joined to the one before (RFC 3261 7.3.1)."""
    lines: list[str] = []
    for line in head.replace("\r\n", "\n").split("\n"):
        if len(line) > LONGEST_LINE or len(lines) > MOST_HEADERS:
            raise Malformed("too long")
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
    return lines


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    name = name.strip().lower()
    if not colon or not name:
        raise Malformed(f"no header: {line[:40]!r}")
    return _COMPACT.get(name, name), value.strip()


def _message(first: str, headers: Headers, body: bytes) -> Request | Response:
    start, _, rest = first.partition(" ")
    message: Request | Response
    if start == "SIP/2.0":
        status, _, reason = rest.partition(" ")
        if not (_is_number(status) and len(status) == 3):
            raise Malformed(f"no status: {first[:40]!r}")
        message = Response(status=int(status), reason=reason, headers=headers, body=body)
    else:
        uri, _, version = rest.rpartition(" ")
        if version != "SIP/2.0" or not start.isalpha() or not uri:
            raise Malformed(f"no request: {first[:40]!r}")
        message = Request(method=start, uri=uri, headers=headers, body=body)
    if missing := [name for name in ("via", "from", "to", "call-id", "cseq") if not message.get(name)]:
        raise Malformed(f"without {', '.join(missing)}")
    if message.sequence[0] < 0:
        raise Malformed("a CSeq without a number")
    return message


# --- the parts of a header ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameAddress:
    """`"Display" <sip:user@host>;tag=…` as From, To and Contact have it."""

    display: str
    uri: str
    parameters: dict[str, str]

    @classmethod
    def parse(cls, value: str) -> "NameAddress":
        start = value.find("<", _end_of_quotes(value))
        end = value.find(">", start)
        if start < 0 or end < 0:
            uri, _, rest = value.partition(";")
            return cls("", uri.strip(), parameters(";" + rest))
        display = value[:start].strip()
        if len(display) > 1 and display[0] == display[-1] == '"':
            display = display[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        return cls(display, value[start + 1 : end], parameters(value[end + 1 :]))

    @property
    def user(self) -> str:
        """What stands before the @."""
        before, at, _ = self.uri.partition("@")
        return before.partition(":")[2] if at else ""

    @property
    def tag(self) -> str:
        return self.parameters.get("tag", "")


def quoted(text: str | bytes) -> str:
    """A display name in quotes, made safe. Bytes are meant as they are: neither quoted nor made safe."""
    if isinstance(text, bytes):
        return as_text(text)
    safe = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")
    return f'"{safe}"'


def parameters(value: str) -> dict[str, str]:
    """`…;branch=z9;rport` as {"branch": "z9", "rport": ""}; what comes before the first `;` is left out."""
    pairs = (part.partition("=") for part in value.split(";")[1:])
    return {name.strip().lower(): content.strip() for name, _, content in pairs}


def as_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _end_of_quotes(value: str) -> int:
    """Where a leading quoted string ends, so that a `<` inside it is not taken for the address."""
    if not value.startswith('"'):
        return 0
    position = 1
    while position < len(value) and value[position] != '"':
        position += 2 if value[position] == "\\" else 1
    return position
