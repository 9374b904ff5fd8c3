"""What happens in the house, brought to the desks that it concerns: one reader of the event stream for all of them.

The stream says when something changed; what is told is read from the store at that moment, so that a desk that comes
later, or again, is told the same."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from core.clock import Clock
from core.events import Event
from queues.model import Agent, AgentState, Entry, EntryState, Snapshot
from queues.store.port import StoreAway
from web.desk.messages import Gone, Pop, QueueNow, Queues, State, Told

log = logging.getLogger(__name__)

WAIT_MS = 2_000
MOST_EVENTS = 1_000
QUEUES_EVERY_S = 0.5
"""However much happens, the lengths of the queues are told twice a second at most."""
AWAY_S = 0.5

GONE: Mapping[str, str] = {
    "entry.withdrawn": "withdrawn",
    "entry.left": "left",
    "entry.finished": "finished",
}
"""Events after which the call is not the agent's any more."""


class Store(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def snapshot(self) -> Snapshot: ...
    async def follow(self, after: str, wait_ms: int, most: int = 1000) -> list[tuple[str, Event]]: ...
    async def agent(self, agent: str) -> Agent | None: ...
    async def entry(self, entry: str) -> Entry | None: ...
    async def load_call(self, call: str) -> dict[str, Any] | None: ...


class Desk(Protocol):
    """A page that is open. `agent` is the one who sits there, or ""."""

    agent: str

    def tell(self, told: Told) -> None:
        """Never waits."""


MakePop = Callable[[Entry, Mapping[str, Any] | None, str], Awaitable[Pop]]
"""From an entry, its call's session as stored, and the sentence of why."""


Titles = Callable[[], Mapping[str, Mapping[str, str]]]
"""Each queue's titles, by language."""


class Hub:
    """`run` until cancelled; desks come and go by `join` and `leave`."""

    def __init__(self, store: Store, clock: Clock, make_pop: MakePop, titles: Titles) -> None:
        self._store, self._clock, self._make_pop, self._titles = store, clock, make_pop, titles
        self._desks: dict[str, set[Desk]] = {}
        """By agent; "" for those who are none."""
        self._whys: dict[str, str] = {}
        """The sentences of the offers in force, by entry."""
        self._queues: Queues | None = None
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """A store that is away is waited for; what happened meanwhile is told after."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._count())

    def join(self, desk: Desk) -> None:
        """The desk is told how things stand, and all that changes from now on."""
        self._desks.setdefault(desk.agent, set()).add(desk)
        if self._queues:
            desk.tell(self._queues)
        if desk.agent:
            self._soon(self._tell_all(desk.agent, pop=True))

    def leave(self, desk: Desk) -> None:
        self._desks.get(desk.agent, set()).discard(desk)
        if not self._desks.get(desk.agent):
            self._desks.pop(desk.agent, None)

    # --- the stream ---------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        cursor: str | None = None
        while True:
            try:
                if cursor is None:
                    cursor = (await self._store.snapshot()).cursor
                    self._look_again()
                news = await self._store.follow(cursor, WAIT_MS, MOST_EVENTS)
                for _, event in news:
                    self._heard(event)
                cursor = news[-1][0] if news else cursor
            except StoreAway as error:
                log.warning("the desks wait: %s", error)
                cursor = None
                await asyncio.sleep(AWAY_S)

    def _look_again(self) -> None:
        """Anything may have happened."""
        self._news.set()
        for agent in list(self._desks):
            if agent:
                self._soon(self._tell_all(agent, pop=True))

    def _heard(self, event: Event) -> None:
        kind, told = event.kind, event.data
        if kind.startswith(("entry.", "agent.")):
            self._news.set()
        agent = str(told.get("agent", ""))
        if kind == "entry.offered":
            self._whys[str(told["entry"])] = str(told["why"])
            if agent in self._desks:
                self._soon(self._tell_all(agent, pop=True))
        elif kind in GONE:
            self._whys.pop(str(told["entry"]), None)
            for desk in self._desks.get(agent, ()):
                desk.tell(Gone(call=event.call, reason=GONE[kind]))
        elif kind.startswith("agent.") and agent in self._desks:
            self._soon(self._tell_all(agent, pop=False))

    # --- what is told -------------------------------------------------------------------------------------------

    async def _tell_all(self, name: str, *, pop: bool) -> None:
        """The agent's state to all their desks, and the call that they have or are offered."""
        agent = await self._store.agent(name)
        if agent is None:
            return
        entry = await self._store.entry(agent.entry) if agent.entry else None
        self._tell(name, state_of(agent, entry))
        if pop and entry:
            session = await self._store.load_call(entry.call)
            self._tell(name, await self._make_pop(entry, session, self._whys.get(entry.id, "")))

    def _tell(self, agent: str, told: Told) -> None:
        for desk in self._desks.get(agent, ()):
            desk.tell(told)

    async def _count(self) -> None:
        """The queues' lengths, when they may have changed."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                queues = queues_of(await self._store.snapshot(), self._titles(), self._clock())
            except StoreAway:
                self._news.set()
                await asyncio.sleep(AWAY_S)
                continue
            if queues != self._queues:
                self._queues = queues
                for desks in self._desks.values():
                    for desk in desks:
                        desk.tell(queues)
            await asyncio.sleep(QUEUES_EVERY_S)

    def _soon(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(self._safely(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _safely(self, work: Awaitable[None]) -> None:
        """A desk that cannot be told now is told at the next change; calls are not touched by it."""
        try:
            await work
        except StoreAway as error:
            log.warning("a desk was not told: %s", error)
        except Exception:
            log.exception("a desk was not told")


def state_of(agent: Agent, entry: Entry | None) -> State:
    began = agent.offered_at if agent.state not in (AgentState.IDLE, AgentState.NOT_RESPONDING) else agent.idle_since
    return State(
        status=agent.status.value,
        reason=agent.reason,
        state=agent.state.value,
        device=agent.device.value,
        since=began,
        wrap_up_until=agent.wrap_up_until,
        wrap_up_latest=agent.wrap_up_latest,
        call=entry.call if entry else "",
        calls=agent.calls,
        busy_ms=agent.busy_ms,
    )


def queues_of(snapshot: Snapshot, titles: Mapping[str, Mapping[str, str]], now: int) -> Queues:
    """All queues of the town, and any other that somebody waits in."""
    waiting: dict[str, list[Entry]] = {name: [] for name in titles}
    for entry in snapshot.entries:
        if entry.state in (EntryState.WAITING, EntryState.OFFERED):
            waiting.setdefault(entry.queue, []).append(entry)
    staffed = sum(agent.staffed for agent in snapshot.agents)
    ready = sum(agent.ready for agent in snapshot.agents)
    return Queues(
        queues=[
            QueueNow(
                name=name,
                title=dict(titles.get(name, {})),
                waiting=len(entries),
                longest_ms=max((max(0, now - entry.since) for entry in entries), default=0),
                staffed=staffed,
                ready=ready,
            )
            for name, entries in waiting.items()
        ]
    )
