import asyncio
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from history.database import make_engine, migrate, writing
from history.models import Base
from history.models.search import is_own


def differences(connection: Connection) -> list:
    """But for what full text is made of: each database has its own, which no model describes."""
    opts = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, _, __: not is_own(name),
    }
    context = MigrationContext.configure(connection, opts=opts)
    return compare_metadata(context, Base.metadata)


async def test_the_migrations_make_the_tables_of_the_models(engine: AsyncEngine):
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrating_twice_changes_nothing(engine: AsyncEngine, url: str):
    await migrate(url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_nodes_may_migrate_at_once(empty_url: str):
    await asyncio.gather(migrate(empty_url), migrate(empty_url))


async def test_the_file_is_for_its_owner_alone(sqlite_url: str):
    file = Path(make_url(sqlite_url).database or "")
    await migrate(sqlite_url)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_sqlite_writes_ahead_waits_for_the_disk_and_keeps_foreign_keys(sqlite_engine: AsyncEngine):
    async with sqlite_engine.connect() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in asked]
    assert found == ["wal", 2, 1, 5000]


async def test_a_database_of_a_newer_version_is_left_alone(engine: AsyncEngine, url: str):
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(GuichetError, match="made by another version"):
        await migrate(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("no address", "not an address"),
        ("mysql://localhost/guichet", "use one of"),
        ("sqlite+aiosqlite://", "names no file"),
        ("sqlite+aiosqlite:////proc/guichet/history.db", "cannot be made"),
        ("postgresql+asyncpg://guichet:secret@127.0.0.1:1/guichet", "cannot be used"),
    ],
)
async def test_a_wrong_address_is_one_clear_sentence_without_the_password(url: str, sentence: str):
    with pytest.raises(GuichetError, match=sentence) as raised:
        await migrate(url)
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nothing_is_connected_before_it_is_needed(tmp_path: Path):
    make_engine(f"sqlite+aiosqlite:///{tmp_path}/history.db")
    assert not (tmp_path / "history.db").exists()
