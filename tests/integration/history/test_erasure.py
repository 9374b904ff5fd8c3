"""Somebody is erased and stays so, in a restored backup too; nothing that counts changes."""

import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from core.clock import HandClock
from core.errors import GuichetError
from core.events import Event
from history.database import make_engine
from history.export import export, page, persons_at
from history.ledger import Ledger
from history.models import Base, Contact, Entry, Offer, Person
from history.sealing import Sealing
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.unit.history.told import START, an_answered_call, arrived, ended, entered, told

ADA, BOB = "+33612345678", "+33699999999"
ADAS_KEY, BOBS_KEY = RULES.pseudonyms.person(ADA), RULES.pseudonyms.person(BOB)
LATER = START + 1_000_000
TRACES = ("612345678", "Ada Lovelace", "4242", "Her son is ill", "Needs a nurse")


def said(kind: str, after: int, call: str = "", /, **data: Any) -> Event:
    return Event(f"{kind}-{after}", kind, START + after, call, {"author": "camille", **data})


def a_day() -> list[Event]:
    """Ada calls three times: gives up, keys in a number, is answered; Bob calls once."""
    gave_up = [arrived("a1", ADA), entered(1_000, call="a1", entry="e-a1"), ended(9_000, call="a1")]
    keyed = [
        arrived("a2", ADA, 100_000, name="Ada Lovelace"),
        told("call.chose", 101_000, "a2", step="dossier", digits="4242", choice="ok"),
        told("call.voicemail", 102_000, "a2", queue="accueil", file="voice-1", seconds=9),
        ended(103_000, "flow_ended", call="a2"),
    ]
    answered = [
        Event(e.id, e.kind, e.at, "a3", {**e.data, **{n: f"{e.data[n]}-a3" for n in ("entry", "offer") if n in e.data}})
        for e in an_answered_call("a3", ADA)
    ]
    about = [
        said("contact.noted", 200_000, "a3", note="n1", text="Her son is ill"),
        said("person.confirmed", 200_001, "a3", person=ADAS_KEY, reason="asked"),
        said("person.described", 200_002, person=ADAS_KEY, name="Ada Lovelace"),
        said("case.opened", 200_003, "a3", case="c1", number="1234567802", title="Needs a nurse"),
        said("promise.made", 200_004, "a3", promise="p1", kind="callback", number=ADA, text="We call Ada Lovelace"),
    ]
    return [*gave_up, *keyed, *answered, *about, *an_answered_call("b", BOB)]


async def counts(engine: AsyncEngine) -> dict[str, Any]:
    """What reports count, by person too."""
    contacts = [
        (c["id"], c["queue"], c["outcome"], c["waited_ms"], c["talk_ms"], c["started_at"], c["confidence"])
        for c in await rows(engine, Contact)
    ]
    entries = [(e["id"], e["queue"], e["outcome"], e["entered_at"]) for e in await rows(engine, Entry)]
    by_person: dict[Any, set[str]] = {}
    for contact in await rows(engine, Contact):
        by_person.setdefault(contact["person_id"], set()).add(contact["id"])
    return {
        "contacts": contacts,
        "entries": entries,
        "offers": len(await rows(engine, Offer)),
        "persons": sorted(map(sorted, by_person.values())),
    }


async def everything(engine: AsyncEngine) -> str:
    found = {}
    async with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [list(map(str, row)) for row in await connection.execute(table.select())]
    return json.dumps(found, ensure_ascii=False)


async def test_nothing_of_an_erased_person_is_left_and_all_counts_are_as_before(engine: AsyncEngine, tmp_path: Path):
    (tmp_path / "voice-1").touch()
    await recorded(engine, a_day())
    before = await counts(engine)
    there = await everything(engine)
    assert [trace for trace in TRACES if trace not in there] == []
    erased = await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin", "asked")
    assert (erased.contacts, erased.cases, erased.promises, erased.notes) == (3, 1, 1, 1)
    left = await everything(engine)
    assert [trace for trace in TRACES if trace in left] == []
    assert BOB in left
    assert await counts(engine) == before
    assert not (tmp_path / "voice-1").exists()


async def test_who_calls_again_after_an_erasure_is_known_from_then_on_alone(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_day())
    erasing = erasures(engine, tmp_path, HandClock(LATER))
    await erasing.erase(ADAS_KEY, "admin")
    await recorded(engine, [arrived("again", ADA, 2_000_000), ended(2_001_000, call="again")])
    assert await erasing.apply_all() == 0
    known = await export(engine, ADAS_KEY, Sealing([]))
    assert [contact["id"] for contact in known["contacts"]] == ["again"]
    assert known["person"]["name"] is None


async def test_what_comes_late_about_an_erased_person_is_recorded_without_them(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_day())
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    late = [
        said("contact.noted", 2_000_000, "a3", note="n2", text="Her son is ill"),
        said("person.described", 300_000, person=ADAS_KEY, name="Ada Lovelace", more=1),
        arrived("a4", ADA, 400_000),
        told("call.chose", 401_000, "a4", step="dossier", digits="4242", choice="ok"),
        *a_day(),
    ]
    await recorded(engine, late)
    left = await everything(engine)
    assert [trace for trace in TRACES if trace in left] == []
    assert ADAS_KEY not in {person["key"] for person in await rows(engine, Person)}
    assert {c["id"]: c["choices"][0]["digits"] for c in await rows(engine, Contact) if c["choices"]}["a4"] == ""


async def test_in_a_restored_backup_the_erased_person_is_gone_from_the_start_and_the_counts_are_the_same(
    engine: AsyncEngine, url: str, tmp_path: Path
):
    await recorded(engine, a_day())
    before = await counts(engine)
    backup = await Backup.of(url, engine, tmp_path)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    await engine.dispose()
    restored = backup.restore()
    there = await everything(restored)
    assert [trace for trace in TRACES if trace not in there] == []
    assert await erasures(restored, tmp_path, HandClock(LATER)).apply_all() == 3
    left = await everything(restored)
    assert [trace for trace in TRACES if trace in left] == []
    assert await counts(restored) == before
    assert BOBS_KEY in left
    await restored.dispose()


class Backup:
    """A copy of the whole database: SQLite's file, or another database of PostgreSQL's server."""

    def __init__(self, url: str, copy: str) -> None:
        self._url, self._copy = url, copy

    @classmethod
    async def of(cls, url: str, engine: AsyncEngine, folder: Path) -> "Backup":
        await engine.dispose()
        there = make_url(url)
        if url.startswith("sqlite"):
            copy = str(folder / "backup.db")
            with sqlite3.connect(there.database or "") as source, sqlite3.connect(copy) as target:
                source.backup(target)
            return cls(url, copy)
        copy = f"{there.database}_backup"
        server = create_async_engine(there.set(database="postgres"), isolation_level="AUTOCOMMIT")
        async with server.connect() as connection:
            await connection.exec_driver_sql(f'CREATE DATABASE "{copy}" TEMPLATE "{there.database}"')
        await server.dispose()
        return cls(url, copy)

    def restore(self) -> AsyncEngine:
        there = make_url(self._url)
        if self._url.startswith("sqlite"):
            file = Path(there.database or "")
            for part in file.parent.glob(f"{file.name}*"):
                part.unlink()
            shutil.copyfile(self._copy, file)
            return make_engine(self._url)
        return make_engine(there.set(database=self._copy).render_as_string(hide_password=False))


async def test_a_file_of_erasures_that_cannot_be_written_erases_nobody(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_day())
    (tmp_path / "erasures.jsonl").mkdir()
    with pytest.raises(GuichetError, match="Nothing was erased"):
        await erasures(engine, tmp_path).erase(ADAS_KEY, "admin")
    assert "Ada Lovelace" in await everything(engine)


def test_a_line_that_a_crash_left_half_written_is_passed_over_and_never_continued(tmp_path: Path):
    ledger = Ledger(tmp_path / "erasures.jsonl")
    stone = {"id": "1", "at": 1, "persons": [], "numbers": [], "contacts": [], "author": "a", "reason": ""}
    ledger.file.write_text(json.dumps(stone) + '\n{"id": "2", "at"')
    assert [each.id for each in ledger.all()] == ["1"]
    ledger.add(ledger.all())
    with pytest.raises(GuichetError, match=r"erasures\.jsonl:2"):
        ledger.all()


async def test_everything_about_a_person_is_handed_over_as_data_and_as_a_page_with_text_escaped(
    engine: AsyncEngine,
):
    evil = "<script>alert(1)</script>"
    await recorded(engine, [*a_day(), said("contact.noted", 300_000, "a3", note="n2", text=evil)])
    assert [person["key"] for person in await persons_at(engine, "06 12 34 56 78", "FR")] == [ADAS_KEY]
    found = await export(engine, ADAS_KEY, Sealing([]))
    data = json.loads(json.dumps(found))
    assert [contact["id"] for contact in data["contacts"]] == ["a1", "a3", "a2"]
    assert [note["text"] for note in data["contacts"][1]["notes"]] == ["Her son is ill", evil]
    assert (data["cases"][0]["title"], data["promises"][0]["kind"]) == ("Needs a nurse", "callback")
    assert BOB not in json.dumps(data)
    for language, title in (("fr", "Ce que nous savons de vous"), ("en", "What we know about you")):
        html = page(found, language)
        assert title in html
        assert "&lt;script&gt;" in html
        assert "<script>" not in html


async def test_somebody_who_is_not_known_cannot_be_erased_nor_exported(engine: AsyncEngine, tmp_path: Path):
    with pytest.raises(GuichetError, match="no person"):
        await erasures(engine, tmp_path).erase("nobody", "admin")
    with pytest.raises(GuichetError, match="no person"):
        await export(engine, "nobody", Sealing([]))
