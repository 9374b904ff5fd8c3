"""What happens in the house, brought to the desks that it concerns: one reader of the event stream for all of them.

The stream says when something changed; what is told is read from the store at that moment, so that a desk that comes
later, or again, is told the same."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.clock import Clock
from core.events import Event
from queues.control import QueueTerms, turn
from queues.model import IN_LINE, Agent, Entry, EntryState, Snapshot
from queues.standing import queues_now
from queues.store.port import StoreAway
from web.desk.asking import Askings
from web.desk.messages import (
    AgentLine,
    Beat,
    Board,
    Choices,
    Parked,
    ParkedLine,
    Pop,
    QueueLine,
    Queues,
    Story,
    Told,
    WaitingLine,
)
from web.desk.screens import AWAY_S, MakePop, Screens, since

log = logging.getLogger(__name__)

WAIT_MS = 2_000
MOST_EVENTS = 1_000
QUEUES_EVERY_S = 0.5
"""However much happens, the lengths of the queues are told twice a second at most."""
BEAT_S = 2.0
"""How often each page is told that the way to it is open."""
AT_ONCE = 25
"""Pages that are told one thing before whatever else is due: a call that comes is not behind a whole house's beat."""
MOST_RECALLED = 10_000
"""Events before the first that are read, to know of the calls that agents wrap up."""
BEAT = Beat()


class Store(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def snapshot(self) -> Snapshot: ...
    async def follow(self, after: str, wait_ms: int, most: int = 1000) -> list[tuple[str, Event]]: ...
    async def recent(self, most: int, until: str) -> list[Event]: ...
    async def agent(self, agent: str) -> Agent | None: ...
    async def entry(self, entry: str) -> Entry | None: ...
    async def load_call(self, call: str) -> dict[str, Any] | None: ...


class Desk(Protocol):
    """A page that is open. `agent` is the one who sits there, or ""; `watches`: they may see all agents."""

    agent: str
    watches: bool

    def tell(self, told: Told) -> None:
        """Never waits."""


Said = Callable[[str, str, str], Mapping[str, str]]
"""From a version of the town, a flow and a step of it: its words by language, as far as they are known."""


def nothing_said(_version: str, _flow: str, _step: str) -> Mapping[str, str]:
    return {}


NONE_TO_CHOOSE = Choices(reasons=[], codes=[], topics=[])


@dataclass(frozen=True, slots=True)
class Town:
    """The town that is live: what its queues' files say, with their titles and guides by language, and what the steps
    of its flows say."""

    queues: Mapping[str, QueueTerms]
    titles: Mapping[str, Mapping[str, str]]
    guides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    said: Said = nothing_said
    choices: Choices = NONE_TO_CHOOSE

    def title(self, queue: str) -> dict[str, str]:
        return dict(self.titles.get(queue, {}))


Towns = Callable[[], Town]


class Hub:
    """`run` until cancelled; desks come and go by `join` and `leave`."""

    def __init__(self, store: Store, clock: Clock, make_pop: MakePop, towns: Towns) -> None:
        self._store, self._clock, self._towns = store, clock, towns
        self._desks: dict[str, set[Desk]] = {}
        """By agent; "" for those who are none."""
        self._choices: Choices | None = None
        self._askings = Askings(store, self.tell)
        self._screens = Screens(store, make_pop, self.tell, self._desks.__contains__, self._askings.tell)
        self._parked = Parked(calls=[])
        self._queues: Queues | None = None
        self._board: Board | None = None
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """A store that is away is waited for; what happened meanwhile is told after."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._count())
            tasks.create_task(self._beat())

    def join(self, desk: Desk) -> None:
        """The desk is told how things stand, and all that changes from now on."""
        self._desks.setdefault(desk.agent, set()).add(desk)
        if self._queues:
            desk.tell(self._queues)
        if desk.watches:
            self._news.set()
            if self._board:
                desk.tell(self._board)
        if desk.agent:
            desk.tell(self._parked)
            self._screens.due(desk.agent, pop=True)

    def leave(self, desk: Desk) -> None:
        self._desks.get(desk.agent, set()).discard(desk)
        if not self._desks.get(desk.agent):
            self._desks.pop(desk.agent, None)

    def had(self, agent: str, call: str) -> bool:
        """Whether the agent was offered that call not long ago, as far as is known here."""
        return self._screens.had(agent, call)

    def shown(self, call: str) -> Pop | None:
        """The call as it was shown to whoever has it on the screen."""
        return next((pop for pop in self._screens.pops.values() if pop.call == call), None)

    def retell(self, call: str, story: dict[str, Any]) -> None:
        """What is known of that call now, to those who have it on the screen."""
        for agent, pop in self._screens.pops.items():
            if pop.call == call:
                self.tell(agent, Story(call=call, story=story))

    # --- the stream ---------------------------------------------------------------------------------------------

    async def _follow(self) -> None:
        cursor: str | None = None
        while True:
            try:
                if cursor is None:
                    cursor = (await self._store.snapshot()).cursor
                    self._screens.recall(await self._store.recent(MOST_RECALLED, cursor))
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
            self._screens.due(agent, pop=True)

    def _heard(self, event: Event) -> None:
        if event.kind.startswith(("entry.", "agent.", "queue.", "town.")):
            self._news.set()
        if (asks := self._askings.concerns(event)) in self._desks:
            self._soon(self._askings.tell(asks))
        self._screens.heard(event)

    # --- what is told -------------------------------------------------------------------------------------------

    def tell(self, agent: str, told: Told) -> None:
        """To all of the agent's pages."""
        for desk in self._desks.get(agent, ()):
            desk.tell(told)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            await self._tell_each(BEAT, lambda _: True)

    async def _count(self) -> None:
        """The queues' lengths, when they may have changed."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                snapshot = await self._store.snapshot()
            except StoreAway:
                self._news.set()
                await asyncio.sleep(AWAY_S)
                continue
            await self._tell_choices()
            if (parked := parked_of(snapshot)) != self._parked:
                self._parked = parked
                await self._tell_each(parked, lambda desk: bool(desk.agent))
            if (queues := queues_of(snapshot, self._towns(), self._clock())) != self._queues:
                self._queues = queues
                await self._tell_each(queues, lambda _: True)
            await asyncio.sleep(0)
            await self._tell_board(snapshot)
            await asyncio.sleep(QUEUES_EVERY_S)

    async def _tell_board(self, snapshot: Snapshot) -> None:
        """To those who watch; where nobody does it is not made."""
        watched = any(desk.watches for some in self._desks.values() for desk in some)
        board = board_of(snapshot) if watched else None
        if board != self._board:
            self._board = board
            if board:
                await self._tell_each(board, lambda desk: desk.watches)

    async def _tell_choices(self) -> None:
        """To all, where another town is live than the last time."""
        before, self._choices = self._choices, self._towns().choices
        if before is not None and self._choices != before:
            await self._tell_each(self._choices, lambda _: True)

    async def _tell_each(self, told: Told, whom: Callable[[Desk], bool]) -> None:
        """Some pages at a time. Who joins meanwhile was told by `join`."""
        desks = [desk for some in self._desks.values() for desk in some if whom(desk)]
        for number, desk in enumerate(desks, 1):
            desk.tell(told)
            if not number % AT_ONCE:
                await asyncio.sleep(0)

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


def parked_of(snapshot: Snapshot) -> Parked:
    """Callers whom agents parked, and nobody has taken yet."""
    names = {agent.id: agent.name for agent in snapshot.agents}
    parked = [e for e in snapshot.entries if e.parked and e.state is EntryState.ASIDE and not e.onward]
    return Parked(
        calls=[
            ParkedLine(
                slot=e.parked["slot"],
                call=e.call,
                queue=e.queue,
                by=e.parked["by"],
                name=names.get(e.parked["by"], ""),
                since=e.entered,
                until=e.parked["until"],
            )
            for e in sorted(parked, key=lambda e: int(e.parked["slot"]))
        ]
    )


def queues_of(snapshot: Snapshot, town: Town, now: int) -> Queues:
    """All queues of the town, and any other that somebody waits in."""
    standing = queues_now(snapshot, {name: queue.terms({}) for name, queue in town.queues.items()}, now)
    return Queues(
        queues=[
            QueueLine(
                name=each.queue,
                title=town.title(each.queue),
                closed=each.closed,
                waiting=each.waiting,
                talking=each.talking,
                longest_ms=each.longest_wait_ms,
                staffed=each.staffed,
                idle=each.idle,
            )
            for each in standing
        ]
    )


def board_of(snapshot: Snapshot) -> Board:
    entries = {entry.id: entry for entry in snapshot.entries}
    in_line = [entry for entry in snapshot.entries if entry.state in IN_LINE]
    return Board(
        agents=[
            AgentLine(
                id=agent.id,
                name=agent.name,
                extension=agent.extension,
                status=agent.status.value,
                reason=agent.reason,
                state=agent.state.value,
                device=agent.device.value,
                since=since(agent),
                queue=entries[agent.entry].queue if agent.entry in entries else "",
                calls=agent.calls,
            )
            for agent in sorted(snapshot.agents, key=lambda agent: agent.extension)
        ],
        waiting=[
            WaitingLine(call=e.call, queue=e.queue, since=e.since, priority=e.priority, agent=e.agent)
            for e in sorted(in_line, key=turn)
        ],
    )
