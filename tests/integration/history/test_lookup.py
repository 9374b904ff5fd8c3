import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from history.asking import LOG_EVERY_MS, MOST_STRAYS
from history.database import make_engine
from history.lookup import Lookup, unknown
from history.readers import Answer, PooledReader, SqliteReader
from history.recorder import Recorder
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, until
from tests.unit.history.told import START, an_answered_call, arrived, ended

PATIENT_MS = 10_000
"""A limit that a busy test machine keeps, too."""


async def record(engine: AsyncEngine, *events) -> None:
    store = MemoryStore()
    await store.emit(events)
    await store.join_group("history")
    await Recorder(store, engine, HandClock(), RULES).step(wait_ms=0)


class Sleepy:
    """A database that never answers, and needs long to be called off."""

    def __init__(self) -> None:
        self.asked: list[asyncio.Future[Answer]] = []
        self.called_off = 0

    @property
    def strays(self) -> int:
        return self.called_off

    def ask(self, statement: object, values: Mapping[str, Any]) -> asyncio.Future[Answer]:
        self.asked.append(asyncio.get_running_loop().create_future())
        return self.asked[-1]

    def call_off(self, asked: asyncio.Future[Answer]) -> None:
        self.called_off += 1

    async def close(self) -> None: ...


@pytest.fixture(params=["its own reader", "the pool"])
async def lookup(request: pytest.FixtureRequest, engine: AsyncEngine):
    pooled = PooledReader(engine) if request.param == "the pool" else None
    lookup = Lookup(engine, "FR", PATIENT_MS, reader=pooled)
    yield lookup
    await lookup.close()


async def test_somebody_who_never_called_is_unknown(lookup: Lookup):
    assert await lookup.caller("0612345678") == unknown()


async def test_a_caller_is_known_by_earlier_contacts_however_the_number_is_written(lookup: Lookup, engine: AsyncEngine):
    await record(engine, *an_answered_call(), arrived("later", "+33612345678", 100_000), ended(101_000, call="later"))
    for number in ("0612345678", "+33612345678", "0033612345678"):
        caller = await lookup.caller(number)
        assert (caller["contacts"], caller["last_at"], caller["last_outcome"]) == (2, START + 100_000, "left")


async def test_the_last_queue_and_agent_are_known(lookup: Lookup, engine: AsyncEngine):
    await record(engine, *an_answered_call())
    caller = await lookup.caller("0612345678")
    assert (caller["last_queue"], caller["last_agent"], caller["last_outcome"]) == ("accueil", "camille", "answered")


async def test_withheld_callers_are_never_taken_for_one_another(lookup: Lookup, engine: AsyncEngine):
    await record(engine, arrived("a", "", withheld=True), arrived("b", "anonymous"))
    assert (await lookup.caller(""), await lookup.caller("anonymous")) == (unknown(), unknown())


async def test_many_lookups_at_once_are_all_answered(lookup: Lookup, engine: AsyncEngine):
    await record(engine, *an_answered_call())
    callers = await asyncio.gather(*(lookup.caller("0612345678") for _ in range(100)))
    assert {caller["contacts"] for caller in callers} == {1}


async def test_a_hostile_number_is_only_a_number(lookup: Lookup, engine: AsyncEngine):
    await record(engine, *an_answered_call())
    assert await lookup.caller("' OR 1=1 --") == unknown()
    assert (await lookup.caller("0612345678"))["contacts"] == 1


async def test_a_database_without_tables_leaves_the_caller_unknown(empty_url: str, caplog: pytest.LogCaptureFixture):
    engine = make_engine(empty_url)
    lookup = Lookup(engine, limit_ms=PATIENT_MS)
    assert await lookup.caller("0612345678") == unknown()
    assert "callers are not looked up" in caplog.text
    await lookup.close()
    await engine.dispose()


async def test_a_slow_database_leaves_the_caller_unknown_and_is_called_off(engine: AsyncEngine):
    sleepy = Sleepy()
    assert await Lookup(engine, limit_ms=1, reader=sleepy).caller("0612345678") == unknown()
    assert (len(sleepy.asked), sleepy.called_off) == (1, 1)


async def test_a_database_that_stays_slow_is_not_even_asked(engine: AsyncEngine):
    sleepy = Sleepy()
    lookup = Lookup(engine, limit_ms=1, reader=sleepy)
    for _ in range(MOST_STRAYS + 5):
        await lookup.caller("0612345678")
    assert len(sleepy.asked) == MOST_STRAYS


async def test_slowness_is_logged_once_a_minute(engine: AsyncEngine, caplog: pytest.LogCaptureFixture):
    clock = HandClock()
    lookup = Lookup(engine, limit_ms=1, clock=clock, reader=Sleepy())
    for _ in range(3):
        await lookup.caller("0612345678")
    assert len(caplog.records) == 1
    clock.advance(LOG_EVERY_MS)
    await lookup.caller("0612345678")
    assert len(caplog.records) == 2


async def test_a_caller_who_hangs_up_meanwhile_calls_the_question_off(engine: AsyncEngine):
    sleepy = Sleepy()
    task = asyncio.create_task(Lookup(engine, limit_ms=PATIENT_MS, reader=sleepy).caller("0612345678"))
    await until(lambda: bool(sleepy.asked))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sleepy.called_off == 1


async def test_a_long_question_to_sqlite_is_really_ended(sqlite_engine: AsyncEngine):
    reader = SqliteReader(str(sqlite_engine.url.database))
    await reader.ask(text("SELECT 1"), {})
    begun = threading.Event()
    assert reader._raw is not None
    reader._raw.create_function("begun", 0, begun.set)
    for_ever = "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i FROM n) SELECT count(*) FROM n"
    asked = reader.ask(text(for_ever), {})
    assert await asyncio.to_thread(begun.wait, 10)
    reader.call_off(asked)
    row = await asyncio.wait_for(reader.ask(text("SELECT 2"), {}), 10)
    assert row is not None
    assert (row[0], reader.strays) == (2, 0)
    await reader.close()
