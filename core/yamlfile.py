"""YAML files that people edit, read safely, with the place of every key and value.

What a value is (YAML 1.2, made simple): a plain `true` or `false`, a plain whole number or decimal of at most 15 digits
without leading zeros, nothing at all (or `null`, `~`); everything else is text, so `no`, `12:30`, `010` and `+33…` are
text. Keys are always text: `1:` is the key "1".

Only a part of YAML is taken: one document, no anchors, aliases or tags. Size, depth and number of values have limits,
and the parser is read event by event in a loop, so that no file can exhaust time, memory or the stack.
"""

from pathlib import Path

import yaml

from core.document import Document
from core.files import Faults, Place, shown
from core.yamladvice import syntax_fault
from core.yamlreader import FORBIDDEN, Reader, Stop

MOST_BYTES = 1_000_000


def read_source(path: Path, faults: Faults) -> bytes | None:
    """A file's bytes, at most MOST_BYTES; None with a fault where it cannot be read."""
    try:
        if not path.is_file():
            message = "this is not a file" if path.exists() else "there is no such file"
            faults.add(Place(shown(path), 1, 1), message, "unreadable")
            return None
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        faults.add(Place(shown(path), 1, 1), f"the file cannot be read: {error.strerror}", "unreadable")
        return None
    if len(raw) > MOST_BYTES:
        faults.add(Place(shown(path), 1, 1), f"the file is larger than {MOST_BYTES // 1_000_000} MB", "too-large")
        return None
    return raw


def parse_yaml(raw: bytes, file: str, faults: Faults) -> Document | None:
    """The document; None where it cannot be trusted, with at least one fault. Duplicate keys are faults, but what else
    stands in the file can still be checked: the first one counts. Never raises."""
    text = _decode(raw, file, faults)
    if text is None:
        return None
    reader = Reader(file, text, faults)
    try:
        return reader.read()
    except Stop:
        return None
    except yaml.MarkedYAMLError as error:
        faults.found.append(syntax_fault(error, text, file))
    except yaml.YAMLError:
        faults.add(Place(file, 1, 1), "this file cannot be read as YAML", "syntax")
    return None


def _decode(raw: bytes, file: str, faults: Faults) -> str | None:
    if len(raw) > MOST_BYTES:
        faults.add(Place(file, 1, 1), f"the file is larger than {MOST_BYTES // 1_000_000} MB", "too-large")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8-sig", "replace")) + 1
        faults.add(Place(file, line, column), "this is not UTF-8; save the file with the encoding UTF-8", "encoding")
        return None
    if match := FORBIDDEN.search(text):
        at = match.start()
        place = Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        faults.add(place, f"the invisible character U+{ord(match[0]):04X} is not allowed", "control-character")
        return None
    return text
