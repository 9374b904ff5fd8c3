"""The commits of overflow rules, and of callers who step aside, on plain dictionaries: what the Lua scripts do."""

from copy import deepcopy

from queues.model import Entry, EntryState, Preferred, Refusal, RuleMessage
from queues.overflow.deeds import Deed
from queues.requirement import copied
from queues.states import ENTRY_MOVES, Cause
from queues.store.commits import waited
from queues.store.line_commits import LineCommits


class OverflowCommits(LineCommits):
    """All commits."""

    def overflow(self, deed: Deed) -> Refusal | RuleMessage | None:
        """The deed is this store's own from now on. Gives the notice for the entry's node, where there is one."""
        entry = self.entries.get(deed.entry)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.deed == deed.id:
            return None
        if entry.state is not EntryState.WAITING or entry.sent_away:
            return Refusal.ENTRY_NOT_WAITING
        if deed.move and deed.move.queue in self.closed:
            return Refusal.QUEUE_CLOSED
        entry.deed = deed.id
        if deed.rule:
            self._follow(deed, entry)
        else:
            entry.announced = {**(deed.announced or {})}
            told = {**deed.told, "announced": {**entry.announced}}
            self._tell_entry(f"{deed.id}-announced", "entry.announced", deed.at, entry, **told)
        return RuleMessage(deed.id, entry.id, entry.call, deed.rule, deed.notice) if deed.notice else None

    def _follow(self, deed: Deed, entry: Entry) -> None:
        at, author = deed.at, deed.rule
        entry.followed[deed.rule] = at
        told = {**deed.told, "rule": deed.rule, "author": author}
        self._tell_entry(f"{deed.id}-overflowed", "entry.overflowed", at, entry, **told)
        if move := deed.move:
            before, had_waited = entry.queue, waited(entry, at)
            entry.queue, entry.entered, entry.preferred, entry.since = move.queue, at, Preferred(), move.since
            entry.hops += 1
            entry.also, entry.exits, entry.announced = {}, {}, {}
            for name, value in move.terms.items():
                setattr(entry, name, value)
            entry.requirement = copied(move.terms["requirement"])
            moved = {"from": before, "reason": "overflow", "author": author, "waited_ms": had_waited}
            self._tell_entry(f"{deed.id}-moved", "entry.moved", at, entry, **moved)
        if deed.priority is not None:
            entry.priority = deed.priority
            self._tell_entry(f"{deed.id}-prioritised", "entry.prioritised", at, entry, reason="overflow", author=author)
        if deed.also is not None:
            entry.also = deepcopy(deed.also)
            entry.members = {**deed.members, **entry.members}
            self._tell_entry(f"{deed.id}-widened", "entry.widened", at, entry, author=author)
        if deed.exits is not None:
            entry.exits = {**deed.exits}
        if deed.aside:
            entry.state, entry.pending = ENTRY_MOVES[entry.state, Cause.SET_ASIDE], {**deed.notice}
            self._tell_entry(f"{deed.id}-aside", "entry.aside", at, entry, reason=deed.told["action"])

    def step_aside(self, entry_id: str, reason: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.state is EntryState.ASIDE:
            return None
        if (entry.state, Cause.SET_ASIDE) not in ENTRY_MOVES or entry.sent_away:
            return Refusal.ENTRY_NOT_WAITING
        entry.state = ENTRY_MOVES[entry.state, Cause.SET_ASIDE]
        self._tell_entry(self._new_id(), "entry.aside", at, entry, reason=reason)
        return None

    def come_back(self, entry_id: str, at: int) -> Refusal | None:
        entry = self.entries.get(entry_id)
        if entry is None:
            return Refusal.ENTRY_GONE
        if entry.state is EntryState.WAITING:
            return None
        if (entry.state, Cause.CAME_BACK) not in ENTRY_MOVES:
            return Refusal.ENTRY_NOT_WAITING
        entry.state, entry.pending = ENTRY_MOVES[entry.state, Cause.CAME_BACK], {}
        self._tell_entry(self._new_id(), "entry.back", at, entry)
        return None
