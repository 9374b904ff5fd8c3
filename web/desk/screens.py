"""What each agent has on the screen: how they stand, and the call that they are offered, have, or wrap up.

Events say that something changed; what is told is read from the store at that moment. Of one agent it is read by one
piece of work at a time, and again after each change: so what a page was told last is never older than what it was told
before, whatever was slow, and a call whose screen could not be made is shown at the next change."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.events import Event
from queues.model import Agent, AgentState, Entry
from queues.states import Cause
from queues.store.port import StoreAway
from web.desk.messages import Gone, Pop, State, Told

log = logging.getLogger(__name__)

AWAY_S = 0.5
MOST_HAD = 20

GONE: Mapping[str, str] = {
    "entry.withdrawn": "withdrawn",
    "entry.left": "left",
    "entry.interrupted": "interrupted",
    "entry.finished": "finished",
}
"""Events after which the call is not the agent's any more."""
FINISHED = Cause.FINISHED.value


class Store(Protocol):
    """The part of queues.store.port.Store that is used here."""

    async def agent(self, agent: str) -> Agent | None: ...
    async def entry(self, entry: str) -> Entry | None: ...
    async def load_call(self, call: str) -> dict[str, Any] | None: ...


Session = Mapping[str, Any]

MakePop = Callable[[Entry, Session | None, str, Agent], Awaitable[Pop]]
"""From an entry, its call's session as stored, the sentence of why, and the agent who is to take it."""


@dataclass(frozen=True, slots=True)
class Had:
    """A call that an agent had or was offered last."""

    entry: Entry
    session: Session | None
    why: str


class Screens:
    """`say` tells something to all of an agent's pages; `is_open`: they have one; `also` is told after a call was
    shown."""

    def __init__(
        self,
        store: Store,
        make_pop: MakePop,
        say: Callable[[str, Told], None],
        is_open: Callable[[str], bool],
        also: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store, self._make_pop, self._say, self._is_open, self._also = store, make_pop, say, is_open, also
        self._offers: dict[str, tuple[list[str], str]] = {}
        """By entry: whom it is offered, or who has it, and the sentence of why."""
        self._calls: dict[str, deque[str]] = {}
        """By agent, the last calls that they were offered."""
        self._finished: dict[str, Had] = {}
        """By agent, what they are done with: a call, if their own state changes by it."""
        self._ended: dict[str, Had] = {}
        """By agent, the last call that they spoke in and that is over."""
        self._shown: dict[str, Had] = {}
        """By agent, the call that is on the screen, or for which it is being made."""
        self._pops: dict[str, Pop] = {}
        """By agent, the screen that they were shown last."""
        self._due: dict[str, bool] = {}
        """Agents who are to be told how they stand; True: and their call, though it was shown before."""
        self._telling: dict[str, asyncio.Task[None]] = {}
        self._making: dict[str, asyncio.Task[None]] = {}

    def had(self, agent: str, call: str) -> bool:
        """Whether the agent was offered that call not long ago, as far as is known here."""
        return call in self._calls.get(agent, ())

    @property
    def pops(self) -> Mapping[str, Pop]:
        """By agent, the screen that they were shown last."""
        return self._pops

    # --- what happens -------------------------------------------------------------------------------------------

    def recall(self, events: Iterable[Event]) -> None:
        """What happened before this process began, oldest first: a page that is opened in a wrap-up shows the call."""
        entered, arrived = dict[str, Event](), dict[str, Mapping[str, Any]]()
        for event in events:
            if event.kind == "call.arrived":
                arrived[event.call] = event.data
            elif event.kind == "entry.entered":
                entered[event.data["entry"]] = event
            self._note(event)
        for agent, had in self._ended.items():
            self._ended[agent] = as_it_was(had, entered.get(had.entry.id), arrived.get(had.entry.call))

    def heard(self, event: Event) -> None:
        """Something changed."""
        kind, told = event.kind, event.data
        for agent in self._note(event):
            self._say(agent, Gone(call=event.call, reason=GONE[kind]))
        if kind == "entry.offered":
            for agent in asked_by(event):
                self.due(agent, pop=True)
        elif kind.startswith("agent."):
            self.due(str(told["agent"]))

    def _note(self, event: Event) -> list[str]:
        """Gives those whose call it is not any more."""
        kind, told = event.kind, event.data
        if kind == "entry.offered":
            agents = asked_by(event)
            self._offers[told["entry"]] = agents, str(told["why"])
            for agent in agents:
                self._calls.setdefault(agent, deque(maxlen=MOST_HAD)).append(event.call)
        elif kind == "entry.answered":
            _, why = self._offers.get(told["entry"], ([], ""))
            self._offers[told["entry"]] = [told["agent"]], why
        elif kind == "entry.withdrawn" and told["entry"] in self._offers:
            agents, why = self._offers[told["entry"]]
            self._offers[told["entry"]] = [each for each in agents if each != told["agent"]], why
            return [told["agent"]]
        elif kind in GONE:
            agents, why = self._offers.pop(told["entry"], ([], ""))
            if kind == "entry.finished":
                self._finished[told["agent"]] = Had(talked(event), None, why)
            return agents or [agent for agent in (str(told.get("agent", "")),) if agent]
        elif kind == "agent.state" and told["cause"] == FINISHED and told["agent"] in self._finished:
            self._ended[told["agent"]] = self._finished.pop(told["agent"])
        return []

    # --- what is told -------------------------------------------------------------------------------------------

    def due(self, name: str, *, pop: bool = False) -> None:
        """The agent's pages are told how they stand, soon; `pop`: and their call, though it was shown before."""
        if not name or not self._is_open(name):
            return
        self._due[name] = self._due.get(name, False) or pop
        if name not in self._telling:
            self._telling[name] = asyncio.get_running_loop().create_task(self._tell_until_done(name))

    async def _tell_until_done(self, name: str) -> None:
        """A store that is away is waited for; calls are not touched by what goes wrong here."""
        try:
            while (pop := self._due.pop(name, None)) is not None:
                try:
                    await self._tell(name, pop)
                except StoreAway as error:
                    log.warning("%s's desk waits: %s", name, error)
                    self._due[name] = self._due.get(name, False) or pop
                    await asyncio.sleep(AWAY_S)
                except Exception:
                    log.exception("%s's desk was not told", name)
        finally:
            self._telling.pop(name, None)

    async def _tell(self, name: str, pop: bool) -> None:
        agent = await self._store.agent(name)
        if agent is None:
            return
        entry = await self._store.entry(agent.entry) if agent.entry else None
        self._say(name, state_of(agent, entry))
        shown = self._shown.get(name)
        if entry:
            if pop or shown is None or shown.entry.id != entry.id:
                _, why = self._offers.get(entry.id, ([], ""))
                self._show(agent, Had(entry, await self._store.load_call(entry.call), why))
        elif agent.state is AgentState.WRAP_UP and (ended := self._ended.get(name)):
            if shown is None or shown.entry.id != ended.entry.id:
                session = await self._store.load_call(ended.entry.call)
                self._show(agent, replace(ended, session=session or ended.session))
            elif pop:
                self._show(agent, shown)
        elif (making := self._making.get(name)) and making.cancel():
            self._shown.pop(name, None)  # the call went elsewhere before it could be shown

    def _show(self, agent: Agent, had: Had) -> None:
        """Soon, in the place of what is being made."""
        if former := self._making.get(agent.id):
            former.cancel()
        self._shown[agent.id] = had
        self._making[agent.id] = asyncio.get_running_loop().create_task(self._make(agent, had))

    async def _make(self, agent: Agent, had: Had) -> None:
        name, entry = agent.id, had.entry
        try:
            self._pops[name] = pop = await self._make_pop(entry, had.session, had.why, agent)
        except Exception:
            log.exception("%s was not shown call %s", name, entry.call)
            if self._shown.get(name) is had:
                del self._shown[name]
            return
        self._say(name, pop)
        if (ended := self._ended.get(name)) and ended.entry.id == entry.id:
            self._say(name, Gone(call=entry.call, reason=GONE["entry.finished"]))
        try:
            await self._also(name)
        except StoreAway as error:
            log.warning("%s's desk was not told whom they ask: %s", name, error)


def asked_by(event: Event) -> list[str]:
    """Whom an entry.offered rings."""
    return [str(event.data["agent"]), *(str(each["agent"]) for each in event.data.get("beside") or ())]


def talked(event: Event) -> Entry:
    """What an entry.finished says of its entry, which the store does not have any more."""
    told, at = event.data, event.at - int(event.data.get("talk_ms") or 0)
    return Entry(told["entry"], event.call, told["queue"], since=at, entered=at, offered_at=at)


def as_it_was(had: Had, entered: Event | None, said: Mapping[str, Any] | None) -> Had:
    """With what its other events say of it. `said`: by its call.arrived."""
    entry, session = had.entry, had.session
    if entered:
        told = entered.data
        entry = replace(entry, since=told["since"], priority=told["priority"], requirement=told["requirement"])
    if said:
        session = {"session": {"caller": dict(said), "language": said.get("language", "")}}
    return Had(entry, session, had.why)


def since(agent: Agent) -> int:
    """From when on they are idle, or were offered the call that they have."""
    return agent.idle_since if agent.state in (AgentState.IDLE, AgentState.NOT_RESPONDING) else agent.offered_at


def state_of(agent: Agent, entry: Entry | None) -> State:
    return State(
        status=agent.status.value,
        reason=agent.reason,
        state=agent.state.value,
        device=agent.device.value,
        since=since(agent),
        wrap_up_until=agent.wrap_up_until,
        wrap_up_latest=agent.wrap_up_latest,
        call=entry.call if entry else "",
        calls=agent.calls,
        busy_ms=agent.busy_ms,
    )
