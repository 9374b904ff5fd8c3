"""Persons of a history that is older than keys, and those left at the phone of somebody erased, are given a key."""

from pathlib import Path

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from history.database import writing
from history.export import export, persons_at
from history.models import Contact, Erasure, Person, PersonPhone, Phone
from history.nameless import name_them
from history.sealing import Sealing
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.unit.history.told import START, arrived, ended

NUMBER = "+33612345678"
KEY = RULES.pseudonyms.person(NUMBER)


async def named(engine: AsyncEngine) -> int:
    return await name_them(engine, RULES.pseudonyms, breath_s=0)


async def an_older_history(engine: AsyncEngine, *numbers: str) -> None:
    """As it was recorded before persons had keys."""
    for place, number in enumerate(numbers):
        await recorded(engine, [arrived(f"old-{place}", number, place), ended(9 + place, call=f"old-{place}")])
    async with writing(engine) as connection:
        await connection.execute(update(Person).values(key=None))


async def test_an_older_person_gets_the_key_of_the_number_and_can_be_exported(engine: AsyncEngine):
    await an_older_history(engine, NUMBER, "+33699999999")
    assert await persons_at(engine, NUMBER, "FR") == [{"key": None, "name": None}]
    assert await named(engine) == 2
    assert await persons_at(engine, "06 12 34 56 78", "FR") == [{"key": KEY, "name": None}]
    found = await export(engine, KEY, Sealing([]))
    assert [contact["id"] for contact in found["contacts"]] == ["old-0"]
    assert found["person"]["since"] == START
    assert await named(engine) == 0


async def test_who_called_again_meanwhile_is_one_person(engine: AsyncEngine):
    await an_older_history(engine, NUMBER)
    await recorded(engine, [arrived("new", NUMBER, 1_000), ended(1_009, call="new")])
    assert await named(engine) == 1
    assert [person["key"] for person in await rows(engine, Person)] == [KEY]
    (person,) = await rows(engine, Person)
    assert {contact["person_id"] for contact in await rows(engine, Contact)} == {person["id"]}
    assert [row["person_id"] for row in await rows(engine, PersonPhone)] == [person["id"]]
    assert [phone["person_id"] for phone in await rows(engine, Phone)] == [person["id"]]


async def test_somebody_erased_stays_nobody(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, [arrived("a", NUMBER), ended(9, call="a")])
    await erasures(engine, tmp_path, HandClock(START + 60_000)).erase(KEY, "test")
    assert await named(engine) == 0
    assert [person["key"] for person in await rows(engine, Person)] == [None]


async def test_nobody_gets_the_key_of_whom_the_next_start_would_erase(engine: AsyncEngine, tmp_path: Path):
    await an_older_history(engine, NUMBER)
    stone = {
        "id": "e",
        "at": START + 60_000,
        "persons": [KEY],
        "numbers": [],
        "contacts": [],
        "author": "",
        "reason": "",
    }
    async with writing(engine) as connection:
        await connection.execute(insert(Erasure), [stone])
    assert await named(engine) == 0
    await erasures(engine, tmp_path).apply_all()
    assert [contact["erased_at"] for contact in await rows(engine, Contact)] == [None]


async def test_who_is_left_at_the_phone_of_somebody_erased_is_known_from_their_first_call(engine: AsyncEngine):
    await an_older_history(engine, NUMBER)
    async with writing(engine) as connection:
        await connection.execute(update(Person).values(since=0))
    assert await named(engine) == 1
    assert [(person["key"], person["since"]) for person in await rows(engine, Person)] == [(KEY, START)]


async def test_many_are_named_a_few_at_a_time(engine: AsyncEngine, monkeypatch):
    monkeypatch.setattr("history.nameless.AT_ONCE", 3)
    await an_older_history(engine, *(f"+336111111{place:02}" for place in range(10)))
    assert await named(engine) == 10
    assert None not in [person["key"] for person in await rows(engine, Person)]
