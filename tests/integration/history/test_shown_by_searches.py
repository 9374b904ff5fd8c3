"""Whom a search showed is in the audit, and leaves it with an erasure; whoever looks through hundreds of people stands
out, whoever searches all day does not."""

from pathlib import Path
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.ids import counted_ids
from history.access import DAY_MS, HOUR_MS, Unusual, Usual, readings, reads_of, told, unusual
from history.models import Access, Base
from history.search.find import search
from history.statements import Statements
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.unit.history.told import START, arrived, ended
from tests.unit.history.told import told as event

ADA, BOB = "+33612345678", "+33699999999"
ADAS_KEY = RULES.pseudonyms.person(ADA)


class Desk:
    """Somebody who searches, and the history that hears of it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.clock, self._engine, self._seen = HandClock(START), engine, "0"
        self._store = MemoryStore()
        self._say = Statements(self._store, self.clock, counted_ids("read"), Random(1))

    async def shows(self, reader: str, people: list[str], what: str = "search_name") -> None:
        await self._say.found(reader, dict.fromkeys(people, what))
        told = await self._store.follow(self._seen, 0)
        self._seen = told[-1][0]
        await recorded(self._engine, [event for _, event in told])


async def test_every_hit_says_whom_it_tells_about_and_by_what(engine: AsyncEngine):
    await recorded(engine, [
        arrived("ada", ADA), ended(9, call="ada"), arrived("internal", "4711"), ended(9, call="internal"),
        event("person.described", 10, "", person=ADAS_KEY, name="Ada Lovelace", author="x"),
        event("case.opened", 20, "ada", case="c1", number="1234567889", title="Trottoir", author="x"),
        event("contact.noted", 30, "ada", note="n1", text="Rappeler mercredi", author="x"),
    ])  # fmt: skip
    for typed, how in (("0612345678", "number"), ("lovelace", "name"), ("trottoir", "case"), ("1234567889", "case"),
                       ("mercredi", "note")):  # fmt: skip
        assert [(hit["person"], hit["how"]) for hit in await search(engine, typed, "FR")] == [(ADAS_KEY, how)]
    assert [hit["person"] for hit in await search(engine, "4711", "FR")] == [""]


async def test_each_person_can_ask_who_was_shown_them(engine: AsyncEngine):
    desk = Desk(engine)
    await desk.shows("camille", ["ada", "bob"], "search_note")
    await desk.shows("camille", [])
    assert [(read["reader"], read["what"]) for read in await reads_of(engine, "ada")] == [("camille", "search_note")]
    assert [(row["what"], row["person"]) for row in await rows(engine, Access)] == [
        *(("search_note", person) for person in ("ada", "bob")),
        ("search", ""),
    ]


async def test_no_page_of_the_audit_ends_within_what_a_search_showed(engine: AsyncEngine):
    desk, people = Desk(engine), {f"person-{n}" for n in range(30)}
    await desk.shows("camille", sorted(people))
    desk.clock.now += 1
    await desk.shows("sacha", ["ada"])
    first = await readings(engine, most=10)
    assert (first[0]["person"], {row["person"] for row in first[1:]}) == ("ada", people)
    assert len(first) == 31
    assert await readings(engine, most=10, before=first[-1]["at"]) == []


async def test_an_erasure_takes_the_person_out_and_leaves_that_somebody_searched(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, [arrived("a", ADA), ended(9, call="a")])
    await Desk(engine).shows("camille", [ADAS_KEY, "bob"])
    await erasures(engine, tmp_path, HandClock(START + DAY_MS)).erase(ADAS_KEY, "admin")
    tables = [model for model in Base.__subclasses__() if model.__tablename__ != "erasure"]
    assert [model for model in tables if ADAS_KEY in str(await rows(engine, model))] == []
    read = {(row["reader"], row["what"], row["person"]) for row in await rows(engine, Access)}
    assert read == {("camille", "search_name", ""), ("camille", "search_name", "bob")}


async def test_who_looks_through_hundreds_stands_out_and_who_searches_all_day_does_not(engine: AsyncEngine):
    desk, usual = Desk(engine), Usual(persons_an_hour=3, found_an_hour=30, readers_a_day=2)
    people = [f"person-{n}" for n in range(60)]
    for hour in range(8):
        desk.clock.now = START + hour * HOUR_MS
        for caller in range(10):
            await desk.shows("busy", people[caller : caller + 3])
            await desk.shows("again", people[:20])
    for first in (0, 20, 40):
        await desk.shows("nosy", people[first : first + 20])
    found = await unusual(engine, desk.clock.now, usual)
    assert found == [Unusual("many_found", "nosy", "", 60)]
    assert told(found[0]) == "searches showed 60 people to nosy within an hour"


async def test_who_is_shown_by_many_searches_is_not_read_by_many(engine: AsyncEngine):
    desk = Desk(engine)
    for reader in range(20):
        await desk.shows(f"reader-{reader}", ["martin"])
    assert await unusual(engine, START) == []
