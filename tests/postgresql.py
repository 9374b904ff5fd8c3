"""A real PostgreSQL for the tests: one server on a unix socket, a database of its own for each test."""

import asyncio
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import text

from app.bench.postgresql import PostgresqlServer
from app.install.places import native_folder
from app.install.postgresql import postgresql_programs
from history.database import make_engine

HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""Nothing in a test's database is worth a disk's time."""


class Postgresql:
    """`fresh_url()` for each test; `server` to stop and start."""

    def __init__(self, server: PostgresqlServer) -> None:
        self.server = server
        self._names = count(1)

    def fresh_url(self) -> str:
        """The address of a new database without any table."""
        name = f"test{next(self._names)}"
        asyncio.run(self._create(name))
        return self.server.url(name)

    async def _create(self, name: str) -> None:
        engine = make_engine(self.server.url("postgres")).execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f'CREATE DATABASE "{name}"'))
        await engine.dispose()


def programs() -> Path:
    """Our own PostgreSQL, as `./guichet test` fetches it; GUICHET_TEST_POSTGRESQL=machine takes the machine's."""
    own = os.environ.get("GUICHET_TEST_POSTGRESQL") != "machine"
    return postgresql_programs(native_folder(), own=own)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """One for all tests."""
    with PostgresqlServer(programs(), settings=HASTY) as server:
        yield Postgresql(server)
