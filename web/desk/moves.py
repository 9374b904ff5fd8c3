"""Moving a call: where an agent may send the caller they talk with, checked as things stand, and stated.

What is wanted is one commit of the store (queues.store.port.Store.direct); the engine that holds the call does it. A
target that cannot be reached now is refused with a word that the page has a sentence for, and nothing is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.clock import Clock
from core.ids import NewId
from history.staff import Staff
from history.statements import Statements
from queues.control import NotNow
from queues.model import Agent, AgentState, Device, Entry, EntryState, Snapshot, Status
from queues.store.port import Store
from web.desk import messages as m

IN_TALK = (AgentState.TALKING, AgentState.HOLD)


class MoveRefused(NotNow):
    """It cannot be done as things stand. `word`: the page's sentence for it is `error_<word>`."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.word = word


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A service of the town's directory. `allowed`: the settings allow to dial it."""

    name: str
    title: Mapping[str, str]
    open: bool
    allowed: bool


class Services(Protocol):
    """The directory of the town that is live."""

    async def all(self) -> Sequence[ServicePlace]:
        """Those that have a number, in the directory's order."""


@dataclass(frozen=True, slots=True)
class Moves:
    """`queues` names those of the town that is live; `tell` says something to all the pages of an agent."""

    store: Store
    queues: Callable[[], Mapping[str, Any]]
    services: Services
    statements: Statements
    clock: Clock
    new_id: NewId
    tell: Callable[[str, m.Told], None]

    async def targets(self, agent: str) -> None:
        """Tell the agent to whom a call may be sent just now."""
        snapshot, services = await self.store.snapshot(), await self.services.all()
        agents = [
            m.AgentTarget(id=each.id, name=each.name or each.id, state=standing(each))
            for each in sorted(snapshot.agents, key=lambda each: (each.name, each.id))
            if each.id != agent
        ]
        places = [m.ServiceTarget(name=s.name, title=dict(s.title), open=s.open, allowed=s.allowed) for s in services]
        self.tell(agent, m.Targets(agents=agents, services=places))

    async def send(self, staff: Staff, agent: str, ask: m.MoveTo) -> None:
        """The caller goes there, or is to. Raises MoveRefused."""
        entry = await self.conversation(agent, ask.call)
        await self._check(agent, ask.to)
        onward = {"id": self.new_id(), "how": ask.how, "to": ask.to, "author": agent, "keep_place": ask.keep_place}
        await self.direct(entry, agent, onward)
        if ask.cause:
            await self._state_reason(staff, entry, ask)

    async def direct(self, entry: Entry, agent: str, onward: Mapping[str, Any]) -> None:
        if await self.store.direct(entry.id, agent, onward, self.clock()):
            raise MoveRefused("no_conversation", f"Call {entry.call} is not with {agent} any more.")

    async def conversation(self, agent: str, call: str) -> Entry:
        """The entry of the call that they talk in."""
        known = await self.store.agent(agent)
        entry = await self.store.entry(known.entry) if known and known.entry else None
        if entry is None or entry.call != call or entry.state is not EntryState.CONNECTED:
            raise MoveRefused("no_conversation", f"{agent} does not talk in call {call}.")
        return entry

    async def _check(self, agent: str, to: str) -> None:
        kind, _, name = to.partition(":")
        match kind:
            case "queue":
                check_queue(name, self.queues(), await self.store.snapshot())
            case "agent":
                check_agent(name, agent, await self.store.agent(name))
            case "service":
                check_service(name, await self.services.all())
            case _:
                raise MoveRefused("unknown_target", f"{to!r} is no agent, queue or service.")

    async def _state_reason(self, staff: Staff, entry: Entry, ask: m.MoveTo) -> None:
        """That the caller was at the wrong place; `flow`: the last step that they came through misled them."""
        step = ""
        if ask.cause == "flow":
            session = (await self.store.load_call(entry.call) or {}).get("session", {})
            step = str((session.get("path") or [""])[-1])
        came_from = f"queue:{entry.queue}"
        await self.statements.reorient(staff.id, entry.call, came_from, ask.to, ask.cause, step=step)


def standing(agent: Agent) -> str:
    """What an agent is to those who would send them somebody."""
    if agent.status is Status.OFFLINE or agent.device is Device.UNREACHABLE:
        return "away"
    if agent.status is Status.PAUSED or agent.state is AgentState.NOT_RESPONDING:
        return "paused"
    return "free" if agent.state is AgentState.IDLE else "busy"


def check_agent(name: str, asks: str, agent: Agent | None) -> None:
    """Somebody who talks is waited for; who is on a break is not."""
    if agent is None:
        raise MoveRefused("unknown_target", f"There is no agent {name!r} at work.")
    if name == asks:
        raise MoveRefused("own_target", f"{name} has the call already.")
    if standing(agent) in ("away", "paused"):
        raise MoveRefused("target_away", f"{name} takes no calls now.")


def check_queue(name: str, queues: Mapping[str, Any], snapshot: Snapshot) -> None:
    if name not in queues:
        raise MoveRefused("unknown_target", f"There is no queue {name!r}.")
    if name in snapshot.closed:
        raise MoveRefused("target_closed", f"The queue {name} is closed.")


def check_service(name: str, services: Sequence[ServicePlace]) -> None:
    service = next((each for each in services if each.name == name), None)
    if service is None:
        raise MoveRefused("unknown_target", f"There is no service {name!r} with a number.")
    if not service.open:
        raise MoveRefused("target_closed", f"The service {name} is closed.")
    if not service.allowed:
        raise MoveRefused("not_allowed", f"The settings do not allow to dial the service {name}.")
