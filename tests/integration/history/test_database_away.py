"""The database dies under load: calls do not notice, and afterwards every row is as if it had been there all along."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from history.database import make_engine, migrate
from history.recorder import Recorder
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, recorded, until
from tests.integration.history.test_who_is_who import picture
from tests.postgresql import HASTY, Postgresql, PostgresqlServer, programs
from tests.unit.history.told import an_answered_call

NUMBERS = [f"06000000{n:02}" for n in range(17)]


@pytest.fixture
def own_postgresql() -> Iterator[Postgresql]:
    """A server of this test's own, to be killed: what it says is committed survives that."""
    with PostgresqlServer(programs(), settings={**HASTY, "synchronous_commit": "on"}) as server:
        yield Postgresql(server)


@pytest.fixture
def own_url(own_postgresql: Postgresql) -> str:
    return own_postgresql.fresh_url()


@pytest.fixture
async def own_engine(own_url: str) -> AsyncIterator[AsyncEngine]:
    await migrate(own_url)
    engine = make_engine(own_url)
    yield engine
    await engine.dispose()


def calls() -> Iterator[list[Event]]:
    for place in count():
        call = f"call-{place}"
        yield [
            Event(e.id, e.kind, e.at + place * 1_000, e.call, {**e.data, **own(e, place)})
            for e in an_answered_call(call, NUMBERS[place % len(NUMBERS)])
        ]


def own(event: Event, place: int) -> dict[str, str]:
    return {name: f"{event.data[name]}-{place}" for name in ("entry", "offer") if name in event.data}


async def test_postgresql_killed_under_load_loses_nothing_and_holds_nobody_up(
    own_postgresql: Postgresql, own_engine: AsyncEngine, sqlite_engine: AsyncEngine
):
    store, happening = MemoryStore(HandClock()), calls()
    said: list[Event] = []

    async def happen(how_many: int) -> None:
        for _ in range(how_many):
            events = next(happening)
            said.extend(events)
            await store.emit(events)
            await asyncio.sleep(0)

    recorder = Recorder(store, own_engine, HandClock(), RULES, pace_ms=1, first_pause_ms=5, longest_pause_ms=50)
    running = asyncio.create_task(recorder.run())
    await happen(100)
    await until(lambda: recorder.progress.recorded > 0)
    own_postgresql.server.stop(signal.SIGQUIT)
    await happen(400)
    await until(lambda: recorder.progress.away_since is not None)
    assert await recorder.lag() > 0
    own_postgresql.server.start()
    await happen(50)
    await until(lambda: recorder.progress.away_since is None, 30)
    async with asyncio.timeout(60):
        while await recorder.lag():  # noqa: ASYNC110 — what is waited for has no event
            await asyncio.sleep(0.01)
    running.cancel()
    await recorded(sqlite_engine, said)
    assert await picture(own_engine) == await picture(sqlite_engine)
    assert recorder.progress.poisoned == 0
