"""Somebody of whom there is every kind of trace is erased: no table of the database leads to them any more, and what is
other people's stays theirs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event, Unread
from history.access import Unusual, reads_of, told_unusual
from history.access import told as unusual_reading
from history.database import make_engine, migrate, step_back, writing
from history.measures.archive import differences
from history.measures.asked import By, Question
from history.measures.report import make_report
from history.models import Access, Case, Contact, Delivery, Person, Poison, Promise, RecordedEvent
from history.poison import as_row
from history.recorder import Recorder
from history.recording import record
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.integration.history.test_erasure import Backup
from tests.unit.history.told import START, arrived, ended, told

ADA, ADAS_OTHER, BOB, CARL = "+33612345678", "+33622222222", "+33699999999", "+33688888888"
ADAS_KEY, BOBS_KEY, CARLS_KEY = (RULES.pseudonyms.person(number) for number in (ADA, BOB, CARL))
TWIN, DORA = "key-of-a-twin", "key-of-dora"
HOUSEHOLD, TWINS = "+33677777777", "+33711111111"
LATER = START + 10_000_000
TRACES = (
    *(ADAS_KEY, TWIN, "612345678", "622222222", "711111111"),
    *("Lovelace", "lovelace", "4242", "Her son is ill", "1234567802", "needs a nurse", "neighbour"),
)
DAY = Question([START - START % 3_600_000, START - START % 3_600_000 + 86_400_000], now=START + 30 * 86_400_000)
TOWN = replace(RULES, hooks=("town",))


def said(kind: str, after: int, call: str = "", /, **data: Any) -> Event:
    return Event(f"{kind}-{after}", kind, START + after, call, {"author": "camille", **data})


def a_call(call: str, number: str, after: int = 0, **data: Any) -> list[Event]:
    return [arrived(call, number, after, **data), ended(after + 9_000, call=call)]


def calls() -> list[Event]:
    """Ada's own, with what was written about her; those of others; and one from which it is not clear who calls."""
    return [
        *a_call("a", ADA, name="Ada Lovelace"),
        told("call.chose", 1_000, "a", step="dossier", digits="4242", choice="ok"),
        said("contact.noted", 10_000, "a", note="n1", text="Her son is ill"),
        said("contact.coded", 10_001, "a", topic="ask Ada Lovelace", code="done"),
        said("contact.reoriented", 10_002, "a", came_from="queue:voirie", sent_to=f"number:{ADA}", cause="flow"),
        said("person.described", 10_003, person=ADAS_KEY, name="Ada Lovelace", languages=["fr"]),
        said("case.opened", 10_004, "a", case="c1", number="1234567802", title="needs a nurse", topic="Ada Lovelace"),
        said("promise.made", 10_005, "a", promise="p1", kind="callback", number=ADA),
        *a_call("second", ADAS_OTHER, 50_000),
        *(event for call in ("b1", "b2", "b3", "b4") for event in a_call(call, BOB, 100_000)),
        *a_call("carls", CARL, 100_000),
        *a_call("doras", HOUSEHOLD, 100_000),
        *a_call("twins", TWINS, 100_000),
        said("person.confirmed", 110_000, "doras", person=ADAS_KEY, reason="asked"),
    ]


def elsewhere() -> list[Event]:
    """Where she is named outside her own calls."""
    return [
        said("history.read", 200_000, reader="camille", what="pop", person=ADAS_KEY),
        said("history.read", 200_001, "b1", reader="sacha", what="person", person=ADAS_KEY),
        said("history.read", 200_002, "a", reader="sacha", what="person", person=TWIN),
        said("history.read", 200_003, reader="sacha", what="person", person=BOBS_KEY),
        told("history.unusual", 200_004, "", what="many_readers", reader="", person=ADAS_KEY, count=9),
        said("contact.spoke_for", 200_005, "b1", person=ADAS_KEY, relation="neighbour"),
        said("contact.spoke_for", 200_006, "b1", person="", relation=""),
        said("contact.spoke_for", 200_007, "b2", person=ADAS_KEY, relation="neighbour"),
        said("contact.spoke_for", 200_020, "second", person=BOBS_KEY, relation="neighbour"),
        said("case.opened", 200_008, "b1", case="c2", number="2222222255", title="Bob's roof", person=ADAS_KEY),
        said("case.changed", 200_009, "", case="c2", person=BOBS_KEY),
        said("promise.made", 200_010, "b1", promise="p2", kind="send", text="to Lovelace", number=ADA, person=ADAS_KEY),
        said("call.identified", 200_011, "b3", person=ADAS_KEY, case="c1", confidence="code"),
        said("person.confirmed", 200_012, "b3", person=BOBS_KEY),
        said("person.merged", 200_013, person=CARLS_KEY, other=ADAS_KEY, reason="as Ada Lovelace says"),
        said("person.parted", 200_014, person=CARLS_KEY),
        said("person.split", 200_015, person=BOBS_KEY, other=TWIN, calls=["b4"], numbers=[TWINS], reason="Lovelace"),
        said("person.merged", 200_016, person=TWIN, other=ADAS_KEY),
        said("person.split", 200_017, person=ADAS_KEY, other=DORA, calls=["doras"], numbers=[HOUSEHOLD]),
        said("person.numbered", 200_018, person=BOBS_KEY, number=ADAS_OTHER),
        said("person.numbered", 200_019, person=ADAS_KEY, number=ADAS_OTHER),
    ]


def others() -> list[Event]:
    """What others have from her calls."""
    return [
        said("case.opened", 300_000, "a", case="c3", number="3333333310", title="Bob's drive", person=BOBS_KEY),
        said("promise.made", 300_001, "a", promise="p3", kind="send", text="a form for Bob", person=BOBS_KEY),
    ]


def set_aside() -> list[dict[str, Any]]:
    """What could not be recorded: of her call, of her key, of nobody known; and of Bob."""
    later = '{"id": "x", "kind": "call.felt", "call": "%s", "data": {"text": "%s"}}'
    return [
        as_row("1", Unread(later % ("a", "Her son is ill")), "of a later version", START),
        as_row("2", said("person.described", 1, person=ADAS_KEY, name=["no", "text"]), "no text", START),
        as_row("3", Unread("call Ada LOVELACE"), "no event", START),
        as_row("4", Unread(later % ("b1", "Bob's roof")), "of a later version", START),
    ]


async def told_all(engine: AsyncEngine) -> None:
    """In two batches: letters tell of a contact while it is Ada's that is Dora's afterwards."""
    for events in (calls(), [*elsewhere(), *others()]):
        async with writing(engine) as connection:
            await record(connection, events, TOWN)
    async with writing(engine) as connection:
        await connection.execute(Poison.__table__.insert(), set_aside())


async def places(engine: AsyncEngine) -> list[str]:
    """Where which of her traces stands: every column of every table but the tombstones, those of the full text too."""
    found = []
    async with engine.connect() as connection:
        for table in await connection.run_sync(lambda sync: inspect(sync).get_table_names()):
            if table == "erasure":
                continue
            every = text(f'SELECT * FROM "{table}"')  # noqa: S608 — the database's own names
            for row in (await connection.execute(every)).mappings():
                for column, value in row.items():
                    shown = value.decode("latin-1") if isinstance(value, bytes) else json.dumps(value, default=str)
                    found += [f"{table}.{column}: {trace}" for trace in TRACES if trace in shown]
    return sorted(set(found))


async def everybody_elses(engine: AsyncEngine) -> dict[str, Any]:
    names = {row["id"]: row["key"] for row in await rows(engine, Person)}
    return {
        "contacts": {c["id"]: names[c["person_id"]] for c in await rows(engine, Contact) if c["erased_at"] is None},
        "cases": {c["id"]: (c["title"], c["number"], names.get(c["person_id"])) for c in await rows(engine, Case)},
        "promises": {p["id"]: (p["text"], names.get(p["person_id"])) for p in await rows(engine, Promise)},
        "reads": [(r["reader"], r["what"], r["call"]) for r in await rows(engine, Access)],
        "bobs": await reads_of(engine, BOBS_KEY),
        "letters": sorted({d["call"] for d in await rows(engine, Delivery)}),
        "day": (await make_report(engine, DAY)).total,
        "by hour": (await make_report(engine, replace(DAY, by=By.HOUR))).parts,
        "set aside": [row["raw"] for row in await rows(engine, Poison) if "roof" in row["raw"]],
    }


EXPECTED_CONTACTS = {**dict.fromkeys(("b1", "b2", "b3"), BOBS_KEY), "carls": CARLS_KEY, "doras": DORA}


async def is_gone(engine: AsyncEngine, before: dict[str, Any]) -> None:
    left = await places(engine)
    assert not left, "\n".join(left)
    after = await everybody_elses(engine)
    assert after["contacts"] == EXPECTED_CONTACTS
    assert after["cases"]["c2"] == ("Bob's roof", "2222222255", BOBS_KEY)
    assert after["cases"]["c3"] == ("Bob's drive", "3333333310", BOBS_KEY)
    assert after["promises"] == {"p1": ("", None), "p2": ("", None), "p3": ("a form for Bob", BOBS_KEY)}
    unchanged = ("reads", "bobs", "set aside", "day", "by hour")
    assert {what: after[what] for what in unchanged} == {what: before[what] for what in unchanged}
    assert await differences(engine, DAY) == []
    assert after["letters"] == sorted(EXPECTED_CONTACTS)


async def test_no_table_leads_to_who_was_erased_and_others_keep_what_is_theirs(engine: AsyncEngine, tmp_path: Path):
    await told_all(engine)
    assert {place.partition(": ")[2] for place in await places(engine)} >= set(TRACES) - {"lovelace"}
    before = await everybody_elses(engine)
    assert before["contacts"] | EXPECTED_CONTACTS == before["contacts"]
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    await is_gone(engine, before)


async def test_what_stood_out_is_told_of_somebody_who_was_erased(engine: AsyncEngine, tmp_path: Path):
    await told_all(engine)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    (row,) = await told_unusual(engine, START)
    assert (row["count"], row["person"]) == (9, "")
    assert "9 readers within a day read about somebody who was erased since" in unusual_reading(
        Unusual("many_readers", "", "", 9)
    )


async def test_the_files_of_sqlite_hold_nothing_either_but_the_tombstone(
    sqlite_engine: AsyncEngine, sqlite_url: str, tmp_path: Path
):
    await told_all(sqlite_engine)
    await erasures(sqlite_engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    folder = Path(make_url(sqlite_url).database or "").parent
    there = "".join(file.read_bytes().decode("latin-1") for file in folder.iterdir())
    assert {trace: there.count(trace) for trace in TRACES if trace in there} == {ADAS_KEY: 1, TWIN: 1}


async def test_nor_does_any_once_all_of_it_is_made_again_from_the_events(engine: AsyncEngine, tmp_path: Path):
    await told_all(engine)
    before = await everybody_elses(engine)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    touched = [said("contact.coded", 400_000 + n, call, code="again") for n, call in enumerate(EXPECTED_CONTACTS)]
    again = [said("case.changed", 400_010 + n, case=case, topic="again") for n, case in enumerate(("c1", "c2", "c3"))]
    await recorded(engine, [*touched, *again, *calls(), *elsewhere(), *others()])
    await is_gone(engine, before)


async def test_nor_does_any_of_a_restored_backup(engine: AsyncEngine, url: str, tmp_path: Path):
    await told_all(engine)
    before = await everybody_elses(engine)
    backup = await Backup.of(url, engine, tmp_path)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    await engine.dispose()
    restored = backup.restore()
    await erasures(restored, tmp_path, HandClock(LATER)).apply_all()
    await is_gone(restored, before)
    await restored.dispose()


async def test_what_is_told_late_of_the_erased_names_nobody(engine: AsyncEngine, tmp_path: Path):
    await told_all(engine)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    late = [
        said("history.read", 500_000, reader="late", what="person", person=ADAS_KEY),
        told("history.unusual", 500_001, "", what="many_readers", reader="", person=TWIN, count=9),
        said("case.changed", 500_002, case="c3", person=ADAS_KEY),
        said("promise.made", 500_003, "b1", promise="p4", kind="other", person=ADAS_KEY),
    ]
    await recorded(engine, late)
    assert await places(engine) == []
    assert [row["person"] for row in await rows(engine, Access) if row["reader"] == "late"] == [""]


async def test_what_is_set_aside_late_of_the_erased_says_nothing(engine: AsyncEngine, tmp_path: Path):
    await told_all(engine)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    unreadable = [
        Unread('{"id": "y", "kind": "call.felt", "at": 1, "call": "a", "data": {"text": "Her son is ill"}}'),
        Unread(json.dumps({"id": "z", "kind": "person.felt", "data": {"person": ADAS_KEY, "text": "Ms Lovelace"}})),
    ]
    recorder = Recorder(Once(unreadable), engine, HandClock(LATER), RULES)
    await recorder.step()
    assert recorder.progress.poisoned == 2
    assert await places(engine) == []


class Once:
    """A stream that tells these once."""

    def __init__(self, told: list[Event | Unread]) -> None:
        self._told = [(str(place), one) for place, one in enumerate(told)]

    async def join_group(self, group: str) -> None: ...

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> list[tuple[str, Event | Unread]]:
        read, self._told = self._told, []
        return read

    async def acknowledge(self, group: str, cursors: Any) -> None: ...

    async def group_lag(self, group: str) -> int:
        return 0

    async def trim(self, before: int) -> None: ...


async def test_what_an_earlier_version_left_of_the_erased_goes_with_the_update(
    engine: AsyncEngine, url: str, tmp_path: Path
):
    """It kept the audit's row without the key, and the event with it; and whatever was not true any more."""
    await told_all(engine)
    before = await everybody_elses(engine)
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    left = [event for event in elsewhere() if event.kind in ("history.read", "contact.spoke_for")]
    kept = {event.id: dict(event.data) for event in left if event.call not in ("a", "second")}
    async with writing(engine) as connection:
        for id_, data in kept.items():
            await connection.execute(update(RecordedEvent).where(RecordedEvent.id == id_).values(data=data))
    assert await places(engine) != []
    await engine.dispose()
    await step_back(url, "0015")
    await migrate(url)
    again = make_engine(url)
    await erasures(again, tmp_path, HandClock(LATER)).apply_all()
    await is_gone(again, before)
    await again.dispose()
