"""A fresh history for each test, once on SQLite and once on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import make_engine, migrate
from tests.postgresql import Postgresql, postgresql  # noqa: F401 — a fixture


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """The address of a database without any table."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """That of SQLite, for what is SQLite's alone."""
    return f"sqlite+aiosqlite:///{tmp_path / 'history' / 'test.db'}"


@pytest.fixture
def postgresql_url(postgresql: Postgresql) -> str:  # noqa: F811
    """That of PostgreSQL, for what is PostgreSQL's alone."""
    return postgresql.fresh_url()


@pytest.fixture
async def url(empty_url: str) -> str:
    """The address of a migrated database."""
    await migrate(empty_url)
    return empty_url


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def sqlite_engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    """A migrated SQLite, for what is SQLite's alone."""
    await migrate(sqlite_url)
    engine = make_engine(sqlite_url)
    yield engine
    await engine.dispose()
