"""A fresh history for each test: an SQLite file, or the PostgreSQL that GUICHET_TEST_DATABASE_URL names (all that
is in it is thrown away, so its name must end in `test`)."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import make_engine, migrate


@pytest.fixture
async def empty_url(tmp_path: Path) -> str:
    """The address of a database without any table."""
    url = os.environ.get("GUICHET_TEST_DATABASE_URL")
    if not url:
        return f"sqlite+aiosqlite:///{tmp_path / 'history' / 'test.db'}"
    if not (make_url(url).database or "").endswith("test"):
        pytest.fail("GUICHET_TEST_DATABASE_URL names a database that does not end in `test`")
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return url


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
