"""The history process of a house, with a real Valkey: it records and tells its lag; people are handed over and erased
from the terminal."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import recording
from app.cli import main
from app.keeping import erasures
from app.settings import Settings, load
from history.database import make_engine, migrate
from history.models import Contact
from queues.store.redis import RedisStore
from tests.integration.history.helping import rows, until
from tests.unit.history.told import an_answered_call, told
from tests.valkey import Valkey, valkey  # noqa: F401 — a fixture

pytestmark = pytest.mark.native


@pytest.fixture
async def settings(tmp_path: Path, valkey: Valkey) -> AsyncIterator[Settings]:  # noqa: F811
    settings = load(state=tmp_path / "state", redis_url=valkey.url)
    settings.run.mkdir(parents=True)
    await migrate(settings.sql_url)
    yield settings


def typed(*arguments: str) -> str:
    ran = CliRunner().invoke(main, ["people", *arguments])
    assert ran.exit_code == 0, ran.output
    return ran.output


async def test_it_records_tells_its_lag_and_lets_a_person_go(settings: Settings, tmp_path: Path):
    store, engine = RedisStore(settings.store_url), make_engine(settings.sql_url)
    process = asyncio.create_task(recording.run(settings))
    note = told("contact.noted", 60_000, author="camille", note="n", text="<b>Private</b>")
    await store.emit([*an_answered_call(), note])
    async with asyncio.timeout(20):
        while not any(contact["outcome"] for contact in await rows(engine, Contact)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    gauges = settings.run / "history.prom"
    await until(gauges.exists)
    assert "guichet_history_lag_events" in gauges.read_text()
    process.cancel()
    await asyncio.gather(process, return_exceptions=True)
    await store.close()

    state = ("--state", str(settings.state))
    page = tmp_path / "alex.html"
    await asyncio.to_thread(typed, "export", "0612345678", "-o", str(page), *state)
    assert "&lt;b&gt;Private&lt;/b&gt;" in page.read_text()
    handed_over = json.loads(await asyncio.to_thread(typed, "export", "06 12 34 56 78", *state))
    assert handed_over["person"]["numbers"] == ["+33612345678"]
    assert [read["what"] for read in handed_over["read_by"]] == ["export"]
    assert "Erased: 1 contacts" in await asyncio.to_thread(typed, "erase", "0612345678", "--yes", *state)
    assert [contact["number"] for contact in await rows(engine, Contact)] == [""]
    assert await erasures(settings, engine).apply_all() == 0
    assert "recordings" in await asyncio.to_thread(typed, "let-go", *state)
    with pytest.raises(AssertionError, match="Nobody is known"):
        await asyncio.to_thread(typed, "erase", "0612345678", "--yes", *state)
    await engine.dispose()
