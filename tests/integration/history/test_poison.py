"""What could not be recorded stands with all that it said, can be told again, and is let go in the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.ext.asyncio import AsyncEngine

from app import house
from app.cli import main
from core.clock import HandClock
from core.errors import GuichetError
from core.events import KINDS, Event
from history.database import make_engine, migrate
from history.models import Poison, RecordedEvent
from history.poison import drop, replay, set_aside
from history.recorder import Recorder
from history.retention import Retention, Terms
from queues.store.redis import RedisStore
from tests.integration.history.helping import RULES, contacts, erasures, recorded, rows
from tests.unit.history.told import CALL, START, arrived, ended, told
from tests.valkey import Valkey, valkey  # noqa: F401 — a fixture

LATER_KIND = "call.translated"
"""A kind that some later version may have."""


@pytest.fixture
async def store(valkey: Valkey) -> AsyncIterator[RedisStore]:  # noqa: F811
    store = RedisStore(valkey.url, valkey.prefix())
    yield store
    await store.close()


async def emit_as_a_later_version_would(store: RedisStore, monkeypatch: pytest.MonkeyPatch, **data: str) -> Event:
    with monkeypatch.context() as later:
        later.setitem(KINDS, LATER_KIND, "")  # type: ignore[arg-type] # a dict all the same
        event = Event("later-1", LATER_KIND, START + 5, CALL, data)
    await store.emit([event])
    return event


def a_recorder(store: RedisStore, engine: AsyncEngine) -> Recorder:
    return Recorder(store, engine, HandClock(START), RULES)


async def test_an_event_of_a_later_version_is_kept_whole_and_recorded_after_the_update(
    store: RedisStore, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    await store.join_group("history")
    await store.emit([arrived()])
    event = await emit_as_a_later_version_would(store, monkeypatch, language="uk")
    await store.emit([ended(9)])
    recorder = a_recorder(store, engine)
    await recorder.step(0)
    assert [contact["outcome"] for contact in await contacts(engine)] == ["left"]
    (kept,) = await set_aside(engine)
    assert kept.event == {
        "id": "later-1",
        "kind": LATER_KIND,
        "at": START + 5,
        "call": CALL,
        "data": {"language": "uk"},
    }
    assert kept.at == START
    with pytest.raises(GuichetError, match="is not known here"):
        await replay(engine, store, kept)
    assert len(await set_aside(engine)) == 1
    monkeypatch.setitem(KINDS, LATER_KIND, "")  # type: ignore[arg-type]
    monkeypatch.setitem(__import__("history.projection.data").projection.data._ORDER, LATER_KIND, 1)
    await replay(engine, store, kept)
    await recorder.step(0)
    assert await set_aside(engine) == []
    assert event.id in [row["id"] for row in await rows(engine, RecordedEvent)]


@pytest.mark.parametrize("raw", ["no json", "[]", '"text"', '{"kind": []}', "[" * 5_000, '{"kind": "call.arrived"}'])
async def test_whatever_stands_in_the_stream_is_set_aside_and_shown(store: RedisStore, engine: AsyncEngine, raw: str):
    await store.join_group("history")
    await store._commits.ask(("XADD", store._events, "*", "e", raw))
    await a_recorder(store, engine).step(0)
    (kept,) = await set_aside(engine)
    with pytest.raises(GuichetError):
        await replay(engine, store, kept)
    assert await store.group_lag("history") == 0


async def test_one_is_named_by_how_its_id_begins(store: RedisStore, engine: AsyncEngine):
    await store.join_group("history")
    bad = [told("entry.answered", place, entry="e", waited_ms="soon") for place in range(3)]
    await store.emit(bad)
    await a_recorder(store, engine).step(0)
    first, second, _ = await set_aside(engine)
    assert await set_aside(engine, [first.id[:12], second.id]) == [first, second]
    for wrong in ("zzz", "", "%"):
        with pytest.raises(GuichetError, match="begin"):
            await set_aside(engine, [wrong])
    assert await drop(engine, [first.id]) == 1
    assert len(await set_aside(engine)) == 2


async def test_it_is_let_go_after_its_time(engine: AsyncEngine, store: RedisStore):
    await store.join_group("history")
    await store.emit([told("entry.answered", 1, entry="e", waited_ms="soon")])
    await a_recorder(store, engine).step(0)
    clock = HandClock(START + 89 * 86_400_000)
    night = Retention(engine, Terms(), clock, lambda _: None, breath_s=0)
    assert (await night.apply())["poison"] == 0
    clock.advance(2 * 86_400_000)
    assert (await night.apply())["poison"] == 1
    assert await rows(engine, Poison) == []


async def test_a_person_who_is_erased_is_erased_there_too(
    engine: AsyncEngine, store: RedisStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await store.join_group("history")
    await emit_as_a_later_version_would(store, monkeypatch, said="Zoé Martin, please call back")
    await recorded(engine, [arrived(name="Zoé Martin"), ended(9)])
    await a_recorder(store, engine).step(0)
    await erasures(engine, tmp_path).erase(RULES.pseudonyms.person("+33612345678"), "test")
    (kept,) = await set_aside(engine)
    assert "Martin" not in str(kept)
    with pytest.raises(GuichetError, match="was erased"):
        await replay(engine, store, kept)


def test_the_command_shows_replays_and_drops(
    valkey: Valkey,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    url, state = f"sqlite+aiosqlite:///{tmp_path}/history.db", ["--state", str(tmp_path)]
    monkeypatch.setenv("GUICHET_REDIS_URL", valkey.url)
    monkeypatch.setattr(house, "load", lambda _: None)
    for limit in ("history.projection.checking.MOST_JSON", "history.recording.MOST_JSON"):
        monkeypatch.setattr(limit, 10)

    async def a_long_event_is_set_aside() -> None:
        await migrate(url)
        engine, store = make_engine(url), RedisStore(valkey.url)
        await store.join_group("history")
        await store.emit([arrived()])
        await a_recorder(store, engine).step(0)
        await store.close()
        await engine.dispose()

    asyncio.run(a_long_event_is_set_aside())

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["recorder", *arguments, *state])
        return f"{done.exit_code}: {done.output}"

    (one,) = json.loads(said("poison", "--json").removeprefix("0: "))["poison"]
    assert (one["event"]["kind"], one["error"]) == ("call.arrived", "the event's data is too long")
    assert "call.arrived" in said("poison")
    assert "0612345678" in said("poison", one["id"][:8])
    assert said("replay", one["id"][:8]).startswith(f"1: {one['id'][:12]} stays: the event's data is too long.")
    monkeypatch.undo()
    monkeypatch.setenv("GUICHET_REDIS_URL", valkey.url)
    monkeypatch.setattr(house, "load", lambda _: None)
    assert said("replay").startswith("2: Usage")
    assert said("replay", "--all") == f"0: {one['id'][:12]} was told again: call.arrived\n"
    assert said("poison") == "0: Nothing was set aside.\n"
    assert said("drop", "--all", "--yes") == "0: 0 thrown away.\n"
