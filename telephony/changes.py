"""What others change of the places in line that this engine holds: a supervisor moves a call, a rule widens it, an
agent does not answer. The engine keeps up with it, so that it can tell a wiped store of each place as it stands. And
what an engine leaves behind that served the same Asterisk."""

import logging

from queues.store.port import Cursor, StoreAway
from telephony.house import House

log = logging.getLogger(__name__)

WAIT_MS = 10_000
OWN = frozenset(
    f"entry.{what}" for what in ("entered", "restored", "offered", "ringing", "answered", "left", "finished")
)
"""Events that say nothing of a place that the engine which holds the call does not know."""


async def follow_changes(house: House) -> None:
    """For ever."""
    cursor: Cursor = ""
    while True:
        try:
            cursor = cursor or (await house.store.snapshot()).cursor
            news = await house.store.follow(cursor, WAIT_MS)
            for _, event in news:
                if event.kind.startswith("entry.") and event.kind not in OWN and (call := house.calls.get(event.call)):
                    await call.changed(event.data["entry"])
                elif event.kind == "node.left" and event.data["asterisk"] == house.asterisk:
                    await house.take_over()
            cursor = news[-1][0] if news else cursor
        except StoreAway as error:
            log.warning("changes of places in line are not seen yet: %s", error)
