import asyncio
import shutil
from collections.abc import Sequence
from itertools import chain, cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event, Unread
from history.database import make_engine, migrate
from history.models import Contact, Person, Phone, Poison, RecordedEvent
from history.recorder import KEPT_MS, Recorder
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, contacts, emptied, rows, until
from tests.unit.history.told import CALL, START, an_answered_call, arrived, ended, told


class Crash(Exception):
    """The recorder's process dies here."""


class Stream:
    """The store's event stream, which can give few events at a time and crash just before an acknowledgement."""

    def __init__(self, events: Sequence[Event | None] = (), clock: HandClock | None = None) -> None:
        self.store = MemoryStore(clock or HandClock())
        self.unreadable = {place for place, event in enumerate(events, 1) if event is None}
        self.events = [event or told("call.resumed") for event in events]
        self.most = 500
        self.crashes: list[bool] = []

    async def begin(self) -> "Stream":
        await self.store.emit(self.events)
        await self.store.join_group("history")
        return self

    async def join_group(self, group: str) -> None:
        await self.store.join_group(group)

    async def read_group(self, group: str, consumer: str, wait_ms: int, most: int) -> list[tuple[str, Event | Unread]]:
        read = await self.store.read_group(group, consumer, wait_ms, min(most, self.most))
        return [(cursor, Unread("?") if int(cursor) in self.unreadable else event) for cursor, event in read]

    async def acknowledge(self, group: str, cursors: Sequence[str]) -> None:
        if self.crashes and self.crashes.pop(0):
            raise Crash
        await self.store.acknowledge(group, cursors)

    async def group_lag(self, group: str) -> int:
        return await self.store.group_lag(group)

    async def trim(self, before: int) -> None:
        await self.store.trim(before)


async def record_all(stream: Stream, engine: AsyncEngine) -> Recorder:
    """Record until nothing is left, beginning anew after each crash."""
    recorder = Recorder(stream, engine, HandClock(), RULES)
    while await stream.group_lag("history"):
        try:
            await recorder.step(wait_ms=0)
        except Crash:
            recorder = Recorder(stream, engine, HandClock(), RULES)
    return recorder


# --- what is recorded -------------------------------------------------------------------------------------------


async def test_a_call_becomes_a_contact_a_phone_a_person_and_its_events(engine: AsyncEngine):
    await record_all(await Stream(an_answered_call()).begin(), engine)
    (contact,) = await contacts(engine)
    assert (contact["id"], contact["phone"], contact["agent"]) == (CALL, "+33612345678", "camille")
    assert (contact["waited_ms"], contact["talk_ms"], contact["outcome"]) == (9_000, 42_000, "answered")
    assert len(await rows(engine, RecordedEvent)) == len(an_answered_call())
    assert [person["since"] for person in await rows(engine, Person)] == [START]


async def test_a_second_call_of_a_number_belongs_to_the_same_person(engine: AsyncEngine):
    stream = Stream(
        [arrived("a", "0612345678"), ended(9, call="a"), arrived("b", "+33612345678"), arrived("c", "0699999999")]
    )
    await record_all(await stream.begin(), engine)
    assert [contact["phone"] for contact in await contacts(engine)] == ["+33612345678", "+33612345678", "+33699999999"]
    assert len(await rows(engine, Person)) == 2


async def test_withheld_and_unreadable_numbers_make_no_person(engine: AsyncEngine):
    stream = Stream(
        [arrived("a", "", withheld=True), arrived("b", "anonymous"), arrived("c", "alex"), arrived("d", "1001")]
    )
    await record_all(await stream.begin(), engine)
    assert [contact["number"] for contact in await contacts(engine)] == ["", "", "alex", "1001"]
    assert (await rows(engine, Person), await rows(engine, Phone)) == ([], [])


async def test_facts_about_agents_are_kept_without_a_contact(engine: AsyncEngine):
    await record_all(await Stream([told("agent.device", call="", agent="camille", device="free")]).begin(), engine)
    assert [event["kind"] for event in await rows(engine, RecordedEvent)] == ["agent.device"]
    assert await rows(engine, Contact) == []


async def test_hostile_texts_are_data_only(engine: AsyncEngine):
    name = "Robert'); DROP TABLE contact;-- \" ${SHELL} <script> \u202e\x00\r\n"
    digits = "1\x00'; DELETE FROM person; \ud800"
    hostile = [arrived(name=name), told("call.chose", 5, step="s", digits=digits, choice="c"), ended(9)]
    await record_all(await Stream(hostile).begin(), engine)
    (contact,) = await contacts(engine)
    assert contact["name"] == "Robert'); DROP TABLE contact;-- \" ${SHELL} <script>"
    assert contact["choices"][0]["digits"] == "1'; DELETE FROM person;"
    assert await rows(engine, Poison) == []
    kept = {event["kind"]: event["data"] for event in await rows(engine, RecordedEvent)}
    assert kept["call.arrived"]["name"] == name


# --- exactly once in effect ---------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=some.permutations(
        [*an_answered_call("a"), *an_answered_call("b", "0699999999"), arrived("c"), ended(9, call="c")]
    ),
    again=some.lists(some.integers(0, 19), max_size=20),
    most=some.integers(1, 25),
    crashes=some.lists(some.booleans(), max_size=20),
)
async def test_any_order_repetition_and_crash_gives_the_same_rows(
    engine: AsyncEngine, order: list[Event], again: list[int], most: int, crashes: list[bool]
):
    await emptied(engine)
    stream = await Stream([*order, *(order[place] for place in again)]).begin()
    stream.most, stream.crashes = most, crashes
    await record_all(stream, engine)
    found = {contact["id"]: contact for contact in await contacts(engine)}
    assert [found[call]["outcome"] for call in "abc"] == ["answered", "answered", "left"]
    assert [found[call]["offers"] for call in "abc"] == [2, 2, 0]
    assert [found[call]["talk_ms"] for call in "abc"] == [42_000, 42_000, None]
    assert [found[call]["phone"] for call in "abc"] == ["+33612345678", "+33699999999", "+33612345678"]
    assert len(await rows(engine, RecordedEvent)) == len(order)
    assert (len(await rows(engine, Phone)), len(await rows(engine, Person))) == (2, 2)


async def test_two_recorders_by_mistake_do_no_harm(engine: AsyncEngine):
    events = list(chain.from_iterable(an_answered_call(f"call-{n}", f"06000000{n % 3:02}") for n in range(20)))
    first, second = await Stream(events).begin(), await Stream(events[::-1]).begin()
    first.most, second.most = 7, 11
    await asyncio.gather(record_all(first, engine), record_all(second, engine))
    assert [contact["talk_ms"] for contact in await contacts(engine)] == [42_000] * 20
    assert (len(await rows(engine, Phone)), len(await rows(engine, Person))) == (3, 3)


# --- poison -------------------------------------------------------------------------------------------------------


async def test_poison_is_set_aside_once_and_the_rest_is_recorded(engine: AsyncEngine, caplog: pytest.LogCaptureFixture):
    bad = told("entry.answered", 5, entry="e-1", waited_ms="\x00soon")
    stream = await Stream([arrived(), bad, None, ended(9)]).begin()
    stream.crashes = [True]
    recorder = await record_all(stream, engine)
    assert [contact["outcome"] for contact in await contacts(engine)] == ["left"]
    assert sorted(row["error"] for row in await rows(engine, Poison)) == [
        "the stream's message is not an event of a known kind",
        "waited_ms is not a whole number of 0 or more",
    ]
    assert recorder.progress.poisoned == 2
    assert "waited_ms is not a whole number" in caplog.text


async def test_what_only_the_database_refuses_is_set_aside_alone(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("history.recorder.check", lambda event: None)
    unstorable = told("agent.status", 5, call="", agent={1, 2})
    await record_all(await Stream([arrived(), unstorable, ended(9)]).begin(), engine)
    assert [contact["outcome"] for contact in await contacts(engine)] == ["left"]
    assert len(await rows(engine, Poison)) == 1


# --- away and back ------------------------------------------------------------------------------------------------


async def running(recorder: Recorder) -> "asyncio.Task[None]":
    return asyncio.create_task(recorder.run())


async def stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_database_that_is_away_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    there, away = tmp_path / "there", tmp_path / "away"
    address = "sqlite+aiosqlite:///{}/history.db"
    await migrate(address.format(away))
    shutil.move(away, there)
    engine = make_engine(address.format(away))
    stream = await Stream(an_answered_call()).begin()
    recorder = Recorder(stream, engine, HandClock(), RULES, first_pause_ms=1, longest_pause_ms=5)
    task = await running(recorder)
    await until(lambda: recorder.progress.away_since is not None)
    assert await recorder.lag() == len(an_answered_call())
    shutil.move(there, away)
    await until(lambda: recorder.progress.recorded == len(an_answered_call()) and recorder.progress.away_since is None)
    assert await recorder.lag() == 0
    assert [contact["outcome"] for contact in await contacts(engine)] == ["answered"]
    assert [r.levelname for r in caplog.records if r.name == "history.recorder"] == ["ERROR", "WARNING"]
    await stopped(task)
    await engine.dispose()


async def test_tables_that_are_not_made_yet_are_waited_for(empty_url: str):
    if empty_url.startswith("sqlite"):
        Path(make_url(empty_url).database or "").parent.mkdir()
    engine = make_engine(empty_url)
    recorder = Recorder(
        await Stream(an_answered_call()).begin(), engine, HandClock(), RULES, first_pause_ms=1, longest_pause_ms=5
    )
    task = await running(recorder)
    await until(lambda: recorder.progress.away_since is not None)
    await migrate(empty_url)
    await until(lambda: recorder.progress.recorded == len(an_answered_call()))
    assert await rows(engine, Poison) == []
    await stopped(task)
    await engine.dispose()


async def test_a_stream_that_is_away_is_waited_for(engine: AsyncEngine):
    stream = await Stream(an_answered_call()).begin()
    failures = chain([ConnectionError("no stream"), ConnectionError("no stream")], cycle([None]))
    joining = stream.join_group

    async def join_group(group: str) -> None:
        if failure := next(failures):
            raise failure
        await joining(group)

    stream.join_group = join_group  # type: ignore[method-assign]
    recorder = Recorder(stream, engine, HandClock(), RULES, first_pause_ms=1)
    task = await running(recorder)
    await until(lambda: recorder.progress.recorded == len(an_answered_call()))
    await stopped(task)


async def test_an_event_that_comes_later_is_recorded_at_once(engine: AsyncEngine):
    stream = await Stream().begin()
    recorder = Recorder(stream, engine, HandClock(), RULES)
    task = await running(recorder)
    await stream.store.emit(an_answered_call())
    await until(lambda: recorder.progress.recorded == len(an_answered_call()))
    await stopped(task)
    assert [contact["outcome"] for contact in await contacts(engine)] == ["answered"]


async def test_what_was_recorded_leaves_the_stream_after_a_day(engine: AsyncEngine):
    clock = HandClock()
    stream = await Stream(an_answered_call(), clock).begin()
    recorder = Recorder(stream, engine, clock, RULES)
    await recorder.step(wait_ms=0)
    assert len(await stream.store.follow("0", 0)) == len(an_answered_call())
    clock.advance(KEPT_MS + 1)
    await recorder.step(wait_ms=0)
    assert await stream.store.follow("0", 0) == []
