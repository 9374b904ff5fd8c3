"""Reports against the same figures counted from the events themselves, on both databases."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.errors import GuichetError
from core.events import Event
from history.database import make_engine, migrate
from history.measures.archive import differences
from history.measures.asked import By, Question, ask
from history.measures.recount import recount
from history.measures.report import make_report
from history.measures.tally import Tally
from history.models import Case, Contact, Entry, Note, Offer, Person, Promise, RecordedEvent
from history.recorder import Recorder
from queues.store.memory import MemoryStore
from simulator.demo.events import events_of, shifts
from simulator.demo.filling import fill
from simulator.demo.lives import CLOSES, DAY_MS, HOUR_MS, NOBODY, OPENS, draw_lives
from simulator.demo.people import numbers
from tests.integration.history.helping import RULES, rows
from tests.integration.history.test_migrations import differences as differences_of_tables

MONDAY = 1_795_392_000_000
DAYS = [MONDAY + day * DAY_MS for day in range(10)]
CONTACTS, PEOPLE, SEED = 1_500, 350, 5
SHIFT = OPENS * HOUR_MS, CLOSES * HOUR_MS


@cache
def told() -> tuple[list, dict[str, int | None]]:
    """The events of the very lives that `fill` loads, and whose each call is."""
    lives = draw_lives(CONTACTS, PEOPLE, DAYS, SEED)
    phones = np.array(["", *numbers(np.arange(1, PEOPLE + 1))])
    whose = np.where(lives.person == NOBODY, 0, lives.person)
    events = list(events_of(lives, 0, phones[whose].tolist()))
    for day in DAYS:
        on = (lives.started >= day) & (lives.started < day + DAY_MS) & (lives.agent != NOBODY)
        events += shifts(sorted({int(agent) for agent in lives.agent[on]}), [day], SHIFT)
    persons = {f"demo-{n:08d}": int(who) or None for n, who in enumerate(whose)}
    return events, persons


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    await fill(engine, CONTACTS, PEOPLE, DAYS, SEED, lambda *_: None)
    return engine


async def compared(engine: AsyncEngine, questions: Sequence[Question]) -> None:
    events, persons = told()
    for question in questions:
        report = await make_report(engine, question)
        whole = recount(events, replace(question, by=None), persons.get)
        assert asdict(report.total) == asdict(whole[None]), question
        again = recount(events, question, persons.get) if question.by else {}
        nothing = asdict(Tally())
        found = {key: asdict(tally) for key, tally in report.parts.items()}
        counted = {key: asdict(tally) for key, tally in again.items()}
        assert {k: t for k, t in found.items() if t != nothing} == {k: t for k, t in counted.items() if t != nothing}


async def test_a_day_is_the_same_from_the_tables_and_from_the_events(filled: AsyncEngine):
    day = Question(starts=[DAYS[0], DAYS[1]], now=DAYS[-1] + DAY_MS)
    others = [replace(day, by=by) for by in (By.QUEUE, By.AGENT, By.TOPIC, By.SERVICE, By.HOUR)]
    levels = replace(day, within_ms=20_000, within={"voirie": 5_000}, short_abandon_ms=30_000)
    await compared(filled, [day, *others, levels])


async def test_several_days_and_limits_too(filled: AsyncEngine):
    days = Question(starts=DAYS[:5], now=DAYS[-1])
    await compared(filled, [days, replace(days, by=By.DAY), replace(days, limits={By.QUEUE: "voirie"}, by=By.AGENT),
                            replace(days, limits={By.AGENT: "agent-0001"}),
                            replace(days, limits={By.TOPIC: "cantine"}, by=By.QUEUE)])  # fmt: skip


async def test_days_of_a_change_of_the_clock_are_counted_by_their_own_length(filled: AsyncEngine):
    uneven = Question(starts=[DAYS[0], DAYS[1] - HOUR_MS, DAYS[2], DAYS[3] + HOUR_MS], now=DAYS[-1], by=By.DAY)
    await compared(filled, [uneven])


async def test_every_call_offered_came_to_one_thing(filled: AsyncEngine):
    for by in (None, *By):
        report = await make_report(filled, Question(starts=DAYS, now=DAYS[-1], by=by))
        for t in (report.total, *report.parts.values()):
            assert t.offered == t.answered + t.abandoned + t.left + t.callbacks + t.waiting
            assert t.short_abandons <= t.abandoned
            assert t.unwanted <= t.left


async def test_a_figure_that_is_not_ripe_yet_is_not_there(filled: AsyncEngine):
    fresh = await make_report(filled, Question(starts=DAYS[:2], now=DAYS[1]))
    ripe = await make_report(filled, Question(starts=DAYS[:2], now=DAYS[1] + 7 * DAY_MS))
    assert fresh.figures(fresh.total)["single_contact"] is None
    assert fresh.total.identified
    figures = ripe.figures(ripe.total)
    assert figures["single_contact_ripe"] == 1
    assert figures["single_contact"] is not None


async def test_steps_that_mislead_are_named_the_worst_first(filled: AsyncEngine):
    report = await make_report(filled, Question(starts=DAYS, now=DAYS[-1]))
    assert report.misleading == {"accueil/sujet": report.total.reoriented}


@pytest.mark.parametrize("hostile", ["voirie' OR '1'='1", 'voirie"; DROP TABLE entry; --', "%", "_", "*", "\\"])
async def test_hostile_limits_are_names_that_nobody_has(filled: AsyncEngine, hostile: str):
    for name in ("queue", "agent", "topic", "service"):
        question = ask("2026-11-23", "2026-11-23", "UTC", DAYS[-1], limits={name: hostile})
        assert (await make_report(filled, question)).total.offered == 0
    assert (await make_report(filled, Question(starts=DAYS[:2], now=DAYS[-1]))).total.offered


async def test_an_empty_history_has_a_report_of_nothing(engine: AsyncEngine):
    report = await make_report(engine, Question(starts=DAYS[:2], now=DAYS[-1], by=By.QUEUE))
    assert report.total == Tally()
    assert report.parts == {}


async def test_made_up_contacts_are_never_put_beside_others(filled: AsyncEngine):
    with pytest.raises(GuichetError, match="never mixed"):
        await fill(filled, 10, 1, DAYS, 1, lambda *_: None)


async def test_indexes_are_there_again_after_loading(filled: AsyncEngine):
    async with filled.connect() as connection:
        assert await connection.run_sync(differences_of_tables) == []


async def test_what_comes_after_a_load_gets_numbers_of_its_own(filled: AsyncEngine):
    async with filled.begin() as connection:
        made = await connection.scalar(insert(Person).values(since=1).returning(Person.id))
    assert made > PEOPLE


async def test_what_the_recorder_wrote_counts_as_its_events_do(engine: AsyncEngine):
    """The whole way: events, recorder, tables, report; against the archive of the events."""
    await recorded(engine, told()[0][:6_000])
    day = Question(starts=DAYS[:2], now=DAYS[-1] + DAY_MS)
    for by in (None, By.QUEUE, By.AGENT, By.HOUR):
        assert await differences(engine, replace(day, by=by)) == []
    report = await make_report(engine, day)
    assert report.total.answered > 100
    assert report.total.wrap_up_ms > 0
    assert report.total.hold_ms > 0


async def test_a_made_up_history_is_counted_again_from_its_events_or_says_that_none_are_kept(engine: AsyncEngine):
    await fill(engine, 300, 70, DAYS, SEED, lambda *_: None, events=True)
    days = Question(starts=DAYS, now=DAYS[-1] + DAY_MS)
    for by in (None, By.QUEUE, By.AGENT, By.DAY):
        assert await differences(engine, replace(days, by=by)) == []
    async with engine.begin() as connection:
        await connection.execute(delete(RecordedEvent))
    with pytest.raises(GuichetError, match="none of the events"):
        await differences(engine, days)


async def test_a_figure_that_is_wrong_in_the_tables_is_found_out(engine: AsyncEngine):
    await recorded(engine, told()[0][:1_000])
    day = Question(starts=DAYS[:2], now=DAYS[-1] + DAY_MS)
    async with engine.begin() as connection:
        first = select(Entry.id).where(Entry.outcome == "answered").order_by(Entry.id).limit(1).scalar_subquery()
        await connection.execute(update(Entry).where(Entry.id == first).values(outcome="abandoned"))
    told_of = await differences(engine, day)
    assert any(line.startswith("total: answered is") for line in told_of)


async def test_loaded_rows_are_those_that_the_recorder_makes(
    engine: AsyncEngine, tmp_path_factory: pytest.TempPathFactory
):
    """So that what is measured on made-up histories is true of real ones."""
    url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('loaded')}/history.db"
    await migrate(url)
    loaded = make_engine(url)
    await fill(loaded, CONTACTS, PEOPLE, DAYS, SEED, lambda *_: None)
    await recorded(engine, told()[0])
    for model, names in SAME.items():
        one, other = await rows(loaded, model), await rows(engine, model)
        assert [{n: row[n] for n in names} for row in one] == [{n: row[n] for n in names} for row in other]
    await loaded.dispose()


SAME = {
    Entry: ("id", "call", "queue", "entered_at", "offers", "agent", "answered_at", "left_at", "waited_ms", "talk_ms",
            "finished_at", "wrap_up_ms", "outcome", "reason", "expected_ms", "expected_most_ms", "expected_at",
            "foretold_ms"),
    Offer: ("id", "call", "entry", "queue", "agent", "at", "ended_at", "result"),
    Contact: ("id", "number", "withheld", "confidence", "flow", "started_at", "path", "answers", "queue", "requirement",
              "entered_at", "offers", "agent", "answered_at", "waited_ms", "talk_ms", "ended_at", "outcome", "reason",
              "topic", "service", "code", "settled", "case_id"),
    Note: ("id", "call", "case_id", "at", "author", "text"),
    Case: ("id", "number", "opened_in", "title", "topic", "service", "status", "opened_at"),
    Promise: ("id", "call", "kind", "number", "queue", "made_at", "due_from", "due_until", "tries", "outcome"),
}  # fmt: skip


async def recorded(engine: AsyncEngine, events: Sequence[Event]) -> None:
    store = MemoryStore(HandClock())
    await store.emit(list(events))
    await store.join_group("history")
    recorder = Recorder(store, engine, HandClock(), RULES)
    while await recorder.step(wait_ms=1):
        pass
    assert recorder.progress.poisoned == 0


def a_call(call: str, *happened: tuple[str, int, dict], ends: str = "flow_ended") -> list[Event]:
    """Arrives on the first day; each thing that happens, with how many seconds after."""
    everything = [("call.arrived", 0, {"number": "0612345678", "withheld": False}), *happened]
    everything += [("call.ended", 600, {"reason": ends, "path": []})]
    return [Event(f"{call}-{n}", kind, DAYS[0] + s * 1000, call, {**data, **_entry(kind, call)})
            for n, (kind, s, data) in enumerate(everything)]  # fmt: skip


def _entry(kind: str, call: str) -> dict[str, str]:
    return {"entry": f"{call}-e"} if kind.startswith("entry.") else {}


async def test_what_is_rare_counts_alike_from_the_tables_and_from_the_events(engine: AsyncEngine):
    def entered(queue: str = "voirie", kind: str = "call") -> tuple[str, int, dict]:
        return "entry.entered", 10, {"queue": queue, "since": DAYS[0] + 10_000, "kind": kind, "requirement": []}

    def left(reason: str) -> tuple[str, int, dict]:
        return "entry.left", 90, {"queue": "voirie", "reason": reason, "waited_ms": 80_000}

    def rule(action: str) -> tuple[str, int, dict]:
        return "entry.overflowed", 60, {"queue": "voirie", "rule": "voirie/1", "action": action}

    moved = "entry.moved", 60, {"from": "voirie", "queue": "accueil", "waited_ms": 50_000, "reason": "moved"}
    told_wait = "entry.announced", 20, {"queue": "voirie", "from_min": 1, "to_min": 3}
    offered = "entry.offered", 70, {"queue": "accueil", "agent": "camille", "offer": "o", "waited_ms": 60_000}
    answered = "entry.answered", 80, {"queue": "accueil", "agent": "camille", "offer": "o", "waited_ms": 70_000}
    refused = "call.refused", 10, {"act": "queue voirie", "reason": "closed", "step": "agent"}
    calls = [
        a_call("moved", entered(), told_wait, moved, offered, answered, ends="caller_hung_up"),
        a_call("moved-and-gone", entered(), moved, ends="caller_hung_up"),
        a_call("chose", entered(), rule("offer"), left("end")),
        a_call("was-sent", entered(), rule("then"), left("end")),
        a_call("was-called-back", entered(), rule("then"), left("callback")),
        a_call("turned-away", refused),
        a_call("message", entered(kind="voicemail")),
        a_call("alone"),
        a_call("through", ("call.transferred", 30, {"number": "+33299000001", "seconds": 9, "service": "ccas"})),
    ]
    await recorded(engine, [event for call in calls for event in call])
    day = Question(starts=DAYS[:2], now=DAYS[-1] + DAY_MS)
    for by in (None, By.QUEUE, By.SERVICE, By.AGENT):
        assert await differences(engine, replace(day, by=by)) == []
    report = await make_report(engine, replace(day, by=By.QUEUE))
    voirie, accueil = report.parts["voirie"], report.parts["accueil"]
    assert (voirie.offered, voirie.left, voirie.callbacks, voirie.unwanted) == (5, 4, 1, 3)
    assert (accueil.offered, accueil.answered, accueil.abandoned) == (2, 1, 1)
    assert report.total.contained == 2, "alone, and who was put through"
