"""Which engines still live, and so which Asterisks are served."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from queues.model import Node

SILENT_MS = 10_000
"""An engine announces itself each second: after so long it is gone."""
PHONES_GONE_MS = 10_000
"""Engines begin again within a second or two: nobody's phone need be given up for that."""
CALLS_GONE_MS = 60_000
"""Asterisk alone keeps its callers for half a minute, then says a sentence and lets them go (asterisk_conf)."""


class Gone(StrEnum):
    """What is given up of an Asterisk that no engine serves."""

    PHONES = "phones"
    """They cannot be rung."""
    CALLS = "calls"
    """They have ended."""


AFTER_MS = {Gone.PHONES: PHONES_GONE_MS, Gone.CALLS: CALLS_GONE_MS}


def silent(nodes: Sequence[Node]) -> list[Node]:
    """Those of whom nothing was heard for too long."""
    return [node for node in nodes if node.silent_ms > SILENT_MS]


class Absences:
    """Which Asterisks are without any engine, and for how long, as `look` is asked again and again. `known`: those of
    which there may be calls or phones; whoever announces itself is known too."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = set(known)
        self._since: dict[str, int] = {}
        self._given: set[tuple[str, Gone]] = set()

    def look(self, nodes: Sequence[Node], now: int) -> list[tuple[str, Gone]]:
        """What is to be given up now; each is given once an absence."""
        self._known.update(node.asterisk for node in nodes)
        served = {node.asterisk for node in nodes if node.silent_ms <= SILENT_MS}
        self._since = {name: self._since.get(name, now) for name in sorted(self._known - served)}
        due = [
            (name, what)
            for name, since in self._since.items()
            for what, after in AFTER_MS.items()
            if now - since >= after
        ]
        fresh = [each for each in due if each not in self._given]
        self._given = set(due)
        return fresh
