"""A store that knew nothing is told again what the history knows of it: messages and callbacks that wait in line,
closed queues, switches, how many messages agents may hold.

Calls are told of by whoever holds them (presence.py); this is what nobody holds. An engine tells of the work of its own
Asterisk, since that one has the recordings; what is everybody's is told by whoever comes first. It is one commit, done
once for each Asterisk, whoever tries (Store.retell).

The history lags behind the store. So an engine puts a word of its own into the stream (store.asked), and waits until
that is recorded: all that was recorded of the time before is there then. What happened since then it reads itself, and
leaves alone (`without`)."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from core.errors import GuichetError
from core.events import Event
from queues.model import ONE_AT_A_TIME, Entry, Kind
from queues.overflow.board import SURGE
from queues.store.port import Cursor, Recalled
from telephony.house import House, Queue

log = logging.getLogger(__name__)

CALLS_FIRST_S = 1.0
"""What engines hold is told by them within a second, and goes before what the history knows of it."""
RECORDED_WITHIN_S = 10.0
"""Otherwise too much happens meanwhile: it is asked anew."""
LOOK_EVERY_S = 0.1
PAUSES_S = (1.0, 60.0)
"""Before it is tried again: the first, and the longest."""
PAGE = 1_000
AUTHOR = "history"
"""Who says again how many messages an agent may hold."""


class History(Protocol):
    """What is recorded (history/unfinished.py). Raises GuichetError while the database is away."""

    async def knows(self, event: str) -> bool: ...

    async def recall(self, asterisk: str, now: int) -> Recalled: ...


class Retelling:
    """Of one engine. `untold` is set while the store is to be told."""

    def __init__(self, house: House, history: History, untold: asyncio.Event) -> None:
        self._house, self._history, self._untold = house, history, untold

    async def run(self) -> None:
        """For ever. A database or a store that is away is waited for; no call waits for this."""
        pause, longest = PAUSES_S
        while True:
            await self._untold.wait()
            await asyncio.sleep(CALLS_FIRST_S)
            try:
                await self.tell()
            except GuichetError as error:
                log.warning("the store cannot be told yet what the history knows: %s", error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)
            else:
                pause = PAUSES_S[0]

    async def tell(self) -> bool:
        """False where it was told meanwhile, or was wiped again. Raises GuichetError."""
        house, store = self._house, self._house.store
        before = await store.snapshot()
        await self._ask()
        recalled = await self._history.recall(house.asterisk, house.clock())
        left = without(recalled, await self._since(before.cursor))
        await self._tell_holds(left.holds)
        queues = house.towns.live().queues
        for name, count in unknown(left.entries, queues).items():
            log.warning("the town has no queue %s any more: what waits there, %d, is offered as it came", name, count)
        entries = [placed(entry, queues.get(entry.queue), house.node) for entry in left.entries]
        told = await store.retell(
            before.begun, house.node, house.asterisk, replace(left, entries=entries), house.clock()
        )
        self._untold.clear()  # presence sets it again where that is not so
        counts = [len(each) for each in (entries, left.closed, left.switches)]
        if told and any(counts):
            log.warning("the store knows again of %d messages and callbacks, %d closed queues, %d switches", *counts)
        return told

    async def _ask(self) -> None:
        """Returns once the history has taken in all that happened before."""
        house = self._house
        told = {"node": house.node, "asterisk": house.asterisk}
        asked = Event(house.new_id(), "store.asked", house.clock(), "", told)
        await house.store.emit([asked])
        try:
            async with asyncio.timeout(RECORDED_WITHIN_S):
                while not await self._history.knows(asked.id):  # noqa: ASYNC110 — the database tells nobody
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise GuichetError(f"nothing was recorded for {RECORDED_WITHIN_S:g} s") from None

    async def _since(self, cursor: Cursor) -> list[Event]:
        events: list[Event] = []
        while news := await self._house.store.follow(cursor, 0, PAGE):
            events += (event for _, event in news)
            cursor = news[-1][0]
        return events

    async def _tell_holds(self, holds: Mapping[str, int]) -> None:
        store = self._house.store
        for agent, most in holds.items():
            known = await store.agent(agent)
            if known and known.holds == ONE_AT_A_TIME:
                await store.set_holds(agent, most, AUTHOR, self._house.clock())


# --- pure ---------------------------------------------------------------------------------------------------------


def without(recalled: Recalled, since: Iterable[Event]) -> Recalled:
    """But for what something was said of since."""
    named = {_about(event.kind, event.data) for event in since}
    return Recalled(
        [entry for entry in recalled.entries if ("entry", entry.id) not in named],
        {queue: author for queue, author in recalled.closed.items() if ("queue", queue) not in named},
        {name: each for name, each in recalled.switches.items() if ("switch", name) not in named},
        {agent: most for agent, most in recalled.holds.items() if ("agent", agent) not in named},
    )


def _about(kind: str, data: Mapping[str, Any]) -> tuple[str, str]:
    match kind:
        case "queue.closed" | "queue.opened":
            return "queue", data["queue"]
        case "queue.surge":
            return "switch", f"{SURGE}{data['queue']}"
        case "hours.switched":
            return "switch", data["hours"]
        case "agent.work":
            return "agent", data["agent"]
    return "entry", data.get("entry", "")


def unknown(entries: Iterable[Entry], queues: Mapping[str, Queue]) -> dict[str, int]:
    """Queues that the town has no more, and how much waits there."""
    count: dict[str, int] = {}
    for entry in entries:
        if entry.queue not in queues:
            count[entry.queue] = count.get(entry.queue, 0) + 1
    return count


def placed(entry: Entry, queue: Queue | None, node: str) -> Entry:
    """As the entry stands in line: a message on the terms that its queue has now, or on those on which it came; a
    callback is that agent's alone who asked for it."""
    if queue is None:
        return replace(entry, node=node)
    terms = queue.terms(entry.skills)
    if entry.kind is Kind.CALLBACK:
        terms = {**terms, "requirement": entry.requirement, "members": entry.members}
    return replace(entry, node=node, **terms)
