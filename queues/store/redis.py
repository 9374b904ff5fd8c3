"""The store on Redis or Valkey. Every commit is one Lua script, so that it is done as a whole or not at all.

Where a reply is lost (the server was restarted, the connection broke), the command is sent again. What makes it safe:

- enqueue and restore keep the commit's own id in the entry; offer, ringing, answer, withdraw, move, overflow,
  end_wrap_up, cut_wrap_up and code see that this very thing was done before; prioritise, send_away, step_aside,
  come_back, close_queue, open_queue, put_agent, remove_agent, set_status, set_holds, set_device, hold and
  extend_wrap_up change nothing the second time; the lease knows its holder;
- retell is done once for each Asterisk: when it is repeated and was done, the lost attempt has done it;
- leave, finish and drop_call end something: when one is repeated and the thing is gone, the lost attempt has done it;
- events handed in (save_call, set_switch, emit) may be appended twice, with one id: readers go by the id.

Keys, all with one hash tag: `entries`, `agents`, `calls`, `switches`, `nodes` (hashes of JSON), `closed` (a set of
queues), `told` (a set of Asterisks), `begun`, `events`, `inbox:NODE` and `topic:NAME` (streams), `lease:NAME`,
`fence:NAME`."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, TypeVar

from redis.exceptions import ResponseError

from core.events import Event
from core.ids import NewId, random_id
from queues.model import (
    Agent,
    Device,
    Entry,
    Node,
    Notice,
    OfferMessage,
    Proposal,
    Refusal,
    Setback,
    Snapshot,
    Status,
    Terms,
)  # fmt: skip
from queues.overflow.deeds import Deed
from queues.store.commits import message
from queues.store.forms import (
    agent_of,
    agent_text,
    compact,
    deed_text,
    entry_of,
    entry_text,
    event_of,
    event_text,
    notice_of,
    unread_of,
)
from queues.store.lanes import PATIENCE_S, Command, Lane, Reply, lanes_to
from queues.store.port import DISPATCHER, Cursor, Greeting, QueueClosed, Read, Recalled
from queues.store.scripts import load_scripts

Thing = TypeVar("Thing")

MOST_IN_INBOX = 1_000
INBOX_LIVES_MS = 3_600_000
"""An inbox is forgotten so long after its last offer: its node is gone, or has read it."""


class RedisStore:
    """`url`: unix://PATH, redis:// or rediss://. `prefix` begins all keys. Nothing is connected before the first use.
    Every method raises StoreAway where the server is away for longer than `patience_s`."""

    def __init__(
        self, url: str, prefix: str = "{guichet}:", new_id: NewId = random_id, patience_s: float = PATIENCE_S
    ) -> None:
        self._new_id = new_id
        self._patience_s = patience_s
        self._scripts = load_scripts()
        self._pool = lanes_to(url)
        self._commits = Lane(self._pool, patience_s)
        self._readers: list[Lane] = []
        """Lanes that no blocking read uses now."""
        self._reading: set[Lane] = set()
        self._entries, self._agents, self._calls = f"{prefix}entries", f"{prefix}agents", f"{prefix}calls"
        self._events, self._inboxes = f"{prefix}events", f"{prefix}inbox:"
        self._switches = f"{prefix}switches"
        self._closed, self._topics = f"{prefix}closed", f"{prefix}topic:"
        self._leases, self._fences = f"{prefix}lease:", f"{prefix}fence:"
        self._nodes, self._begun, self._told = f"{prefix}nodes", f"{prefix}begun", f"{prefix}told"
        self._agents_told = f"{prefix}agents-told"
        self._line = (self._entries, self._agents, self._events)

    # --- entries ------------------------------------------------------------------------------------------------

    async def enqueue(self, entry: Entry) -> bool:
        keys = *self._line, self._closed
        done = (await self._run("enqueue", keys, entry_text(entry), self._new_id())).value
        if done == Refusal.QUEUE_CLOSED.value:
            raise QueueClosed(f"The queue {entry.queue} is closed.")
        return bool(done)

    async def adopt(self, entry: str, node: str, channel: str) -> tuple[Entry, OfferMessage | None] | None:
        found = (await self._run("adopt", self._line, entry, node, channel)).value
        if found is None:
            return None
        adopted = entry_of(found[0])
        agents = {agent.id: agent for agent in map(agent_of, found[1:])}
        return adopted, message(adopted, agents) if agents else None

    async def restore(self, entry: Entry, at: int) -> bool:
        return bool((await self._run("restore", self._line, entry_text(entry), self._new_id(), at)).value)

    async def entry(self, entry: str) -> Entry | None:
        text = (await self._commits.ask(("HGET", self._entries, entry))).value
        return None if text is None else entry_of(text)

    async def leave(self, entry: str, reason: str, at: int) -> Refusal | None:
        return _ended(await self._run("leave", self._line, entry, reason, at))

    async def move(
        self, entry: str, queue: str, terms: Terms, keep_place: bool, reason: str, author: str, at: int
    ) -> Refusal | None:
        told = entry, queue, compact(terms), int(keep_place), reason, author, self._new_id(), at
        return _refusal(await self._run("move", (*self._line, self._closed), *told))

    async def prioritise(self, entry: str, priority: int, reason: str, author: str, at: int) -> Refusal | None:
        told = entry, priority, reason, author, self._new_id(), at
        return _refusal(await self._run("prioritise", self._line, *told))

    async def send_away(self, entry: str, reason: str, author: str, at: int) -> Refusal | None:
        keys = *self._line, self._inboxes
        told = entry, reason, author, MOST_IN_INBOX, INBOX_LIVES_MS, at
        return _refusal(await self._run("send_away", keys, *told))

    async def overflow(self, fence: int, deeds: Sequence[Deed]) -> list[Refusal | None]:
        if not deeds:
            return []
        keys = (*self._line, f"{self._fences}{DISPATCHER}", self._inboxes, self._closed)
        reply = await self._run("overflow", keys, fence, MOST_IN_INBOX, INBOX_LIVES_MS, *map(deed_text, deeds))
        return [Refusal(word) if word else None for word in reply.value]

    async def step_aside(self, entry: str, reason: str, at: int) -> Refusal | None:
        return _refusal(await self._run("step_aside", self._line, entry, reason, self._new_id(), at))

    async def come_back(self, entry: str, at: int) -> Refusal | None:
        return _refusal(await self._run("come_back", self._line, entry, self._new_id(), at))

    # --- queues -------------------------------------------------------------------------------------------------

    async def close_queue(self, queue: str, author: str, at: int) -> None:
        await self._run("close_queue", (self._closed, self._events), queue, author, self._new_id(), at)

    async def open_queue(self, queue: str, author: str, at: int) -> None:
        await self._run("open_queue", (self._closed, self._events), queue, author, self._new_id(), at)

    # --- offers -------------------------------------------------------------------------------------------------

    async def offer(self, fence: int, proposals: Sequence[Proposal]) -> list[Refusal | None]:
        if not proposals:
            return []
        keys = (*self._line, f"{self._fences}{DISPATCHER}", self._inboxes)
        told: list[str | int] = []
        for each in proposals:
            beside = compact(each.beside) if each.beside else ""
            told += (each.offer, each.entry, each.agent, each.at, each.why, beside)
        reply = await self._run("offer", keys, fence, MOST_IN_INBOX, INBOX_LIVES_MS, *told)
        return [Refusal(word) if word else None for word in reply.value]

    async def ringing(self, entry: str, offer: str, at: int) -> Refusal | None:
        return _refusal(await self._run("ringing", self._line, entry, offer, at))

    async def answer(self, entry: str, offer: str, at: int) -> Refusal | None:
        return _refusal(await self._run("answer", self._line, entry, offer, at))

    async def withdraw(self, entry: str, offer: str, setback: Setback, at: int) -> Refusal | None:
        return _refusal(await self._run("withdraw", self._line, entry, offer, setback.value, at))

    async def interrupt(self, entry: str, offer: str, prefer_ms: int, at: int) -> Refusal | None:
        return _refusal(await self._run("interrupt", self._line, entry, offer, prefer_ms, at))

    async def direct(self, entry: str, agent: str, onward: Mapping[str, Any], at: int) -> Refusal | None:
        keys = *self._line, self._inboxes
        return _refusal(
            await self._run("direct", keys, entry, agent, compact(dict(onward)), MOST_IN_INBOX, INBOX_LIVES_MS, at)
        )

    async def hand_over(self, entry: str, former: str, at: int) -> Refusal | None:
        return _refusal(await self._run("hand_over", self._line, entry, former, at))

    async def finish(self, entry: str, talk_ms: int, at: int, onward: str | None = None) -> Refusal | None:
        known = () if onward is None else (onward,)
        return _ended(await self._run("finish", self._line, entry, talk_ms, at, *known))

    async def hold(self, entry: str, held: bool, at: int) -> Refusal | None:
        return _refusal(await self._run("hold", self._line, entry, int(held), self._new_id(), at))

    # --- agents -------------------------------------------------------------------------------------------------

    async def put_agent(self, agent: Agent, at: int, author: str = "") -> None:
        await self._run("put_agent", self._line, agent_text(agent), self._new_id(), author, at)

    async def remove_agent(self, agent: str, at: int, author: str = "") -> None:
        await self._run("remove_agent", self._line, agent, self._new_id(), author, at)

    async def agent(self, agent: str) -> Agent | None:
        text = (await self._commits.ask(("HGET", self._agents, agent))).value
        return None if text is None else agent_of(text)

    async def set_status(self, agent: str, status: Status, reason: str, author: str, at: int) -> Refusal | None:
        ids = self._new_id(), self._new_id()
        return _refusal(await self._run("set_status", self._line, agent, status.value, reason, author, *ids, at))

    async def set_holds(self, agent: str, holds: int, author: str, at: int) -> Refusal | None:
        return _refusal(await self._run("set_holds", self._line, agent, holds, author, self._new_id(), at))

    async def set_device(self, agent: str, device: Device, at: int, asterisk: str = "") -> Refusal | None:
        told = agent, device.value, self._new_id(), at, asterisk
        return _refusal(await self._run("set_device", self._line, *told))

    async def end_wrap_up(self, agent: str, at: int) -> Refusal | None:
        return _refusal(await self._run("end_wrap_up", self._line, agent, self._new_id(), at))

    async def cut_wrap_up(self, agent: str, author: str, at: int) -> Refusal | None:
        return _refusal(await self._run("cut_wrap_up", self._line, agent, author, self._new_id(), at))

    async def extend_wrap_up(self, agent: str, until: int, at: int, author: str = "") -> Refusal | None:
        return _refusal(await self._run("extend_wrap_up", self._line, agent, until, author, self._new_id(), at))

    async def code(self, agent: str, outcome: str, at: int, author: str = "") -> Refusal | None:
        return _refusal(await self._run("code", self._line, agent, outcome, author, self._new_id(), at))

    # --- calls --------------------------------------------------------------------------------------------------

    async def save_call(self, call: str, session: Mapping[str, Any], events: Sequence[Event] = ()) -> None:
        keys = self._calls, self._events
        await self._run("save_call", keys, call, compact(session), *map(event_text, events))

    async def load_call(self, call: str) -> dict[str, Any] | None:
        text = (await self._commits.ask(("HGET", self._calls, call))).value
        return None if text is None else dict(json.loads(text))

    async def drop_call(self, call: str, events: Sequence[Event] = ()) -> bool:
        reply = await self._run("drop_call", (self._calls, self._events), call, *map(event_text, events))
        return bool(reply.value) or reply.repeated

    async def live_calls(self) -> dict[str, dict[str, Any]]:
        found = (await self._commits.ask(("HGETALL", self._calls))).value
        return {call: json.loads(text) for call, text in zip(found[::2], found[1::2], strict=True)}

    async def emit(self, events: Sequence[Event]) -> None:
        if events:
            await self._run("emit", (self._events,), *map(event_text, events))

    # --- switches of opening hours ------------------------------------------------------------------------------

    async def set_switch(self, name: str, switch: Mapping[str, Any] | None, events: Sequence[Event]) -> None:
        keys = self._switches, self._events
        await self._run("set_switch", keys, name, compact(switch) if switch else "", *map(event_text, events))

    async def switches(self) -> dict[str, dict[str, Any]]:
        found = (await self._commits.ask(("HGETALL", self._switches))).value
        return {name: json.loads(text) for name, text in zip(found[::2], found[1::2], strict=True)}

    # --- nodes --------------------------------------------------------------------------------------------------

    async def announce(self, node: str, asterisk: str, at: int) -> Greeting:
        keys, ids = (self._nodes, self._events, self._begun, self._told), (self._new_id(), self._new_id())
        (begun, fresh, told), repeated = await self._run("announce", keys, node, asterisk, *ids, at)
        return Greeting(begun, bool(fresh) or repeated, bool(told))

    async def retell(self, begun: int, node: str, asterisk: str, recalled: Recalled, at: int) -> bool:
        closed = [[queue, author, self._new_id()] for queue, author in recalled.closed.items()]
        switches = [
            [name, compact(each.says), event_text(Event(self._new_id(), each.kind, at, "", each.told))]
            for name, each in recalled.switches.items()
        ]
        keys = (*self._line, self._closed, self._switches, self._begun, self._told)
        told = begun, node, asterisk, compact(closed), compact(switches), self._new_id(), at
        reply = await self._run("retell", keys, *told, *map(entry_text, recalled.entries))
        return bool(reply.value) or reply.repeated

    async def agents_told(self, begun: int, node: str, known: bool, at: int) -> bool:
        keys = self._begun, self._agents_told, self._events
        reply = await self._run("agents_told", keys, begun, node, int(known), self._new_id(), at)
        return bool(reply.value) or reply.repeated

    async def nodes(self) -> list[Node]:
        found = (await self._run("nodes", (self._nodes,))).value
        return sorted(map(Node, found[::3], found[1::3], found[2::3]), key=lambda node: node.name)

    async def forget_node(self, node: str, reason: str, at: int) -> bool:
        reply = await self._run("forget_node", (self._nodes, self._events), node, reason, self._new_id(), at)
        return bool(reply.value) or reply.repeated

    # --- the dispatcher's lease ---------------------------------------------------------------------------------

    async def take_lease(self, name: str, holder: str, ttl_ms: int) -> int | None:
        keys = f"{self._leases}{name}", f"{self._fences}{name}"
        fence: int | None = (await self._run("take_lease", keys, holder, ttl_ms)).value
        return fence

    async def release_lease(self, name: str, holder: str) -> None:
        await self._run("release_lease", (f"{self._leases}{name}",), holder)

    # --- streams ------------------------------------------------------------------------------------------------

    async def snapshot(self) -> Snapshot:
        keys = (*self._line, self._closed, self._begun, self._agents_told)
        entries, agents, cursor, closed, begun, told = (await self._run("snapshot", keys)).value
        known = tuple(map(entry_of, entries)), tuple(map(agent_of, agents))
        return Snapshot(*known, cursor, frozenset(closed), begun, bool(told))

    async def follow(self, after: Cursor, wait_ms: int, most: int = 1000) -> list[tuple[Cursor, Event]]:
        return await self._readable(event_of, self._events, after, wait_ms, most)

    async def recent(self, most: int, until: Cursor) -> list[Event]:
        items = (await self._commits.ask(("XREVRANGE", self._events, until, "-", "COUNT", most))).value
        return [event for cursor, item in reversed(items) if (event := event_of(cursor, item)) is not None]

    async def inbox(self, node: str, after: Cursor, wait_ms: int) -> list[tuple[Cursor, Notice]]:
        return await self._readable(notice_of, f"{self._inboxes}{node}", after, wait_ms, MOST_IN_INBOX)

    async def nudge(self, topic: str) -> None:
        await self._commits.ask(("XADD", f"{self._topics}{topic}", "MAXLEN", 1, "*", "n", "1"))

    async def nudged(self, topic: str, after: Cursor, wait_ms: int) -> Cursor:
        items = await self._read(("XREAD", "COUNT", 1), ("STREAMS", f"{self._topics}{topic}", after), wait_ms)
        return items[-1][0] if items else after

    async def join_group(self, group: str) -> None:
        try:
            await self._commits.ask(("XGROUP", "CREATE", self._events, group, "0", "MKSTREAM"))
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> Read:
        reading = "XREADGROUP", "GROUP", group, consumer, "COUNT", most
        try:
            items = await self._read(reading, ("STREAMS", self._events, "0"), 0)
            if not items:
                items = await self._read(reading, ("STREAMS", self._events, ">"), wait_ms)
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            await self.join_group(group)  # the store was wiped
            return []
        return [(cursor, event_of(cursor, item) or unread_of(item)) for cursor, item in items]

    async def acknowledge(self, group: str, cursors: Sequence[Cursor]) -> None:
        if cursors:
            await self._commits.ask(("XACK", self._events, group, *cursors))

    async def group_lag(self, group: str) -> int:
        known = (await self._groups()).get(group)
        if known is None:
            return 0
        fresh = known["lag"]
        if fresh is None:  # the server cannot tell after deletions in the middle
            last = str(known["last-delivered-id"])
            fresh = len((await self._commits.ask(("XRANGE", self._events, f"({last}", "+"))).value)
        return int(known["pending"]) + int(fresh)

    async def trim(self, before: int) -> None:
        needed = [(before, 0)]
        for name, group in (await self._groups()).items():
            _, oldest, _, _ = (await self._commits.ask(("XPENDING", self._events, name))).value
            time, number = map(int, str(oldest or group["last-delivered-id"]).split("-"))
            needed.append((time, number if oldest else number + 1))
        time, number = min(needed)
        await self._commits.ask(("XTRIM", self._events, "MINID", f"{max(time, 0)}-{number}"))

    async def close(self) -> None:
        await asyncio.gather(*(lane.close() for lane in (self._commits, *self._readers, *self._reading)))

    # --- how the server is asked --------------------------------------------------------------------------------

    async def _run(self, name: str, keys: Sequence[str], *arguments: str | int) -> Reply:
        script = self._scripts[name]
        return await self._commits.ask(("EVALSHA", script.sha, len(keys), *keys, *arguments), source=script.source)

    async def _readable(
        self, form: Callable[[str, list[str] | None], Thing | None], stream: str, after: Cursor, wait_ms: int, most: int
    ) -> list[tuple[Cursor, Thing]]:
        """What follows in a stream, without the items that cannot be read."""
        until = monotonic() + wait_ms / 1000
        while True:
            items = await self._read(("XREAD", "COUNT", most), ("STREAMS", stream, after), wait_ms)
            things = [(cursor, thing) for cursor, item in items if (thing := form(cursor, item)) is not None]
            if things or not items:
                return things
            after, wait_ms = items[-1][0], max(0, int((until - monotonic()) * 1000))

    async def _read(self, how: Command, streams: Command, wait_ms: int) -> list[tuple[Cursor, list[str] | None]]:
        """One stream's items. A read that waits has a connection for itself, so that commits never wait for it."""
        if wait_ms <= 0:
            found = (await self._commits.ask((*how, *streams))).value
            return found[0][1] if found else []
        lane = self._readers.pop() if self._readers else Lane(self._pool, self._patience_s)
        self._reading.add(lane)
        try:
            reply = await lane.ask((*how, "BLOCK", wait_ms, *streams), waits_s=wait_ms / 1000)
        except BaseException:
            await lane.close()
            raise
        else:
            self._readers.append(lane)
        finally:
            self._reading.discard(lane)
        return reply.value[0][1] if reply.value else []

    async def _groups(self) -> dict[str, dict[str, Any]]:
        try:
            groups = (await self._commits.ask(("XINFO", "GROUPS", self._events))).value
        except ResponseError:  # no event yet
            return {}
        named = (dict(zip(group[::2], group[1::2], strict=True)) for group in groups)
        return {group["name"]: group for group in named}


def _refusal(reply: Reply) -> Refusal | None:
    return Refusal(reply.value) if reply.value else None


def _ended(reply: Reply) -> Refusal | None:
    """A commit that ends an entry."""
    refusal = _refusal(reply)
    return None if reply.repeated and refusal is Refusal.ENTRY_GONE else refusal
