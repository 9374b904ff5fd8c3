"""What a store that knew nothing is told again, from both databases."""

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql import Select

from core.events import Event
from history.database import make_engine
from history.models import Contact
from history.unfinished import DAY_MS, HistoryAway, Memory, capacities, thrown, undone
from queues.model import Kind
from tests.integration.history.helping import recorded
from tests.unit.history.told import START, arrived, ended, told

NOW = START + 60_000


def came(call: str, after_ms: int, entry: str, kind: str, **data: object) -> Event:
    told_of = {"entry": entry, "queue": "roads", "since": START + after_ms, "kind": kind, **data}
    return Event(f"{entry}-entered", "entry.entered", START + after_ms, call, told_of)


def a_message(call: str, after_ms: int = 1_000, **arriving: str) -> list[Event]:
    file, entry = f"{call}-voice-01234567", f"{call}-01234567"
    return [
        arrived(call, after_ms=after_ms, **arriving),
        came(call, after_ms, entry, "voicemail", requirement=[{"skills": {"roads": 1}}], due=START + DAY_MS),
        told("call.voicemail", after_ms, call, queue="roads", file=file, seconds=9),
        ended(after_ms + 1, call=call),
    ]


def a_callback(call: str, after_ms: int) -> list[Event]:
    arriving = arrived(call, after_ms=after_ms, medium="callback")
    return [arriving, came(call, after_ms, f"{call}-1", "callback", members={"ada": {}})]


def done(call: str) -> Event:
    return told("entry.finished", 9_000, call, entry=f"{call}-01234567", queue="roads", agent="ada", talk_ms=1)


async def test_messages_that_nobody_heard_are_known_and_those_that_were_heard_are_not(engine: AsyncEngine) -> None:
    await recorded(engine, [*a_message("later", 2_000), *a_message("heard"), *a_message("waits"), done("heard")])
    found = await Memory(engine).recall("guichet", NOW)
    assert [(entry.call, entry.kind, entry.file) for entry in found.entries] == [
        ("waits", Kind.VOICEMAIL, "waits-voice-01234567"),
        ("later", Kind.VOICEMAIL, "later-voice-01234567"),
    ]


async def test_each_asterisk_has_its_own_messages(engine: AsyncEngine) -> None:
    await recorded(engine, [*a_message("north-1", asterisk="north"), *a_message("south-1", asterisk="south")])
    assert [entry.call for entry in (await Memory(engine).recall("south", NOW)).entries] == ["south-1"]


async def test_who_was_erased_has_left_nothing(engine: AsyncEngine) -> None:
    await recorded(engine, a_message("waits"))
    async with engine.begin() as connection:
        await connection.execute(Contact.__table__.update().values(erased_at=NOW))
    assert (await Memory(engine).recall("guichet", NOW)).entries == []


async def test_a_callback_of_the_day_before_yesterday_is_over_and_a_message_is_not(engine: AsyncEngine) -> None:
    await recorded(engine, [*a_message("waits"), *a_callback("c", 1_000)])
    memory = Memory(engine)
    assert {entry.call for entry in (await memory.recall("guichet", NOW)).entries} == {"waits", "c"}
    assert {entry.call for entry in (await memory.recall("guichet", NOW + 2 * DAY_MS)).entries} == {"waits"}


async def test_what_was_switched_is_known(engine: AsyncEngine) -> None:
    switch = {"position": "closed", "at": START, "until": 0, "because": "Panne", "author": "sophie"}
    await recorded(
        engine,
        [
            told("queue.closed", 1, "", queue="roads", author="sophie"),
            told("hours.switched", 2, "", hours="mairie", **switch),
            told("queue.surge", 3, "", queue="roads", on=True, author="sophie"),
            told("agent.work", 4, "", agent="ada", holds=3, held=1, author="ada"),
        ],
    )
    found = await Memory(engine).recall("guichet", NOW)
    assert found.closed == {"roads": "sophie"}
    assert found.switches["mairie"].says == switch
    assert set(found.switches) == {"mairie", "surge:roads"}
    assert found.holds == {"ada": 3}


async def test_an_event_is_known_once_it_is_recorded(engine: AsyncEngine) -> None:
    asked = Event("asked", "store.asked", START, "", {"node": "n1", "asterisk": "guichet"})
    memory = Memory(engine)
    assert not await memory.knows("asked")
    await recorded(engine, [asked])
    assert await memory.knows("asked")


async def test_a_message_is_waiting_in_the_history_when_the_call_that_left_it_is_over(engine: AsyncEngine) -> None:
    await recorded(engine, a_message("waits"))
    async with engine.connect() as connection:
        stay = (await connection.execute(text("SELECT outcome, left_at FROM entry"))).one()
    assert stay == (None, None)


async def test_a_database_that_is_away_is_said_to_be() -> None:
    away = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(HistoryAway):
        await Memory(away).recall("guichet", NOW)
    await away.dispose()


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        (undone("guichet", NOW), "ix_entry_undone"),
        (thrown(), "ix_event_standing"),
        (capacities(NOW), "ix_event_standing"),
    ],
)
async def test_however_long_the_history_is_only_an_index_is_read(
    engine: AsyncEngine, asked: Select[tuple[str]], index: str
) -> None:
    dialect = sqlite.dialect() if engine.dialect.name == "sqlite" else postgresql.dialect()
    statement = asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        else:
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # the tables are empty
            plan = await connection.exec_driver_sql(f"EXPLAIN {statement}")
        lines = "\n".join(str(row) for row in plan)
    assert index in lines
