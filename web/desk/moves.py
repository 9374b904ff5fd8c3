"""Moving a call: where an agent may send the caller they talk with, checked as things stand, and stated.

What is wanted is one commit of the store (queues.store.port.Store.direct); the engine that holds the call does it. A
target that cannot be reached now is refused with a word that the page has a sentence for, and nothing is changed."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

from core.clock import Clock
from core.events import Event
from core.ids import NewId
from history.staff import Staff
from history.statements import Statements
from queues.control import NotNow
from queues.model import Agent, AgentState, Device, Entry, EntryState, Kind, Snapshot, Status
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
    """A service of the town's directory. `allowed`: the settings allow to dial it; `told`: it may know what calls are
    about."""

    name: str
    title: Mapping[str, str]
    open: bool
    allowed: bool
    told: bool = False


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
    numbers: Callable[[str], Awaitable[tuple[str, str]]]
    """The number of a contact's citizen, or "", and the contact's queue, or ""."""
    may_call: Callable[[str], bool]
    """Whether agents may dial that number."""
    matter: Callable[[str], Awaitable[Mapping[str, str]]]
    """What agents said a contact is about, for a service to know: `topic` and the number of its `case`, as far as they
    said so."""

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
        told = await self._check(agent, ask.to)
        onward = {"id": self.new_id(), "how": ask.how, "to": ask.to, "author": agent, "keep_place": ask.keep_place}
        await self._check_free_to_move(agent, entry)
        if told:
            onward |= await self.matter(entry.call)
        if ask.how == "consult":
            onward["consult"] = f"{entry.call}-{onward['id']}"
        await self.direct(entry, agent, onward)
        if ask.cause:
            await self._state_reason(staff, entry, ask)

    async def park(self, agent: str, call: str) -> None:
        """The caller into the first free slot. Raises MoveRefused."""
        entry = await self.conversation(agent, call)
        await self._check_free_to_move(agent, entry)
        taken = {each.parked["slot"] for each in (await self.store.snapshot()).entries if each.parked}
        slot = next(slot for slot in count(1) if slot not in taken)
        onward = {"id": self.new_id(), "how": "park", "to": f"park:{slot}", "author": agent, "keep_place": True}
        await self.direct(entry, agent, onward)

    async def take(self, agent: str, call: str) -> None:
        """The caller who is parked comes to this agent, who has to be free. Raises MoveRefused."""
        snapshot = await self.store.snapshot()
        entry = next((each for each in snapshot.entries if each.parked and each.call == call), None)
        if entry is None or entry.onward:
            raise MoveRefused("not_parked", f"Call {call} is not parked any more.")
        known = next((each for each in snapshot.agents if each.id == agent), None)
        if known is None or not known.ready:
            raise MoveRefused("not_free", f"{agent} is not free to take a call.")
        onward = {"id": self.new_id(), "how": "take", "to": f"agent:{agent}", "author": entry.parked["by"]}
        if await self.store.direct(entry.id, agent, onward, self.clock()):
            raise MoveRefused("not_parked", f"Call {call} is not parked any more.")

    async def call_back(self, agent: str, contact: str) -> None:
        """The agent's phone rings, then the citizen's of that contact. Raises MoveRefused."""
        number, queue = await self.numbers(contact)
        if not number or not self.may_call(number):
            raise MoveRefused("no_way_back", f"The number of contact {contact} is withheld, or may not be dialled.")
        known = await self.store.agent(agent)
        if known is None or not known.ready:
            raise MoveRefused("not_free", f"{agent} is not free to call anybody.")
        node = next((each.name for each in await self.store.nodes() if each.asterisk == known.asterisk), "")
        queue = queue if queue in self.queues() else next(iter(self.queues()), "")
        if not node or not queue:
            raise MoveRefused("away", "No engine takes calls now.")
        now, call = self.clock(), self.new_id()
        told = {"number": number, "name": "", "withheld": False, "dialled": "", "flow": "", "version": "",
                "language": "", "asterisk": known.asterisk, "channel": "", "medium": "callback"}  # fmt: skip
        await self.store.emit([Event(f"{call}-arrived", "call.arrived", now, call, told)])
        terms = {**self.queues()[queue].terms({}), "members": {agent: {}}, "requirement": [{}]}
        entry = Entry(id=f"{call}-1", call=call, queue=queue, since=now, entered=now, kind=Kind.CALLBACK, file=number,
                      node=node, asterisk=known.asterisk, **terms)  # fmt: skip
        await self.store.enqueue(entry)

    async def _check_free_to_move(self, agent: str, entry: Entry) -> None:
        asking = asking_state(entry, await self._asked(entry.onward)) in ("waiting", "ringing", "reached", "joined")
        if entry.kind is not Kind.CALL or asking:
            raise MoveRefused("asking_now", f"{agent} asks somebody, or is asked.")

    async def consulted(self, agent: str, ask: m.Consulted) -> None:
        """What becomes of the caller once somebody was asked. Raises MoveRefused."""
        entry = await self.conversation(agent, ask.call)
        onward, state = entry.onward, asking_state(entry, await self._asked(entry.onward))
        if state in ("", "back"):
            raise MoveRefused("not_asking", f"{agent} asks nobody.")
        if ask.then != "cancel" and state not in ("reached", "joined"):
            raise MoveRefused("not_reached", f"{onward['to']} has not answered yet.")
        await self.direct(entry, agent, {**onward, "id": self.new_id(), "how": ask.then})

    async def _asked(self, onward: Mapping[str, Any]) -> Entry | None:
        return await self.store.entry(str(onward.get("consult", "")))

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

    async def _check(self, agent: str, to: str) -> bool:
        """Whether whoever picks up there may know what the call is about."""
        kind, _, name = to.partition(":")
        match kind:
            case "queue":
                check_queue(name, self.queues(), await self.store.snapshot())
            case "agent":
                check_agent(name, agent, await self.store.agent(name))
            case "service":
                return check_service(name, await self.services.all()).told
            case _:
                raise MoveRefused("unknown_target", f"{to!r} is no agent, queue or service.")
        return False

    async def _state_reason(self, staff: Staff, entry: Entry, ask: m.MoveTo) -> None:
        """That the caller was at the wrong place; `flow`: the last step that they came through misled them."""
        step = ""
        if ask.cause == "flow":
            session = (await self.store.load_call(entry.call) or {}).get("session", {})
            step = str((session.get("path") or [""])[-1])
        came_from = f"queue:{entry.queue}"
        await self.statements.reorient(staff.id, entry.call, came_from, ask.to, ask.cause, step=step)


def asking_state(entry: Entry, asked: Entry | None) -> str:
    """Of an agent who asks somebody, by the entry of their caller and the one of whom they asked."""
    how = entry.onward.get("how")
    if how == "cancel":
        return "back"
    if how == "join":
        gone = asked is None and not str(entry.onward["to"]).startswith("service:")
        return "back" if gone else "joined"
    if how != "consult":
        return ""
    if asked is None:
        return "reached" if entry.onward.get("answered") else "waiting"
    return {EntryState.CONNECTED: "reached", EntryState.OFFERED: "ringing"}.get(asked.state, "waiting")


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


def check_service(name: str, services: Sequence[ServicePlace]) -> ServicePlace:
    service = next((each for each in services if each.name == name), None)
    if service is None:
        raise MoveRefused("unknown_target", f"There is no service {name!r} with a number.")
    if not service.open:
        raise MoveRefused("target_closed", f"The service {name} is closed.")
    if not service.allowed:
        raise MoveRefused("not_allowed", f"The settings do not allow to dial the service {name}.")
    return service
