"""Live control: what supervisors and agents do to the line while it runs, from the web and the command line alike.

Everything is checked against the line as it stands, is one commit of the store, and is told as an event with its
author. Whatever a person got wrong is an error whose sentence says what to do."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from core.clock import Clock
from core.errors import GuichetError
from core.events import Event
from core.filemodel import nearest
from core.ids import NewId, random_id
from queues.model import (
    IN_LINE,
    ONE_AT_A_TIME,
    Agent,
    AgentState,
    Entry,
    EntryState,
    Kind,
    Refusal,
    Setback,
    Snapshot,
    Status,
    Terms,
)  # fmt: skip
from queues.overflow.board import EVERY_QUEUE, SURGE
from queues.standing import QueueNow, queues_now
from queues.store.port import Store
from queues.waiting import MS_PER_PRIORITY

LONGEST_REASON = 80
MOST_HELD = 20
ALL_GONE = "closed"
"""Why callers are sent away from a queue that is closed."""


class Unknown(GuichetError):
    """There is no such agent, queue or call."""


class NotNow(GuichetError):
    """It cannot be done as things stand; nothing was changed."""


class QueueTerms(Protocol):
    """What a queue's file says, as far as it matters here."""

    def terms(self, skills: Mapping[str, int]) -> Terms: ...


class LiveControl:
    """`queues` gives those of the town that is live. `author` is who does it: an agent's id for what agents do
    themselves, otherwise the name of the person. Every method raises Unknown, NotNow, or StoreAway."""

    def __init__(
        self,
        store: Store,
        queues: Callable[[], Mapping[str, QueueTerms]],
        clock: Clock,
        new_id: NewId = random_id,
    ) -> None:
        self._store, self._queues, self._clock, self._new_id = store, queues, clock, new_id

    # --- agents ---------------------------------------------------------------------------------------------------

    async def pause(self, agent: str, reason: str, author: str) -> None:
        """No further call until they are available again; a call in course goes on. `reason`: at most 80 characters."""
        reason = "".join(each for each in reason if each.isprintable()).strip()[:LONGEST_REASON]
        await self._set_status(agent, Status.PAUSED, reason, author)

    async def make_available(self, agent: str, author: str) -> None:
        """They take calls, also when they were not responding."""
        await self._set_status(agent, Status.AVAILABLE, "", author)

    async def log_out(self, agent: str, author: str) -> None:
        """They are not at work any more; a call in course goes on to its end."""
        await self._set_status(agent, Status.OFFLINE, "", author)

    async def end_wrap_up(self, agent: str, author: str) -> None:
        """Whatever its time was. Agents themselves end one until coded by `code`."""
        known = await self._in_wrap_up(agent)
        if author == agent and not known.wrap_up_until:
            raise NotNow("This wrap-up ends when you say what the outcome was.")
        self._done(await self._store.cut_wrap_up(agent, author, self._clock()), f"{agent} is not in wrap-up any more")

    async def extend_wrap_up(self, agent: str, more_ms: int, author: str) -> int:
        """More time to wrap up; gives when it ends now, in ms since 1970: as late as the queue allows."""
        known, now = await self._in_wrap_up(agent), self._clock()
        if not known.wrap_up_until:
            raise NotNow(f"The wrap-up of {agent} has no end: it lasts until the outcome is said.")
        if known.wrap_up_latest <= known.wrap_up_until:
            raise NotNow("The queue allows no more time to wrap up: wrap_up_most in its file says how much.")
        until = known.wrap_up_until + more_ms
        self._done(await self._store.extend_wrap_up(agent, until, now, author), f"{agent} is not in wrap-up any more")
        return min(until, known.wrap_up_latest)

    async def code(self, agent: str, outcome: str, author: str) -> None:
        """What the outcome of the conversation was: it ends the wrap-up."""
        await self._in_wrap_up(agent)
        refusal = await self._store.code(agent, outcome, self._clock(), author)
        self._done(refusal, f"{agent} is not in wrap-up any more")

    # --- deferred work beside calls -------------------------------------------------------------------------------

    async def set_capacity(self, agent: str, holds: int, author: str) -> None:
        """How many messages the agent may hold beside calls, 0 to 20; ONE_AT_A_TIME: a message is heard as a call is
        answered, and nothing else comes meanwhile."""
        if not ONE_AT_A_TIME <= holds <= MOST_HELD:
            raise NotNow(f"An agent may hold 0 to {MOST_HELD} messages, not {holds}.")
        if await self._store.set_holds(agent, holds, author, self._clock()):
            await self._agent(agent)
            raise NotNow(f"The account of {agent} was removed.")

    async def work_of(self, agent: str) -> list[Entry]:
        """What the agent holds beside calls, the oldest first."""
        held = (await self._agent(agent)).held
        found = [await self._store.entry(name) for name in held]
        return sorted((entry for entry in found if entry), key=lambda entry: entry.since)

    async def finish_work(self, agent: str, entry: str) -> None:
        """The agent has done it."""
        held = await self._held(agent, entry)
        now = self._clock()
        self._done(await self._store.finish(entry, now - held.answered_at, now), f"{agent} has {entry} no more")

    async def give_back(self, agent: str, entry: str) -> None:
        """It is in line again, for anybody."""
        held = await self._held(agent, entry)
        refusal = await self._store.withdraw(entry, held.offer, Setback.RETURNED, self._clock())
        self._done(refusal, f"{agent} has {entry} no more")

    async def _held(self, agent: str, entry: str) -> Entry:
        for each in await self.work_of(agent):
            if each.id == entry:
                return each
        raise NotNow(f"{agent} does not have {entry}.")

    # --- calls ----------------------------------------------------------------------------------------------------

    async def pull_to_front(self, call: str, author: str) -> Entry:
        """The call is the next one of its queue, whatever the others have waited: its priority is raised above theirs.
        `call`: the id of the call or of its entry, or an end of one that no other has."""
        snapshot = await self._store.snapshot()
        entry = self._entry(call, snapshot.entries)
        others = [each for each in snapshot.entries if each.queue == entry.queue and each.id != entry.id]
        priority = priority_before(entry, [each for each in others if each.state in IN_LINE])
        if priority > entry.priority:
            done = await self._store.prioritise(entry.id, priority, "front", author, self._clock())
            self._done(done, f"call {entry.call} waits no more")
        return entry

    async def move(self, call: str, queue: str, author: str, *, keep_place: bool = True) -> Entry:
        """Into another queue, on that queue's terms, with the time waited so far or behind all who are there."""
        self._known_queue(queue)
        entry = self._entry(call, (await self._store.snapshot()).entries)
        if entry.queue == queue:
            raise NotNow(f"Call {entry.call} is in the queue {queue} already.")
        if entry.state is EntryState.ASIDE:
            raise NotNow(f"The caller of {entry.call} leaves a message or the like just now: try again a little later.")
        if entry.state is EntryState.OFFERED:
            raise NotNow(f"Call {entry.call} rings at {entry.agent} now: try again if nobody answers.")
        terms = self._queues()[queue].terms(entry.skills)
        refusal = await self._store.move(entry.id, queue, terms, keep_place, "moved", author, self._clock())
        if refusal is Refusal.QUEUE_CLOSED:
            raise NotNow(f"The queue {queue} is closed: `./guichet queues open {queue}` opens it.")
        self._done(refusal, f"call {entry.call} waits no more")
        return entry

    # --- queues ---------------------------------------------------------------------------------------------------

    async def close(self, queue: str, author: str, *, send_away: bool = False) -> int:
        """Nobody new is admitted: callers take their flow's exit. Those who wait stay, or leave by that exit too; gives
        how many were told to leave."""
        self._known_queue(queue)
        await self._store.close_queue(queue, author, self._clock())
        if not send_away:
            return 0
        # Nobody can come into the queue any more: all who are to leave are in this picture.
        snapshot = await self._store.snapshot()
        told = 0
        for entry in snapshot.entries:
            if entry.queue == queue and entry.state in IN_LINE and entry.kind is Kind.CALL:
                refusal = await self._store.send_away(entry.id, ALL_GONE, author, self._clock())
                told += refusal is None
        return told

    async def open(self, queue: str, author: str) -> None:
        """Callers are admitted again."""
        self._known_queue(queue, (await self._store.snapshot()).closed)
        await self._store.open_queue(queue, author, self._clock())

    async def surge(self, queue: str, author: str, *, on: bool) -> None:
        """The surge switch, which overflow rules ask for: of one queue, or of all (EVERY_QUEUE)."""
        if queue != EVERY_QUEUE:
            self._known_queue(queue)
        now = self._clock()
        told = {"queue": queue, "on": on, "author": author}
        event = Event(self._new_id(), "queue.surge", now, "", told)
        await self._store.set_switch(f"{SURGE}{queue}", {"since": now, "author": author} if on else None, [event])

    # --- looking --------------------------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        """Everything as it stands."""
        return await self._store.snapshot()

    async def queues(self) -> list[QueueNow]:
        """How each queue stands, those of the town first, in its order."""
        terms = {name: queue.terms({}) for name, queue in self._queues().items()}
        return queues_now(await self._store.snapshot(), terms, self._clock())

    async def waiting(self, queue: str) -> list[Entry]:
        """Who is in line there, and what, the next one first."""
        snapshot = await self._store.snapshot()
        self._known_queue(queue, [entry.queue for entry in snapshot.entries])
        return sorted((e for e in snapshot.entries if e.queue == queue and e.state in IN_LINE), key=turn)

    # --- what is meant --------------------------------------------------------------------------------------------

    async def _set_status(self, agent: str, status: Status, reason: str, author: str) -> None:
        if await self._store.set_status(agent, status, reason, author, self._clock()):
            await self._agent(agent)  # raises, with a name that is meant perhaps
            raise NotNow(f"The account of {agent} was removed.")

    async def _in_wrap_up(self, agent: str) -> Agent:
        known = await self._agent(agent)
        if known.state is not AgentState.WRAP_UP:
            raise NotNow(f"{agent} is not in wrap-up.")
        return known

    async def _agent(self, agent: str) -> Agent:
        known = await self._store.agent(agent)
        if known is None:
            names = [each.id for each in (await self._store.snapshot()).agents]
            raise Unknown(f"There is no agent {agent!r} at work{nearest(agent, names)}.")
        return known

    def _known_queue(self, queue: str, others: Iterable[str] = ()) -> None:
        names = dict.fromkeys([*self._queues(), *others])
        if queue not in names:
            raise Unknown(f"There is no queue {queue!r}{nearest(queue, list(names))}.")

    def _entry(self, call: str, entries: Iterable[Entry]) -> Entry:
        """The one that is meant, in line."""
        entries = list(entries)
        found = [e for e in entries if call in (e.id, e.call)] or [e for e in entries if call and e.call.endswith(call)]
        if not found:
            raise Unknown(f"No call {call!r} waits: `./guichet queues show QUEUE` shows those that do.")
        if len(found) > 1:
            raise Unknown(f"Several calls end in {call!r}: {', '.join(sorted(e.call for e in found))}.")
        if found[0].state not in IN_LINE:
            raise NotNow(f"Call {found[0].call} speaks with {found[0].agent} already.")
        return found[0]

    def _done(self, refusal: Refusal | None, sentence: str) -> None:
        """Things changed between looking and doing."""
        if refusal:
            raise NotNow(f"{sentence[0].upper()}{sentence[1:]}.")


def turn(entry: Entry) -> tuple[int, int, str]:
    """Whose turn it is, smallest first (queues/router.py)."""
    return entry.since - MS_PER_PRIORITY * entry.priority, entry.since, entry.id


def priority_before(entry: Entry, others: Iterable[Entry]) -> int:
    """The least priority with which the entry ranks before all others; its own where it does."""
    first = min((turn(each) for each in others), default=None)
    if first is None or turn(entry) < first:
        return entry.priority
    return (entry.since - first[0]) // MS_PER_PRIORITY + 1
