"""Who is found by a number: everybody who was met at it, each once, as who they are by now; and a case by its own."""

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import writing
from history.models import PersonPhone
from history.search.find import search
from tests.integration.history.helping import RULES, recorded
from tests.unit.history.told import arrived, ended, told

ADA, BOB = "+33612345601", "+33612345602"
ADAS_KEY, BOBS_KEY = (RULES.pseudonyms.person(number) for number in (ADA, BOB))


@pytest.fixture
async def known(engine: AsyncEngine) -> AsyncEngine:
    """Two who called, each from a phone of their own, and are known by name; a case of the first."""
    calls = [
        event for call, number in (("a", ADA), ("b", BOB)) for event in (arrived(call, number), ended(9, call=call))
    ]
    names = [
        told("person.described", after, "", person=key, name=name, author="x")
        for after, key, name in ((10, ADAS_KEY, "Ada Un"), (11, BOBS_KEY, "Bob Deux"))
    ]
    case = told("case.opened", 20, "a", case="c1", number="1234567889", title="Trottoir", author="x")
    await recorded(engine, [*calls, *names, case])
    return engine


async def found(engine: AsyncEngine, typed: str) -> list[tuple[str, str]]:
    return [(hit["title"], hit["person"]) for hit in await search(engine, typed, "FR")]


async def test_who_was_merged_is_found_as_whom_they_are_shown_under_and_once(known: AsyncEngine):
    await recorded(known, [told("person.merged", 30, "", person=ADAS_KEY, other=BOBS_KEY, reason="same", author="x")])
    for typed in ("0612345601", "0612345602", "06123456"):
        assert await found(known, typed) == [("Bob Deux", BOBS_KEY)]


async def test_everybody_who_was_met_at_a_number_is_found_its_own_person_first(known: AsyncEngine):
    carla = [
        told("person.described", 30, "", person="carla", name="Carla Trois", author="x"),
        told("person.confirmed", 31, "a", person="carla", reason="asked", author="x"),
    ]
    await recorded(known, carla)
    assert await found(known, "0612345601") == [("Ada Un", ADAS_KEY), ("Carla Trois", "carla")]


async def test_a_history_that_is_older_than_who_was_met_where_is_searched_too(known: AsyncEngine):
    async with writing(known) as connection:
        await connection.execute(delete(PersonPhone))
    assert await found(known, "0612345601") == [("Ada Un", ADAS_KEY)]


@pytest.mark.parametrize(
    "typed", ["+33(0)612345601", "0033 (0)6 12 34 56 01", "０６１２３４５６０１", "tél. 06 12 34 56 01"]
)
async def test_a_number_is_found_however_it_is_written(known: AsyncEngine, typed: str):
    assert await found(known, typed) == [("Ada Un", ADAS_KEY)]


@pytest.mark.parametrize("typed", ["n° 1234567889", "dossier 12 34 56 78 89", "123456", "１２３４５６７８８９"])
async def test_a_case_is_found_by_its_number_or_how_that_begins_and_beside_words(known: AsyncEngine, typed: str):
    assert ("Trottoir", ADAS_KEY) in await found(known, typed)


@pytest.mark.parametrize("typed", ["1234567888", "123457", "999999", "1234"])
async def test_another_number_finds_no_case(known: AsyncEngine, typed: str):
    assert ("Trottoir", ADAS_KEY) not in await found(known, typed)
