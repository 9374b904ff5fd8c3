"""A PostgreSQL that lets nobody create extensions: everything works, part of a number is found more slowly, and what to
do is said."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import make_engine, migrate
from history.search.find import search
from tests.integration.history.helping import recorded
from tests.postgresql import Postgresql
from tests.unit.history.told import arrived, ended

INDEX = text("SELECT count(*) FROM pg_indexes WHERE indexname = 'search_numbers'")


@pytest.fixture
def url(postgresql_url: str) -> str:
    return postgresql_url


@pytest.fixture
async def superuser(url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def plain_url(url: str, superuser: AsyncEngine, postgresql: Postgresql) -> AsyncIterator[str]:
    """The same database, as somebody who owns tables in it and nothing else."""
    async with superuser.begin() as connection:
        await connection.execute(text("CREATE ROLE plain LOGIN"))
        await connection.execute(text("GRANT ALL ON SCHEMA public TO plain"))
    yield url.replace("://guichet@", "://plain@")
    async with superuser.begin() as connection:
        await connection.execute(text("DROP OWNED BY plain"))
        await connection.execute(text("DROP ROLE plain"))


async def test_without_the_extension_all_works_and_what_to_do_is_said(plain_url: str, superuser: AsyncEngine):
    (advice,) = await migrate(plain_url)
    assert "permission denied to create extension" in advice
    assert "CREATE EXTENSION pg_trgm; then start Guichet again" in advice
    engine = make_engine(plain_url)
    await recorded(engine, [arrived(), ended(9)])
    assert [hit["number"] for hit in await search(engine, "123456", "FR")] == ["+33612345678"]

    async with superuser.begin() as connection:
        assert await connection.scalar(INDEX) == 0
        await connection.execute(text("CREATE EXTENSION pg_trgm"))
    assert await migrate(plain_url) == []
    async with engine.connect() as connection:
        assert await connection.scalar(INDEX) == 1
    assert [hit["number"] for hit in await search(engine, "123456", "FR")] == ["+33612345678"]
    await engine.dispose()


async def test_an_index_that_was_never_finished_is_made_again(url: str, superuser: AsyncEngine):
    assert await migrate(url) == []
    async with superuser.begin() as connection:
        broken = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'search_numbers'::regclass"
        await connection.execute(text(broken))
    assert await migrate(url) == []
    async with superuser.connect() as connection:
        valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'search_numbers'::regclass")
        assert await connection.scalar(valid)
