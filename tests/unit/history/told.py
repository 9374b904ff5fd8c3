"""Builders of a call's events, for tests of the history."""

from typing import Any

from core.events import Event

START = 1_700_000_000_000
CALL = "guichet-1700000000.1"


def told(kind: str, after_ms: int = 0, call: str = CALL, **data: Any) -> Event:
    """An event with an id of its own: the same arguments give the same event."""
    return Event(
        f"{call}-{kind}-{after_ms}-{data.get('offer', data.get('entry', ''))}", kind, START + after_ms, call, data
    )


def arrived(call: str = CALL, number: str = "0612345678", after_ms: int = 0, **data: Any) -> Event:
    given = {"name": "Alex", "withheld": False, "dialled": "3939", "flow": "accueil", "version": "v1", "language": "fr"}
    given |= {"asterisk": "guichet", "channel": "PJSIP/carrier-00000001"}
    return told("call.arrived", after_ms, call, number=number, **{**given, **data})


def ended(after_ms: int, reason: str = "caller_hung_up", call: str = CALL, **data: Any) -> Event:
    return told("call.ended", after_ms, call, reason=reason, **{"path": ["bonjour", "sujet"], "language": "fr", **data})


def entered(after_ms: int, queue: str = "accueil", entry: str = "e-1", call: str = CALL) -> Event:
    return told(
        "entry.entered",
        after_ms,
        call,
        entry=entry,
        queue=queue,
        since=START,
        priority=0,
        requirement=[{"skills": {queue: 1}}],
    )


def an_answered_call(call: str = CALL, number: str = "0612345678") -> list[Event]:
    """Arrives, presses 1, waits 9 s in `accueil`: one agent does not answer, the next does; they talk for 42 s."""
    entry = {"entry": "e-1", "queue": "accueil", "call": call}
    return [
        arrived(call, number),
        told("call.chose", 1_000, call, step="sujet", digits="1", choice="conseiller"),
        entered(1_000, call=call),
        told("entry.offered", 1_100, agent="sacha", offer="o-1", waited_ms=100, why="longest idle", **entry),
        told("entry.withdrawn", 8_000, call, entry="e-1", agent="sacha", offer="o-1", reason="no_answer"),
        told("entry.offered", 8_100, agent="camille", offer="o-2", waited_ms=7_100, why="longest idle", **entry),
        told("entry.answered", 10_000, agent="camille", offer="o-2", waited_ms=9_000, **entry),
        told("entry.finished", 52_000, agent="camille", talk_ms=42_000, **entry),
        ended(52_100, call=call),
    ]
