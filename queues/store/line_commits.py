"""The commits by which people, and rules, act on those who wait, on plain dictionaries: what the Lua scripts do."""

from copy import deepcopy
from typing import Any

from core.events import Event
from queues.model import DEFERRED, AwayMessage, DirectMessage, Entry, EntryState, Kind, Preferred, Refusal, Terms
from queues.requirement import copied
from queues.states import ENTRY_MOVES, Cause
from queues.store.commits import Commits, waited

IN_LINE = (EntryState.WAITING, EntryState.OFFERED)


class LineCommits(Commits):
    """See OverflowCommits. `away` is the notice that a commit leaves for the entry's node."""

    def move(
        self, entry_id: str, queue: str, terms: Terms, keep_place: bool, reason: str, author: str, at: int
    ) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if (entry.queue, entry.entered) == (queue, at):
            return None
        if (entry.state, Cause.MOVED) not in ENTRY_MOVES or entry.sent_away:
            return Refusal.ENTRY_NOT_WAITING
        if queue in self.closed:
            return Refusal.QUEUE_CLOSED
        before, had_waited = entry.queue, waited(entry, at)
        entry.queue, entry.entered, entry.preferred = queue, at, Preferred()
        entry.since = entry.since if keep_place else at
        entry.also, entry.exits, entry.announced = {}, {}, {}
        for name, value in terms.items():
            setattr(entry, name, value)
        entry.requirement = copied(terms["requirement"])
        told = {"from": before, "reason": reason, "author": author, "waited_ms": had_waited}
        self._tell_entry(self._new_id(), "entry.moved", at, entry, **told)
        return None

    def prioritise(self, entry_id: str, priority: int, reason: str, author: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if refusal := not_in_line(entry):
            return refusal
        assert entry is not None
        if entry.priority != priority:
            entry.priority = priority
            self._tell_entry(self._new_id(), "entry.prioritised", at, entry, reason=reason, author=author)
        return None

    def send_away(self, entry_id: str, reason: str, author: str, at: int) -> Refusal | AwayMessage | None:
        """The notice for the node, where there is one."""
        entry = self.entries.get(entry_id)
        if refusal := not_in_line(entry):
            return refusal
        assert entry is not None
        if entry.sent_away:
            return None
        entry.sent_away = reason
        self._tell_entry(f"{entry_id}-sent-away", "entry.sent_away", at, entry, reason=reason, author=author)
        return AwayMessage(entry.id, entry.call, reason)

    def direct(self, entry_id: str, agent: str, onward: dict[str, Any], at: int) -> Refusal | DirectMessage | None:
        """The notice for the node, where there is one. `onward` is this store's own from now on."""
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        parked = entry.state is EntryState.ASIDE and bool(entry.parked)
        if not parked and (entry.state is not EntryState.CONNECTED or entry.kind in DEFERRED):
            return Refusal.ENTRY_NOT_WAITING
        if entry.agent != agent and not parked:
            return Refusal.OTHER_OFFER
        if entry.onward.get("id") == onward["id"]:
            return None
        entry.onward = onward
        told = {name: onward[name] for name in ("id", "how", "to", "author")}
        self._tell_entry(f"{onward['id']}-directed", "entry.directed", at, entry, **told)
        return DirectMessage(entry.id, entry.call, deepcopy(onward))

    def hand_over(self, entry_id: str, former: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.state is not EntryState.CONNECTED:
            return Refusal.ENTRY_NOT_WAITING
        if entry.kind is Kind.CONSULT:
            entry.kind = Kind.CALL
            self._tell_entry(f"{entry_id}-handed-over", "entry.handed_over", at, entry, former=former)
        return None

    def close_queue(self, queue: str, author: str, at: int) -> None:
        if queue not in self.closed:
            self.closed.add(queue)
            self._tell(Event(self._new_id(), "queue.closed", at, "", {"queue": queue, "author": author}))

    def open_queue(self, queue: str, author: str, at: int) -> None:
        if queue in self.closed:
            self.closed.discard(queue)
            self._tell(Event(self._new_id(), "queue.opened", at, "", {"queue": queue, "author": author}))


def not_in_line(entry: Entry | None) -> Refusal | None:
    if entry is None:
        return Refusal.ENTRY_GONE
    return None if entry.state in IN_LINE else Refusal.ENTRY_NOT_WAITING
