"""What agents find, on both databases: kept up to date by the recorder, gone with what is erased, deaf to tricks."""

from typing import Any

import pytest
from sqlalchemy import delete, event, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.errors import GuichetError
from core.events import Event
from history.database import migrate, step_back, writing
from history.models import Case, Note, Person, Phone, RetentionMark
from history.models.search import KINDS, SearchDocument
from history.recorder import Recorder
from history.search import missing
from history.search.find import MOST, search
from history.search.index import refresh
from history.search.missing import make_missing
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES
from tests.unit.history.told import CALL, START, arrived, ended


async def record(engine: AsyncEngine, *events: Event) -> None:
    store = MemoryStore(HandClock())
    await store.emit(list(events))
    await store.join_group("history")
    recorder = Recorder(store, engine, HandClock(), RULES)
    await recorder.step()
    assert recorder.progress.poisoned == 0


async def found(engine: AsyncEngine, typed: str) -> list[tuple[str, str]]:
    return [(hit["kind"], hit["title"]) for hit in await search(engine, typed, "FR")]


def note(words: str, id_: str = "n1", after_ms: int = 60_000, **data: Any) -> Event:
    given = {"author": "camille", "note": id_, "case": "", "text": words, "sealed": False, **data}
    return Event(f"{id_}-{after_ms}", "contact.noted", START + after_ms, CALL, given)


def named(name: str, number: str = "+33612345678", after_ms: int = 70_000) -> Event:
    person = RULES.pseudonyms.person(number)
    data = {"author": "camille", "person": person, "name": name}
    return Event(f"named-{name}-{after_ms}", "person.described", START + after_ms, CALL, data)


def opened(number: str = "0000000497", title: str = "Trottoir abîmé, rue des Lilas") -> Event:
    data = {"author": "camille", "case": "c1", "number": number, "title": title, "topic": "voirie", "service": "voirie",
            "status": "open"}  # fmt: skip
    return Event("opened", "case.opened", START + 50_000, CALL, data)


@pytest.fixture
async def known(engine: AsyncEngine) -> AsyncEngine:
    """Somebody who called, whose name an agent wrote, with a note and a case."""
    await record(engine, arrived(), ended(80_000), opened(), note("Préfère être rappelée le mercredi."),
                 named("Élodie N'Diaye"))  # fmt: skip
    return engine


@pytest.mark.parametrize("typed", ["elodie", "ÉLODIE", "élo ndi", "n'diaye", "Diaye, Elodie", "e\u0301lodie"])
async def test_a_name_is_found_whatever_the_case_and_the_accents(known: AsyncEngine, typed: str):
    wanted = [] if typed == "élo ndi" else [("person", "Élodie N'Diaye")]
    assert await found(known, typed) == wanted


@pytest.mark.parametrize("typed", ["0612345678", "06 12 34 56 78", "+33 6 12 34", "0033612345678", "3456", "06123"])
async def test_a_number_is_found_by_any_part_of_it_in_any_writing(known: AsyncEngine, typed: str):
    assert await found(known, typed) == [("person", "Élodie N'Diaye")]


async def test_a_case_is_found_by_its_number_and_by_its_title(known: AsyncEngine):
    wanted = [("case", "Trottoir abîmé, rue des Lilas")]
    assert await found(known, "0000000497") == wanted
    assert await found(known, "00 00 00 04 97") == wanted
    assert await found(known, "trottoir lilas") == wanted


@pytest.mark.parametrize("recent", [3, 2_000])
async def test_of_many_the_latest_are_shown_however_few_of_them_are_looked_through(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, recent: int
):
    monkeypatch.setattr("history.search.find.RECENT", recent)
    await record(engine, arrived(), ended(80_000))
    for number in range(MOST + 4):
        await record(engine, note(f"Rappeler mercredi, {number}", f"n{number}", 60_000 + number))
    latest = [("note", f"Rappeler mercredi, {number}") for number in range(MOST + 3, 3, -1)]
    assert await found(engine, "mercr") == latest


async def test_a_note_is_found_by_words_in_any_order(known: AsyncEngine):
    assert await found(known, "mercredi rappelee") == [("note", "Préfère être rappelée le mercredi.")]
    assert await found(known, "mercredi jeudi") == []


async def test_a_short_number_leads_to_its_contacts(engine: AsyncEngine):
    await record(engine, arrived(number="1042"), ended(5_000))
    assert await found(engine, "1042") == [("contact", "1042")]


async def test_what_is_written_anew_is_found_and_what_it_said_before_is_not(known: AsyncEngine):
    await record(known, note("Déménage à Nantes.", after_ms=90_000), named("Élodie Traoré", after_ms=95_000))
    assert await found(known, "nantes") == [("note", "Déménage à Nantes.")]
    assert await found(known, "mercredi") == []
    assert await found(known, "traore") == [("person", "Élodie Traoré")]
    assert await found(known, "diaye") == []


async def test_recording_again_changes_nothing(known: AsyncEngine):
    async with known.connect() as connection:
        before = (await connection.execute(select(SearchDocument.__table__))).all()
    await record(known, arrived(), note("Préfère être rappelée le mercredi."), opened(), named("Élodie N'Diaye"))
    async with known.connect() as connection:
        assert (await connection.execute(select(SearchDocument.__table__))).all() == before


async def test_a_sealed_note_is_in_no_index(engine: AsyncEngine):
    await record(engine, arrived(), note("gAAAAABsecret", sealed=True))
    assert await found(engine, "gaaaaabsecret") == []
    async with engine.connect() as connection:
        assert (await connection.execute(select(SearchDocument.__table__))).all() == []


async def test_what_is_erased_by_any_hand_is_found_no_more(known: AsyncEngine):
    async with known.begin() as connection:
        await connection.execute(update(Person).values(name=None))
        await connection.execute(delete(Note))
        await connection.execute(update(Case).values(title=""))
        await connection.execute(update(Phone).values(number="erased-1"))
    for typed in ("elodie", "mercredi", "trottoir", "0612345678"):
        assert await found(known, typed) == []
    async with known.connect() as connection:
        assert (await connection.execute(select(SearchDocument.__table__))).all() == []


HOSTILE = [
    "%", "_", "*", "\"", "'", "\\", "elodie%", "%elodie%", "e*", "elodie' OR '1'='1", 'elodie" OR "1',
    "elodie) OR (mercredi",
    "elodie AND mercredi", "elodie NOT mercredi", "NEAR(elodie mercredi)", "words:elodie", "^elodie",
    "elodie | mercredi",
    "elodie & !mercredi", "elodie:*", "<->", "'; DROP TABLE person; --", "\x00elodie", "\u202eeidole", "a" * 5_000,
    "elodie " * 500, "{elodie}", "${elodie}", "is0kindperson", "-- elodie", "0612%", "06_2345678", "0612' OR 1=1",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
async def test_tricks_are_words_or_a_sentence(known: AsyncEngine, typed: str):
    try:
        hits = await search(known, typed, "FR")
    except GuichetError as error:
        assert "Type" in str(error)
    else:
        assert len(hits) <= 3
        if " " in typed.strip():
            assert {hit["kind"] for hit in hits} <= {"person"}  # OR and NOT are no operators: all words must be there
    assert await found(known, "elodie") == [("person", "Élodie N'Diaye")]


async def test_hostile_names_and_notes_are_kept_as_they_are_and_found_by_their_words(engine: AsyncEngine):
    await record(engine, arrived(), note("<script>alert('x')</script> \" OR 1=1; DROP TABLE note; -- % _ *"),
                 named("Robert'); DROP TABLE person;--"))  # fmt: skip
    assert await found(engine, "script alert") == [
        ("note", "<script>alert('x')</script> \" OR 1=1; DROP TABLE note; -- % _ *")
    ]
    assert await found(engine, "robert drop") == [("person", "Robert'); DROP TABLE person;--")]


async def test_answers_are_bounded_and_the_latest_come_first(engine: AsyncEngine):
    async with engine.begin() as connection:
        people = [{"since": START + n, "name": f"Martin {n}"} for n in range(3 * MOST)]
        made = insert(Person).returning(Person.id, sort_by_parameter_order=True)
        ids = (await connection.scalars(made, people)).all()
        await refresh(connection, "person", ids)
    hits = await search(engine, "martin", "FR")
    assert [hit["title"] for hit in hits] == [f"Martin {n}" for n in reversed(range(2 * MOST, 3 * MOST))]


async def test_full_text_is_whole_after_all_that(known: AsyncEngine):
    if known.dialect.name == "sqlite":
        async with known.begin() as connection:
            for name in (*map("search_words_{}".format, KINDS), "search_numbers"):
                check = f"INSERT INTO {name}({name}, rank) VALUES ('integrity-check', 1)"  # noqa: S608 — ours
                await connection.execute(text(check))
    assert await found(known, "elodie")


@pytest.mark.parametrize("revision", ["0013", "0010"])
async def test_what_was_there_before_the_full_text_was_made_is_found(known: AsyncEngine, url: str, revision: str):
    await step_back(url, revision)
    await migrate(url)
    await test_full_text_is_whole_after_all_that(known)


# --- what was there before the search -----------------------------------------------------------------------------


async def before_the_search(engine: AsyncEngine) -> None:
    """As an earlier version left it: no documents, and nothing gone through."""
    async with writing(engine) as connection:
        await connection.execute(delete(SearchDocument))
        await connection.execute(delete(RetentionMark))


async def test_what_is_older_than_the_search_can_be_found_once_it_was_gone_through(known: AsyncEngine):
    await record(known, *(note(f"Rappeler {n}", f"m{n}", 90_000 + n) for n in range(12)), note("", "empty"),
                 note("Scellé", "sealed", sealed=True))  # fmt: skip
    before = await documents(known)
    await before_the_search(known)
    assert await found(known, "elodie") == []
    assert await make_missing(known, breath_s=0) == len(before) == 15
    assert await documents(known) == before
    assert await found(known, "elodie") == [("person", "Élodie N'Diaye")]
    assert await make_missing(known, breath_s=0) == 0


async def test_going_through_it_goes_on_where_it_was_stopped_and_makes_each_document_once(
    known: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(missing, "LOOKED_AT", 5)
    monkeypatch.setattr(missing, "MADE_AT_ONCE", 2)
    same_moment = [note(f"Rappeler {n}", f"m{n:02d}", 90_000) for n in range(12)]
    await record(known, *same_moment)
    before = await documents(known)
    await before_the_search(known)
    making = missing.refresh
    left = [3]

    async def stopped(*given: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("the power is cut")
        await making(*given)

    monkeypatch.setattr(missing, "refresh", stopped)
    with pytest.raises(OSError, match="power"):
        await make_missing(known, breath_s=0)
    assert 0 < len(await documents(known)) < len(before)
    monkeypatch.setattr(missing, "refresh", making)
    await make_missing(known, breath_s=0)
    assert await documents(known) == before


async def test_where_all_was_gone_through_nothing_but_that_is_looked_up(known: AsyncEngine):
    await make_missing(known, breath_s=0)
    asked: list[str] = []

    def heard(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    event.listen(known.sync_engine, "before_cursor_execute", heard)
    assert await make_missing(known, breath_s=0) == 0
    assert {"retention_mark" in statement for statement in asked if not statement.startswith("BEGIN")} == {True}
    assert len([statement for statement in asked if "retention_mark" in statement]) == len(KINDS)


async def documents(engine: AsyncEngine) -> set[tuple[str, str, str]]:
    async with engine.connect() as connection:
        table = SearchDocument.__table__.c
        return {tuple(row) for row in await connection.execute(select(table.kind, table.ref, table.words))}
