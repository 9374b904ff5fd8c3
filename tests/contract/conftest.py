"""Both stores, one after the other, for each test of the contract."""

from collections.abc import AsyncIterator

import pytest

from core.clock import wall_clock
from core.ids import counted_ids
from queues.store.memory import MemoryStore
from queues.store.port import Store
from queues.store.redis import RedisStore
from tests.valkey import own_valkey, valkey  # noqa: F401 — fixtures


@pytest.fixture
def memory_store() -> MemoryStore:
    return MemoryStore(wall_clock, counted_ids("event"))


@pytest.fixture
async def redis_store(request: pytest.FixtureRequest) -> AsyncIterator[RedisStore]:
    server = request.getfixturevalue("valkey")
    store = RedisStore(server.url, server.prefix(), counted_ids("event"))
    yield store
    await store.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.native)])
def store(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store
