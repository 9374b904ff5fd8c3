"""What a caller's line itself keeps of its call: enough to take the call up again when the store forgot it. The text
has letters, digits, - and _ only, whatever the caller's name or answers are, and at most MOST_NOTE characters."""

import base64
import json
import logging
import zlib
from dataclasses import replace
from typing import Any

from telephony.record import CallRecord

log = logging.getLogger(__name__)

MOST_NOTE = 1_500
"""Characters. Asterisk cuts a command at 2,048 bytes."""
MOST_DATA = 64 * 1024
"""Bytes of a note that is read: none of ours is longer."""
RECENT = 5
"""Steps of the path that are kept where not all of it can be."""


def packed(record: CallRecord) -> str:
    """The whole record; of a long one without what the call can do without: first most of its path, then the values
    that the flow collected, which its conditions then do not find. '' where it is too long even so."""
    session = record.session
    shorter: tuple[dict[str, Any], ...] = (
        {},
        {"path": session.path[-RECENT:]},
        {"path": session.path[-RECENT:], "variables": {}, "notes": {}},
        {"path": [], "variables": {}, "notes": {}, "caller": {"number": session.caller.get("number", "")}},
    )
    for changes in shorter:
        text = _packed(replace(record, session=replace(session, **changes)))
        if len(text) <= MOST_NOTE:
            return text
    log.warning("call %s: too much is known of it to be kept on its line", session.call)
    return ""


def unpacked(text: str) -> CallRecord | None:
    """None for what is no note of ours, or another version's."""
    try:
        raw = base64.urlsafe_b64decode(text[: MOST_NOTE * 2] + "=" * (-len(text) % 4))
        data = json.loads(zlib.decompressobj().decompress(raw, MOST_DATA))
        return CallRecord.from_data(data)
    except (ValueError, zlib.error, TypeError, KeyError, AttributeError):
        return None


def _packed(record: CallRecord) -> str:
    data = json.dumps(record.to_data(), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(zlib.compress(data.encode(), 9)).decode().rstrip("=")
