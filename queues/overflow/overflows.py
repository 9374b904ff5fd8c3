"""Which rule is to be followed for whom, and who is to be told of the wait: decided on a picture that events keep up to
date (board.py). Time comes with `decide`; nothing here asks for it.

What is looked at, and when:

- a caller who came, came back, or for whom a rule was followed: once, by the event itself;
- a caller for whom mere time changes something (`waited > 5m`, `every: 2m`): at that very moment, by a heap;
- all callers of a queue: when a quantity changed that its rules ask for, at most once a second and no more often than
  takes a tenth of a core, a few hundred callers at a time. Rules that ask of the queue alone are decided once for the
  queue; where none of them holds and no others are there, no caller is looked at.

So an event never costs more than the callers it is about."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice

from core.events import Event
from core.ids import NewId
from queues.away import NEVER
from queues.definition import Queue
from queues.model import Refusal, Snapshot
from queues.overflow.announcing import Announcer, announce
from queues.overflow.board import STAFF, SURGE, Board, Caller, Line, Opening, recall
from queues.overflow.deeds import Deed
from queues.overflow.following import follow, rule_name
from queues.overflow.rules import Overflow
from queues.overflow.situation import Now

LOOK_EVERY_MS = 1_000
LOOKS_MS_PER_CALLER = 0.2
"""Between two looks at a line there is so much time for each caller in it; looking at one takes 10 to 20 µs."""
MOST_LOOKED = 300
MOST_ANNOUNCED = 200
"""Callers at one decision."""
ADMIT_MS = 2_000
"""So long after they came, callers whom somebody idle could take are left to the router."""


@dataclass(slots=True, eq=False)
class Watch:
    """One line that has rules."""

    line: Line
    rules: list[Overflow]
    names: list[str]
    holds_since: dict[int, int] = field(default_factory=dict)
    """Place of a rule about the queue alone, to when it began to hold."""
    followed: dict[int, int] = field(default_factory=dict)
    """Place of a rule to when it was last followed for anybody."""
    looked_at: int = 0
    due: bool = False
    """A look is in the heap."""

    @property
    def asks_for(self) -> frozenset[str]:
        return frozenset().union(*(_conditions(rule) for rule in self.rules))

    @property
    def of_staff(self) -> frozenset[int]:
        """Places of the rules that depend on who is at work."""
        return frozenset(place for place, rule in enumerate(self.rules) if _conditions(rule) & STAFF)

    @property
    def moments(self) -> list[int]:
        found = (each for rule in self.rules for each in (rule.when, rule.until) if each)
        return sorted({moment for condition in found for moment in condition.moments})


class Overflows:
    """Give it every event after the snapshot's cursor, in order, as the router. `queues`: all of the town."""

    def __init__(self, queues: Mapping[str, Queue], snapshot: Snapshot, new_id: NewId) -> None:
        self.board = Board(queues, snapshot)
        self._queues, self._new_id = queues, new_id
        self._announcer = Announcer(self.board)
        self._watches = {
            line: Watch(
                line, list(line.queue.overflow), [rule_name(name, at) for at in range(len(line.queue.overflow))]
            )
            for name, line in self.board.lines.items()
            if line.queue.overflow
        }
        self._asks = {line: (watch.asks_for, watch.moments) for line, watch in self._watches.items()}
        self._of_staff = {watch: watch.of_staff for watch in self._watches.values()}
        self._heap: list[tuple[int, str, str]] = []
        """When, and an entry, or a queue all of whose callers are to be looked at."""
        self._to_look_at: deque[Caller] = deque()
        self._restored = True

    def apply(self, event: Event) -> None:
        self.board.apply(event)
        self._restored |= event.kind == "entry.restored" and bool(event.data.get("followed"))

    def set_switches(self, names: Iterable[str]) -> None:
        """Those switches of the store that are on: surges are among them."""
        for name in names:
            if name.startswith(SURGE):
                self.board.set_surge(name.removeprefix(SURGE), on=True)

    @property
    def hours(self) -> set[str]:
        """The opening hours that queues with rules name."""
        return {line.queue.hours for line in self._watches if line.queue.hours is not None}

    def set_open(self, hours: str, opening: Opening | None) -> None:
        """What they say now; None: nobody knows."""
        self.board.set_open(hours, opening)

    def set_staff_known(self, known: bool) -> None:
        """Whether the agents' statuses are what they chose (board.py). What rules were followed before that was not so
        is taken to hold since then."""
        self._restored |= known and not self.board.staff_known
        self.board.set_staff_known(known)

    def recall(self, events: Iterable[Event]) -> None:
        """What was gone through before the snapshot (board.py)."""
        recall(self.board, events)

    def decide(self, now: int) -> list[Deed]:
        """All that is to be committed now: at most one deed for each caller."""
        if self._restored:
            self._restored = False
            self._remember(now)
        self.board.leave_out(now)
        self._take_changes(now)
        while self._heap and self._heap[0][0] <= now:
            _, name, queue = heappop(self._heap)
            if queue:
                self._begin_look(self._watches[self.board.lines[queue]], now)
            elif caller := self.board.callers.get(name):
                self._to_look_at.append(caller)
        return [*self._follow(now), *self._announce(now)]

    def expected(self, entry: str, now: int) -> float | None:
        """How much longer the caller will probably wait, in ms; None where too little is known."""
        caller = self.board.callers.get(entry)
        if caller is None:
            return None
        seen = Now(self.board, caller.line, now)
        seen.look_at(caller)
        return seen.expected_wait

    def settle(self, deed: Deed, refusal: Refusal | None) -> None:
        """How the commit of a deed went. Refused, the caller is looked at again when something happens to them."""
        caller = self.board.callers.get(deed.entry)
        if refusal is not None and caller is not None:
            caller.held = False

    def next_deadline(self) -> int | None:
        """When there is something to do though nothing happens, in ms since 1970 (0: at once); None: never."""
        if self._to_look_at:
            return 0
        away = None if self.board.away.next == NEVER else self.board.away.next
        times = [self._heap[0][0] if self._heap else None, self._announcer.next(), away]
        return min((time for time in times if time is not None), default=None)

    # --- whom to look at ----------------------------------------------------------------------------------------

    def _remember(self, now: int) -> None:
        """After another dispatcher, or another store: what was followed is taken to hold since then, so that it is not
        done anew."""
        for watch in self._watches.values():
            self._turn(watch, now)
            watch.holds_since = dict.fromkeys(watch.holds_since, 0)
        for caller in self.board.callers.values():
            if own := self._watches.get(caller.line):
                for place, name in enumerate(own.names):
                    if (last := caller.entry.followed.get(name)) is not None:
                        caller.holds_since[place] = 0
                        own.followed[place] = max(last, own.followed.get(place, 0))

    def _take_changes(self, now: int) -> None:
        fresh, changed = self.board.take_changes()
        for line in changed:
            quantities, line.changed = line.changed, set()
            watch = self._watches.get(line)
            if watch and not watch.due and quantities & self._asks[line][0]:
                pause = max(LOOK_EVERY_MS, int(len(line.turns) * LOOKS_MS_PER_CALLER))
                self._look_later(watch, max(now, watch.looked_at + pause))
        for caller in fresh:
            if not caller.known:
                caller.known = True
                self._announcer.await_(caller)
                if caller.line in self._watches:
                    for moment in self._asks[caller.line][1]:
                        if (at := caller.entry.since + moment) > now:
                            heappush(self._heap, (at, caller.entry.id, ""))
            if caller.line in self._watches:
                self._to_look_at.append(caller)

    def _look_later(self, watch: Watch, at: int) -> None:
        watch.due = True
        heappush(self._heap, (at, "", watch.line.queue.name))

    def _begin_look(self, watch: Watch, now: int) -> None:
        """At all callers, unless nothing can hold for any of them."""
        watch.due, watch.looked_at = False, now
        self._turn(watch, now)
        if watch.holds_since or not all(_of_queue(rule) for rule in watch.rules):
            self._to_look_at.extend(self.board.callers[turn[2]] for turn in watch.line.turns)

    def _turn(self, watch: Watch, now: int) -> None:
        """Rules about the queue alone begin to hold, or hold no more."""
        seen = Now(self.board, watch.line, now)
        for place, rule in enumerate(watch.rules):
            if _of_queue(rule) and not self._is_open(watch, place):
                _begin_or_end(watch.holds_since, place, rule, seen)

    def _is_open(self, watch: Watch, place: int) -> bool:
        """Whether the rule holds is not decided: it depends on who is at work, which is not known."""
        return not self.board.staff_known and place in self._of_staff[watch]

    # --- what to do ---------------------------------------------------------------------------------------------

    def _follow(self, now: int) -> Iterator[Deed]:
        seen: dict[Line, Now] = {}
        for _ in range(min(MOST_LOOKED, len(self._to_look_at))):
            caller = self._to_look_at.popleft()
            line = caller.line
            if not caller.waiting or self.board.callers.get(caller.entry.id) is not caller:
                continue
            if line not in seen:
                self._turn(self._watches[line], now)
                seen[line] = Now(self.board, line, now)
            if deed := self._look_at(self._watches[line], caller, seen[line]):
                caller.held = True
                if deed.notice:
                    caller.spoken_at = now
                yield deed

    def _look_at(self, watch: Watch, caller: Caller, now: Now) -> Deed | None:
        now.look_at(caller)
        if now.position <= now.idle and now.at < caller.entry.entered + ADMIT_MS:
            heappush(self._heap, (caller.entry.entered + ADMIT_MS, caller.entry.id, ""))
            return None
        for place, rule in enumerate(watch.rules):
            if self._is_due(watch, place, rule, now):
                deed = follow(self._new_id(), place, rule, now, self._queues)
                if deed is not None:
                    watch.followed[place] = now.at
                    return deed
        return None

    def _is_due(self, watch: Watch, place: int, rule: Overflow, now: Now) -> bool:
        assert now.caller is not None
        if self._is_open(watch, place):
            return False
        if _of_queue(rule):
            since = watch.holds_since.get(place)
        else:
            since = _begin_or_end(now.caller.holds_since, place, rule, now)
        if since is None:
            return False
        last = now.caller.entry.followed.get(watch.names[place])
        if last is not None:
            if rule.once or (rule.every is None and last >= since):
                return False
            if rule.every is not None and now.at < last + rule.every:
                heappush(self._heap, (last + rule.every, now.caller.entry.id, ""))
                return False
        if rule.cooldown is not None and (before := watch.followed.get(place)) is not None:
            cooled = before + rule.cooldown
            if now.at < cooled:
                if not watch.due:
                    self._look_later(watch, cooled)
                return False
        return True

    def _announce(self, now: int) -> Iterator[Deed]:
        seen: dict[Line, Now] = {}
        for caller in islice(self._announcer.due(now), MOST_ANNOUNCED):
            if caller.line not in seen:
                seen[caller.line] = Now(self.board, caller.line, now)
            seen[caller.line].look_at(caller)
            if deed := announce(self._new_id(), seen[caller.line]):
                caller.held, caller.spoken_at = True, now
                yield deed


def _begin_or_end(holds_since: dict[int, int], place: int, rule: Overflow, now: Now) -> int | None:
    """Since when the rule holds, with its `until`; None: it does not."""
    since = holds_since.get(place)
    if since is None:
        if rule.when.holds(now):
            since = holds_since[place] = now.at
    elif rule.until.holds(now) if rule.until else not rule.when.holds(now):
        del holds_since[place]
        return None
    return since


def _of_queue(rule: Overflow) -> bool:
    return rule.when.of_queue and (rule.until is None or rule.until.of_queue)


def _conditions(rule: Overflow) -> frozenset[str]:
    return rule.when.names | rule.until.names if rule.until else rule.when.names
