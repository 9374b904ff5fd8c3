"""One engine among several: hears of offers for the calls it holds, and buries calls that ended while nobody looked."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from queues.model import AwayMessage, DirectMessage, EntryState, Kind, OfferMessage, RuleMessage, Setback
from queues.store.port import Store, StoreAway
from telephony.house import House
from telephony.line import end_place
from telephony.record import CallRecord, ended

log = logging.getLogger(__name__)

INBOX_WAIT_MS = 10_000


@dataclass(frozen=True, slots=True)
class LiveChannel:
    """What the telephone network says of a caller's line."""

    bridged: bool
    """Joined with another one: caller and agent talk."""


async def listen(house: House) -> None:
    """Hand notices to the calls of this node, for ever. A call that is not here any more gets its own from `adopt`, by
    the engine that resumes it."""
    cursor = "0"
    while True:
        try:
            messages = await house.store.inbox(house.node, cursor, INBOX_WAIT_MS)
        except StoreAway as error:
            log.warning("the inbox of %s cannot be read: %s", house.node, error)
            continue
        for cursor, notice in messages:  # noqa: B007 — the last cursor is where the next reading begins
            call = house.calls.get(notice.call)
            if isinstance(notice, OfferMessage) and notice.kind is not Kind.CALL:
                await _work(house, notice)
            elif call is None:
                log.info("%s is for call %s, which is not here", type(notice).__name__, notice.call)
            elif isinstance(notice, AwayMessage):
                await call.sent_away(notice.entry, notice.reason)
            elif isinstance(notice, RuleMessage):
                await call.ruled(notice)
            elif isinstance(notice, DirectMessage):
                await call.directed(notice)
            else:
                await call.offered(notice)


async def _work(house: House, offer: OfferMessage) -> None:
    """Nobody waits on a line: it is for whoever does work of that kind; without one, the agent is let go at once."""
    if worker := house.workers.get(offer.kind):
        await worker.offered(offer)
    else:
        log.error("offer %s is of %s, for which there is nobody here", offer.offer, offer.kind)
        await house.store.withdraw(offer.entry, offer.offer, Setback.UNREACHABLE, house.clock())


async def resync(house: House, stored: Mapping[str, CallRecord], lines: Mapping[str, LiveChannel]) -> None:
    """Hold the store against the telephone network after a time of blindness. `stored` must have been read before
    `lines`, so that a call that begins meanwhile is not taken for dead."""
    for call, record in stored.items():
        if record.asterisk != house.asterisk or call in house.calls:
            continue
        line = lines.get(call)
        if line is None:
            await bury(house.store, call, record, "lost", house.clock())
        elif line.bridged and record.entry:
            await _answered_unseen(house, record.entry)


async def hung_up(house: House, call: str, *, sure: bool = True) -> bool:
    """A line is gone, says the network. Where no task of ours holds its call, one of a dead engine did, or one of
    another engine of this Asterisk does, which ends it itself: to be asked again, `sure`, a little later. True where
    nothing is left to be done."""
    if call in house.calls or not (data := await house.store.load_call(call)):
        return True
    record = CallRecord.from_data(data)
    if not sure and record.node in {node.name for node in await house.store.nodes()} - {house.node}:
        return False
    await bury(house.store, call, record, "abandoned", house.clock())
    return True


async def bury(store: Store, call: str, record: CallRecord, reason: str, now: int) -> None:
    """The caller's line is gone and no engine saw it go: end what the store still holds."""
    if record.entry:
        await end_place(store, record.entry, reason, now)
    if await store.drop_call(call, [ended(call, record.session, "caller_hung_up", now)]):
        log.info("call %s had ended unseen", call)


async def _answered_unseen(house: House, entry_id: str) -> None:
    entry = await house.store.entry(entry_id)
    # Of several phones nobody knows which one it was: the line itself tells when it is over.
    if entry and entry.state is EntryState.OFFERED and not entry.beside:
        await house.store.answer(entry.id, entry.offer, house.clock())
