"""The bench of the desks counts every call."""

import asyncio

import pytest

from app.bench import desk
from core.clock import HandClock
from queues.model import Agent, Device, Entry, Proposal, Status
from queues.store.memory import MemoryStore
from queues.store.port import DISPATCHER


async def test_a_call_that_is_on_its_page_before_its_offer_was_seen_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk, "TALK_S", 0)
    store, now = MemoryStore(HandClock()), HandClock()()
    await store.put_agent(Agent("camille", "1001"), now)
    await store.set_device("camille", Device.FREE, now)
    await store.set_status("camille", Status.AVAILABLE, "", "camille", now)
    cursor, pages, offered = (await store.snapshot()).cursor, desk.Pages(), dict[str, tuple[str, int]]()
    await store.enqueue(Entry("c-1", "c", "banc", since=now, entered=now))
    fence = await store.take_lease(DISPATCHER, "test", 60_000)
    await store.offer(fence or 0, [Proposal("o", "c-1", "camille", now, now + 9_000)])
    pages.came["c-1"] = "camille", 5.0
    await desk._see_all(store, cursor, offered, pages, 1)
    await asyncio.gather(*desk._ENDING)
    assert len(desk._gaps(offered, pages.came, ["c-1"])) == 1
