"""The store's twin in memory: for tests, the simulator and the previews of flows."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from core.clock import Clock, wall_clock
from core.events import Event, Unread
from core.ids import NewId, random_id
from queues.model import (
    Agent,
    AwayMessage,
    Device,
    DirectMessage,
    Entry,
    EntryState,
    Node,
    Notice,
    OfferMessage,
    Proposal,
    Refusal,
    RuleMessage,
    Setback,
    Snapshot,
    Status,
    Terms,
)  # fmt: skip
from queues.overflow.deeds import Deed
from queues.store.agent_commits import copied_agent
from queues.store.commits import copied_entry, message
from queues.store.memory_stream import MemoryStream
from queues.store.overflow_commits import OverflowCommits
from queues.store.port import DISPATCHER, Cursor, Greeting, Read, Recalled

MOST_IN_INBOX = 1_000


@dataclass(slots=True)
class _Lease:
    holder: str = ""
    until: int = 0
    fence: int = 0


class MemoryStore:
    """Nothing is shared with the caller: what goes in and comes out is copied. `clock` serves leases and trimming."""

    def __init__(self, clock: Clock = wall_clock, new_id: NewId = random_id) -> None:
        self._clock = clock
        self._events: MemoryStream[Event] = MemoryStream(clock)
        self._commits = OverflowCommits(self._events.append, new_id)
        self._switches: dict[str, str] = {}
        self._calls: dict[str, str] = {}
        self._leases: dict[str, _Lease] = defaultdict(_Lease)
        self._inboxes: dict[str, MemoryStream[Notice]] = defaultdict(lambda: MemoryStream(clock, MOST_IN_INBOX))

        self._topics: dict[str, MemoryStream[str]] = defaultdict(lambda: MemoryStream(clock, 1))
        self._nodes: dict[str, tuple[str, int]] = {}
        """By name: the Asterisk, and when it was last heard of."""
        self._begun = 0
        self._agents_told = False
        self._told: set[str] = set()
        """The Asterisks of which the history's word was told again."""
        self._new_id = new_id

    # --- entries ------------------------------------------------------------------------------------------------

    async def enqueue(self, entry: Entry) -> bool:
        return self._commits.enqueue(copied_entry(entry))

    async def adopt(self, entry: str, node: str, channel: str) -> tuple[Entry, OfferMessage | None] | None:
        kept = self._commits.entries.get(entry)
        if kept is None:
            return None
        kept.node, kept.channel = node, channel
        offered = kept.state is EntryState.OFFERED
        return copied_entry(kept), message(kept, self._commits.agents) if offered else None

    async def restore(self, entry: Entry, at: int) -> bool:
        return self._commits.restore(copied_entry(entry), at)

    async def entry(self, entry: str) -> Entry | None:
        kept = self._commits.entries.get(entry)
        return copied_entry(kept) if kept else None

    async def leave(self, entry: str, reason: str, at: int) -> Refusal | None:
        return self._commits.leave(entry, reason, at)

    async def move(
        self, entry: str, queue: str, terms: Terms, keep_place: bool, reason: str, author: str, at: int
    ) -> Refusal | None:
        return self._commits.move(entry, queue, deepcopy(terms), keep_place, reason, author, at)

    async def prioritise(self, entry: str, priority: int, reason: str, author: str, at: int) -> Refusal | None:
        return self._commits.prioritise(entry, priority, reason, author, at)

    async def send_away(self, entry: str, reason: str, author: str, at: int) -> Refusal | None:
        done = self._commits.send_away(entry, reason, author, at)
        if isinstance(done, AwayMessage):
            self._inboxes[self._commits.entries[entry].node].append(done)
            return None
        return done

    async def overflow(self, fence: int, deeds: Sequence[Deed]) -> list[Refusal | None]:
        if fence != self._leases[DISPATCHER].fence:
            return [Refusal.STALE_FENCE] * len(deeds)
        return [self._overflow(deepcopy(deed)) for deed in deeds]

    def _overflow(self, deed: Deed) -> Refusal | None:
        done = self._commits.overflow(deed)
        if isinstance(done, RuleMessage):
            self._inboxes[self._commits.entries[deed.entry].node].append(done)
            return None
        return done

    async def step_aside(self, entry: str, reason: str, at: int) -> Refusal | None:
        return self._commits.step_aside(entry, reason, at)

    async def come_back(self, entry: str, at: int) -> Refusal | None:
        return self._commits.come_back(entry, at)

    # --- queues -------------------------------------------------------------------------------------------------

    async def close_queue(self, queue: str, author: str, at: int) -> None:
        self._commits.close_queue(queue, author, at)

    async def open_queue(self, queue: str, author: str, at: int) -> None:
        self._commits.open_queue(queue, author, at)

    # --- offers -------------------------------------------------------------------------------------------------

    async def offer(self, fence: int, proposals: Sequence[Proposal]) -> list[Refusal | None]:
        if fence != self._leases[DISPATCHER].fence:
            return [Refusal.STALE_FENCE] * len(proposals)
        return [self._offer(proposal) for proposal in proposals]

    def _offer(self, proposal: Proposal) -> Refusal | None:
        known = self._commits.entries.get(proposal.entry)
        before = known.offer if known else ""
        refusal = self._commits.offer(proposal)
        if known and known.offer != before and known.state is EntryState.OFFERED:
            self._inboxes[known.node].append(message(known, self._commits.agents))
        return refusal

    async def ringing(self, entry: str, offer: str, at: int) -> Refusal | None:
        return self._commits.ringing(entry, offer, at)

    async def answer(self, entry: str, offer: str, at: int) -> Refusal | None:
        return self._commits.answer(entry, offer, at)

    async def withdraw(self, entry: str, offer: str, setback: Setback, at: int) -> Refusal | None:
        return self._commits.withdraw(entry, offer, setback, at)

    async def interrupt(self, entry: str, offer: str, prefer_ms: int, at: int) -> Refusal | None:
        return self._commits.interrupt(entry, offer, prefer_ms, at)

    async def direct(self, entry: str, agent: str, onward: Mapping[str, Any], at: int) -> Refusal | None:
        done = self._commits.direct(entry, agent, deepcopy(dict(onward)), at)
        if isinstance(done, DirectMessage):
            self._inboxes[self._commits.entries[entry].node].append(done)
            return None
        return done

    async def hand_over(self, entry: str, former: str, at: int) -> Refusal | None:
        return self._commits.hand_over(entry, former, at)

    async def finish(self, entry: str, talk_ms: int, at: int, onward: str | None = None) -> Refusal | None:
        return self._commits.finish(entry, talk_ms, at, onward)

    async def hold(self, entry: str, held: bool, at: int) -> Refusal | None:
        return self._commits.hold(entry, held, at)

    # --- agents -------------------------------------------------------------------------------------------------

    async def put_agent(self, agent: Agent, at: int, author: str = "") -> None:
        self._commits.put_agent(agent, at, author)

    async def remove_agent(self, agent: str, at: int, author: str = "") -> None:
        self._commits.remove_agent(agent, at, author)

    async def agent(self, agent: str) -> Agent | None:
        known = self._commits.agents.get(agent)
        return copied_agent(known) if known else None

    async def set_status(self, agent: str, status: Status, reason: str, author: str, at: int) -> Refusal | None:
        return self._commits.set_status(agent, status, reason, author, at)

    async def set_holds(self, agent: str, holds: int, author: str, at: int) -> Refusal | None:
        return self._commits.set_holds(agent, holds, author, at)

    async def set_device(self, agent: str, device: Device, at: int, asterisk: str = "") -> Refusal | None:
        return self._commits.set_device(agent, device, at, asterisk)

    async def end_wrap_up(self, agent: str, at: int) -> Refusal | None:
        return self._commits.end_wrap_up(agent, at)

    async def cut_wrap_up(self, agent: str, author: str, at: int) -> Refusal | None:
        return self._commits.cut_wrap_up(agent, author, at)

    async def extend_wrap_up(self, agent: str, until: int, at: int, author: str = "") -> Refusal | None:
        return self._commits.extend_wrap_up(agent, until, at, author)

    async def code(self, agent: str, outcome: str, at: int, author: str = "") -> Refusal | None:
        return self._commits.code(agent, outcome, at, author)

    # --- calls --------------------------------------------------------------------------------------------------

    async def save_call(self, call: str, session: Mapping[str, Any], events: Sequence[Event] = ()) -> None:
        self._calls[call] = json.dumps(session)
        await self.emit(events)

    async def load_call(self, call: str) -> dict[str, Any] | None:
        kept = self._calls.get(call)
        return None if kept is None else dict(json.loads(kept))

    async def drop_call(self, call: str, events: Sequence[Event] = ()) -> bool:
        if self._calls.pop(call, None) is None:
            return False
        await self.emit(events)
        return True

    async def live_calls(self) -> dict[str, dict[str, Any]]:
        return {call: json.loads(session) for call, session in self._calls.items()}

    async def emit(self, events: Sequence[Event]) -> None:
        for event in events:
            self._events.append(event)

    # --- switches of opening hours ------------------------------------------------------------------------------

    async def set_switch(self, name: str, switch: Mapping[str, Any] | None, events: Sequence[Event]) -> None:
        if switch:
            self._switches[name] = json.dumps(switch)
        else:
            self._switches.pop(name, None)
        await self.emit(events)

    async def switches(self) -> dict[str, dict[str, Any]]:
        return {name: json.loads(switch) for name, switch in self._switches.items()}

    # --- nodes --------------------------------------------------------------------------------------------------

    async def announce(self, node: str, asterisk: str, at: int) -> Greeting:
        fresh = not self._begun
        if fresh:
            self._begun = self._clock()
            self._told, self._agents_told = set(), False
            self._events.append(Event(self._new_id(), "store.begun", at, data={"node": node}))
        if node not in self._nodes:
            self._events.append(Event(self._new_id(), "node.joined", at, data={"node": node, "asterisk": asterisk}))
        self._nodes[node] = asterisk, self._clock()
        return Greeting(self._begun, fresh, asterisk in self._told)

    async def retell(self, begun: int, node: str, asterisk: str, recalled: Recalled, at: int) -> bool:
        if begun != self._begun or asterisk in self._told:
            return False
        self._told.add(asterisk)
        closed = [queue for queue in recalled.closed if queue not in self._commits.closed]
        for queue in closed:
            self._commits.close_queue(queue, recalled.closed[queue], at)
        switches = [name for name in recalled.switches if name not in self._switches]
        for name in switches:
            says, kind, data = recalled.switches[name]
            await self.set_switch(name, says, [Event(self._new_id(), kind, at, "", data)])
        entries = [self._commits.restore(copied_entry(entry), at) for entry in recalled.entries]
        counts = {"entries": sum(entries), "closed": len(closed), "switches": len(switches)}
        told = {"node": node, "asterisk": asterisk, **counts}
        self._events.append(Event(self._new_id(), "store.told", at, data=told))
        return True

    async def agents_told(self, begun: int, node: str, known: bool, at: int) -> bool:
        if begun != self._begun or self._agents_told:
            return False
        self._agents_told = True
        self._events.append(Event(self._new_id(), "store.agents_told", at, data={"node": node, "known": known}))
        return True

    async def nodes(self) -> list[Node]:
        now = self._clock()
        return [Node(name, asterisk, max(0, now - seen)) for name, (asterisk, seen) in sorted(self._nodes.items())]

    async def forget_node(self, node: str, reason: str, at: int) -> bool:
        asterisk, _ = self._nodes.pop(node, ("", 0))
        if asterisk:
            told = {"node": node, "asterisk": asterisk, "reason": reason}
            self._events.append(Event(self._new_id(), "node.left", at, data=told))
        return bool(asterisk)

    # --- the dispatcher's lease ---------------------------------------------------------------------------------

    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> int | None:
        lease, now = self._leases[name], self._clock()
        if lease.until <= now:
            lease.holder, lease.fence = holder, max(lease.fence + 1, now)
        elif lease.holder != holder:
            return None
        lease.until = now + ttl_ms
        return lease.fence

    async def release_lease(self, name: str, holder: str) -> None:
        if self._leases[name].holder == holder:
            self._leases[name].until = 0

    # --- streams ------------------------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        entries = tuple(copied_entry(entry) for entry in self._commits.entries.values())
        agents = tuple(copied_agent(agent) for agent in self._commits.agents.values())
        closed = frozenset(self._commits.closed)
        return Snapshot(entries, agents, self._events.cursor, closed, self._begun, self._agents_told)

    async def follow(self, after: Cursor, wait_ms: int, most: int = 1000) -> list[tuple[Cursor, Event]]:
        return await self._events.read(after, wait_ms, most)

    async def recent(self, most: int, until: Cursor) -> list[Event]:
        return self._events.last(most, until)

    async def inbox(self, node: str, after: Cursor, wait_ms: int) -> list[tuple[Cursor, Notice]]:
        return await self._inboxes[node].read(after, wait_ms, MOST_IN_INBOX)

    async def nudge(self, topic: str) -> None:
        self._topics[topic].append(topic)

    async def nudged(self, topic: str, after: Cursor, wait_ms: int) -> Cursor:
        news = await self._topics[topic].read(after, wait_ms, MOST_IN_INBOX)
        return news[-1][0] if news else after

    async def join_group(self, group: str) -> None:
        self._events.join(group)

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> Read:
        read = await self._events.read_group(group, consumer, wait_ms, most)
        return [(cursor, event or Unread("")) for cursor, event in read]

    async def acknowledge(self, group: str, cursors: Sequence[Cursor]) -> None:
        self._events.acknowledge(group, cursors)

    async def group_lag(self, group: str) -> int:
        return self._events.lag(group)

    async def trim(self, before: int) -> None:
        self._events.trim(before)

    async def close(self) -> None:
        """Nothing to let go."""
