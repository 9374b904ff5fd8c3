"""The loop around the router: one dispatcher at a time leads, follows the events, and commits what is decided.

Any number may run. The one that holds the lease leads; the others try for it each second, so that a dead one is
succeeded within four. Two at once do no harm: offers carry the fence, and the store refuses an old one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from math import ceil
from time import monotonic

from core.clock import Clock, wall_clock
from core.ids import NewId, counted_ids, random_id
from queues.chores import Chore, Overdue, WrapUpOver
from queues.definition import Queue
from queues.model import Proposal, Refusal, Setback, Snapshot
from queues.overflow.board import Opening
from queues.overflow.overflows import Overflows
from queues.router import Router
from queues.store.port import CHOSEN_WITHIN_MS, DISPATCHER, Cursor, Store, StoreAway

log = logging.getLogger(__name__)

LEASE_MS = 3_000
RENEW_MS = 1_000
MOST_EVENTS = 1_000
MOST_RECALLED = 20_000
"""Events before the snapshot that are read for experience of waits."""
MOST_OFFERS = 200
"""In one commit, so that the store is never held up for long."""
TOLD_WITHIN_MS = 3_000
"""How soon after a store's beginning all engines have told it of their calls: each looks once a second."""
AGENTS_TOLD_WITHIN_MS = CHOSEN_WITHIN_MS + TOLD_WITHIN_MS
"""How soon whoever began it has told it what agents had chosen, or has given that up; later that engine is gone."""
RELEASE_WITHIN_S = 1.0
HOURS_EVERY_S = 15.0
HOURS_WITHIN_S = 1.0


class Dispatcher:
    """`run` until cancelled; or `turn` by hand, in tests. `holder` names this dispatcher among all. `engines`: all
    calls are of engines that announce themselves: a store that heard of none yet was wiped, or is new."""

    def __init__(
        self,
        store: Store,
        holder: str,
        clock: Clock = wall_clock,
        new_id: NewId | None = None,
        lease_ms: int = LEASE_MS,
        queues: Callable[[str], Mapping[str, Queue]] = lambda _: {},
        openings: Callable[[str], Awaitable[Opening | None]] | None = None,
        engines: bool = False,
    ) -> None:
        self._store = store
        self._holder = holder
        self._clock = clock
        self._new_id = new_id or counted_ids(random_id())
        self._lease_ms = lease_ms
        self._renew_s = min(RENEW_MS, lease_ms / 3) / 1000
        self._fence: int | None = None
        self._renew_at = 0.0
        """By the machine's monotonic clock, which goes on while a frozen process sleeps."""
        self._queues, self._openings = queues, openings
        self._published = ""
        """The version of the town that was published since its queues were asked for."""
        self._hours_at = 0.0
        self._router: Router | None = None
        self._overflows: Overflows | None = None
        """None where no queue has rules or announcements."""
        self._engines = engines
        self._unbegun = False
        """Nothing is decided: no engine has announced itself yet."""
        self._hold_until = 0
        """Nor before: the store began a moment ago, and the engines still tell it of their calls."""
        self._staff_until = 0
        """Nothing is decided before that depends on who is at work: the store is still to be told what agents chose."""
        self._cursor: Cursor = "0"

    async def run(self) -> None:
        """Lead whenever possible. A store that is away is waited for."""
        try:
            while True:
                try:
                    await self.turn()
                except StoreAway as error:
                    log.warning("the dispatcher waits: %s", error)
                    self._forget()
        finally:
            with suppress(StoreAway, TimeoutError):
                async with asyncio.timeout(RELEASE_WITHIN_S):
                    await self._store.release_lease(DISPATCHER, self._holder)

    async def turn(self, most_wait_ms: int | None = None) -> bool:
        """Commit all that is due, then wait for the next event, deadline or renewal, and take the news in. False where
        another dispatcher leads."""
        await self._hold_lease()
        if self._fence is None:
            await asyncio.sleep(self._renew_s if most_wait_ms is None else most_wait_ms / 1000)
            return False
        if self._router is None:
            snapshot = await self._store.snapshot()
            self._overflows, self._hours_at = await self._rules(snapshot), 0.0
            self._router, self._cursor = Router(snapshot, self._new_id), snapshot.cursor
            self._hold(snapshot.begun, agents_told=snapshot.agents_told)
            log.info("%s leads: %d entries, %d agents", self._holder, len(snapshot.entries), len(snapshot.agents))
        await self._do_chores(self._router)
        if not self._is_held(self._clock()):
            await self._offer(self._router, self._fence)
        if self._overflows and self._fence is not None and not self._is_held(self._clock()):
            await self._ask_hours(self._overflows)
            await self._relieve(self._overflows, self._fence)
        if self._router:
            await self._follow(self._router, most_wait_ms)
        return True

    async def _hold_lease(self) -> None:
        """Take or renew the lease when it is time. With another fence, someone else may have led meanwhile."""
        if monotonic() < self._renew_at:
            return
        asked_at = monotonic()
        fence = await self._store.take_lease(DISPATCHER, self._holder, self._lease_ms)
        if fence != self._fence:
            log.info("%s %s", self._holder, "does not lead" if fence is None else f"leads with fence {fence}")
            self._router = None
        self._fence, self._renew_at = fence, (0.0 if fence is None else asked_at + self._renew_s)

    async def _do_chores(self, router: Router) -> None:
        now = self._clock()
        await asyncio.gather(*(self._do(chore, now) for chore in router.chores(now)))

    async def _do(self, chore: Chore, now: int) -> None:
        """A refusal means that it was done or overtaken: the event is on its way."""
        if isinstance(chore, WrapUpOver):
            await self._store.end_wrap_up(chore.agent, now)
        elif isinstance(chore, Overdue):
            await self._store.prioritise(chore.entry, chore.priority, "due", DISPATCHER, now)
        else:
            await self._store.withdraw(chore.entry, chore.offer, Setback.EXPIRED, now)

    async def _offer(self, router: Router, fence: int) -> None:
        now = self._clock()
        router.set_staff_known(now >= self._staff_until)
        proposals = router.decide(now)
        for start in range(0, len(proposals), MOST_OFFERS):
            some = proposals[start : start + MOST_OFFERS]
            refusals = await self._store.offer(fence, some)
            if Refusal.STALE_FENCE in refusals:
                log.info("%s was succeeded: fence %d is stale", self._holder, fence)
                self._forget()
                return
            self._settle(router, some, refusals)

    def _settle(self, router: Router, proposals: Sequence[Proposal], refusals: Sequence[Refusal | None]) -> None:
        for proposal, refusal in zip(proposals, refusals, strict=True):
            if refusal:
                log.debug("offer of %s to %s refused: %s", proposal.entry, proposal.agent, refusal)
            router.settle(proposal, refusal)

    async def _rules(self, snapshot: Snapshot) -> Overflows | None:
        queues, self._published = self._queues(self._published), ""
        if not any(queue.overflow or queue.announce for queue in queues.values()):
            return None
        overflows = Overflows(queues, snapshot, self._new_id)
        overflows.set_switches(await self._store.switches())
        overflows.recall(await self._store.recent(MOST_RECALLED, snapshot.cursor))
        return overflows

    async def _ask_hours(self, overflows: Overflows) -> None:
        """Whether what queues name as their hours is open. A part that fails says nothing of it."""
        if self._openings is None or monotonic() < self._hours_at:
            return
        self._hours_at = monotonic() + HOURS_EVERY_S
        for hours in overflows.hours:
            try:
                async with asyncio.timeout(HOURS_WITHIN_S):
                    overflows.set_open(hours, await self._openings(hours))
            except Exception:
                log.exception("nobody knows whether %s is open", hours)
                overflows.set_open(hours, None)

    async def _relieve(self, overflows: Overflows, fence: int) -> None:
        """Commit what overflow rules and announcements want now."""
        now = self._clock()
        overflows.set_staff_known(now >= self._staff_until)
        deeds = overflows.decide(now)
        for start in range(0, len(deeds), MOST_OFFERS):
            some = deeds[start : start + MOST_OFFERS]
            refusals = await self._store.overflow(fence, some)
            if Refusal.STALE_FENCE in refusals:
                log.info("%s was succeeded: fence %d is stale", self._holder, fence)
                self._forget()
                return
            for deed, refusal in zip(some, refusals, strict=True):
                overflows.settle(deed, refusal)

    async def _follow(self, router: Router, most_wait_ms: int | None) -> None:
        """Take in what happened. What explains a refusal is in the stream already; if it is not, look afresh."""
        wait_ms = 0 if router.in_doubt else self._wait_ms(router, most_wait_ms)
        while news := await self._store.follow(self._cursor, wait_ms, MOST_EVENTS):
            for _, event in news:
                router.apply(event)
                if self._overflows:
                    self._overflows.apply(event)
                if event.kind == "town.published":
                    self._published = event.data["version"]
                elif event.kind == "store.begun":
                    self._hold(event.at)
                elif event.kind == "store.agents_told":
                    self._staff_until = 0
            self._cursor, wait_ms = news[-1][0], 0
            if len(news) < MOST_EVENTS:
                break
        if self._published:
            log.info("%s: the town's version %s is live; looking at the line afresh", self._holder, self._published)
            self._router = None
        elif router.in_doubt and not news:
            log.warning("%s: a refusal that no event explains; looking at the line afresh", self._holder)
            self._router = None

    def _wait_ms(self, router: Router, most: int | None) -> int:
        """Until the next deadline or renewal, or as long as asked."""
        waits, now = [(self._renew_at - monotonic()) * 1000], self._clock()
        if (deadline := router.next_deadline()) is not None:
            waits.append(deadline - now)
        if self._overflows and not self._is_held(now) and (deadline := self._overflows.next_deadline()) is not None:
            waits.append(deadline - now)
        waits.extend(until - now for until in (self._hold_until, self._staff_until) if until > now)
        if most is not None:
            waits.append(most)
        return max(0, ceil(min(waits)))

    def _hold(self, begun: int, *, agents_told: bool = False) -> None:
        """The store knows anything since then. Decide nothing, and nothing about staff, until it was told of all."""
        since = min(begun, self._clock())
        self._unbegun = self._engines and not begun
        self._hold_until = since + TOLD_WITHIN_MS if begun else 0
        self._staff_until = since + AGENTS_TOLD_WITHIN_MS if begun and not agents_told else 0

    def _is_held(self, now: int) -> bool:
        return self._unbegun or now < self._hold_until

    def _forget(self) -> None:
        """Know nothing: ask for the lease and look at the line again."""
        self._fence, self._router, self._renew_at, self._hours_at = None, None, 0.0, 0.0
