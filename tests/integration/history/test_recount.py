"""Whatever happens: a report of the tables and the events counted again say the same, on both databases."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.events import Event
from history.measures.archive import differences
from history.measures.asked import By, Question, ask
from history.measures.report import make_report
from history.measures.tally import Tally
from history.models import Entry
from tests.integration.history.happenings import DAY_MS, FIRST_DAY, happenings
from tests.integration.history.helping import emptied, recorded

DAYS = Question(
    starts=[FIRST_DAY, FIRST_DAY + DAY_MS, FIRST_DAY + 2 * DAY_MS, FIRST_DAY + 3 * DAY_MS], now=FIRST_DAY + 30 * DAY_MS
)


@settings(max_examples=30, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(events=happenings(), by=some.sampled_from([None, *By]))
async def test_whatever_happens_counts_alike_from_the_tables_and_from_the_events(
    engine: AsyncEngine, events: list[Event], by: By | None
):
    await emptied(engine)
    await recorded(engine, events)
    assert await differences(engine, Question(starts=DAYS.starts, now=DAYS.now, by=by)) == []


def a_call(call: str, *happened: tuple[str, int, dict[str, Any]], ends: str = "flow_ended") -> list[Event]:
    """Comes at ten o'clock of the first day; each thing that happens, with how many seconds after."""
    everything = [("call.arrived", 0, {"number": "0612345678"}), *happened, ("call.ended", 600, {"reason": ends})]
    return [
        Event(f"{call}-{n}", kind, FIRST_DAY + (36_000 + s) * 1000, call, {"path": [], **_entry(kind, call), **data})
        for n, (kind, s, data) in enumerate(everything)
    ]


def _entry(kind: str, call: str) -> dict[str, Any]:
    return {"entry": f"{call}-e", "queue": "voirie"} if kind.startswith("entry.") else {}


def entered(kind: str = "call") -> tuple[str, int, dict[str, Any]]:
    return "entry.entered", 10, {"kind": kind, "since": FIRST_DAY + 36_010_000, "requirement": []}


SPOKE = (
    ("entry.offered", 610, {"agent": "camille", "offer": "o"}),
    ("entry.answered", 620, {"agent": "camille", "offer": "o", "waited_ms": 610_000}),
    ("entry.finished", 660, {"agent": "camille", "talk_ms": 40_000}),
)
SENT_AWAY = "entry.overflowed", 60, {"rule": "voirie/1", "action": "then"}


async def counted(engine: AsyncEngine, *calls: list[Event]) -> Tally:
    """Both ways; they agree."""
    await recorded(engine, [event for call in calls for event in call])
    day = Question(starts=DAYS.starts[:2], now=DAYS.now)
    assert await differences(engine, day) == []
    return (await make_report(engine, day)).total


async def test_a_message_that_was_listened_to_is_nobody_reached(engine: AsyncEngine):
    total = await counted(engine, a_call("message", entered("voicemail"), *SPOKE))
    assert (total.offered, total.tried, total.reached) == (0, 1, 0)


async def test_who_is_called_back_on_that_day_as_promised_reached_a_person(engine: AsyncEngine):
    promised = "promise.made", 100, {"promise": "p", "kind": "callback", "queue": "voirie", "author": "flow"}
    kept = "promise.ended", 3_600, {"promise": "p", "outcome": "kept", "author": "camille"}
    total = await counted(engine, a_call("promised", promised, kept))
    assert (total.tried, total.reached) == (1, 1)


async def test_who_is_called_back_a_day_later_reached_nobody_on_the_day(engine: AsyncEngine):
    promised = "promise.made", 100, {"promise": "p", "kind": "callback", "queue": "voirie", "author": "flow"}
    kept = "promise.ended", 86_400, {"promise": "p", "outcome": "kept", "author": "camille"}
    ours = [Event("b-1", "call.arrived", FIRST_DAY + 1, "b", {"number": "0612345679", "medium": "callback"}),
            Event("b-2", "call.ended", FIRST_DAY + 2, "b", {"reason": "flow_ended", "path": []})]  # fmt: skip
    total = await counted(engine, a_call("promised", promised, kept), ours)
    assert (total.contacts, total.tried, total.reached) == (2, 1, 0), "when we call, nobody tried"


async def test_an_abandon_whose_event_was_lost_waited_until_the_call_ended(engine: AsyncEngine):
    total = await counted(engine, a_call("lost", entered(), ends="caller_hung_up"))
    assert (total.abandoned, total.abandoned_within, total.short_abandons) == (1, 0, 0)
    quick = a_call("quick", entered(), ("call.ended", 12, {"reason": "caller_hung_up"}))[:-1]
    total = await counted(engine, quick)
    assert (total.abandoned, total.abandoned_within, total.short_abandons) == (2, 1, 1)


async def test_whom_a_rule_sent_away_and_somebody_moved_leaves_by_their_own_wish(engine: AsyncEngine):
    moved = "entry.moved", 70, {"from": "voirie", "queue": "accueil", "waited_ms": 60_000, "reason": "moved"}
    left = "entry.left", 90, {"queue": "accueil", "reason": "voicemail", "waited_ms": 80_000}
    total = await counted(engine, a_call("moved", entered(), SENT_AWAY, moved, left))
    assert (total.left, total.unwanted) == (2, 1), "to be moved was not their wish, the message was"


async def test_a_rule_takes_only_its_own_ways_out(engine: AsyncEngine):
    chose = "entry.left", 90, {"reason": "choice", "waited_ms": 80_000}
    sent = "entry.left", 90, {"reason": "end", "waited_ms": 80_000}
    total = await counted(
        engine, a_call("chose", entered(), SENT_AWAY, chose), a_call("sent", entered(), SENT_AWAY, sent)
    )
    assert (total.left, total.unwanted) == (2, 1)


async def test_a_wait_of_no_time_is_a_wait(engine: AsyncEngine):
    at_once = {"agent": "camille", "offer": "o", "waited_ms": 0}
    total = await counted(engine, a_call("at-once", entered(), ("entry.answered", 10, at_once)))
    assert (total.answered, total.wait_p50, total.wait_p95) == (1, 0, 0)


async def test_whoever_was_asked_and_has_the_caller_now_counts_as_the_one_who_answered(engine: AsyncEngine):
    over = "entry.handed_over", 640, {"agent": "noor", "former": "x"}
    total = await counted(engine, a_call("asked", entered("consult"), SPOKE[0], SPOKE[1], over, SPOKE[2]))
    assert (total.offered, total.answered) == (1, 1)


async def test_each_of_those_rung_together_has_an_offer(engine: AsyncEngine):
    both = "entry.offered", 20, {"agent": "noor", "offer": "o1", "beside": [{"agent": "sacha", "offer": "o2"}]}
    missed = [("entry.withdrawn", 40, {"offer": offer, "reason": "no_answer"}) for offer in ("o1", "o2")]
    total = await counted(engine, a_call("all", entered(), both, *missed))
    assert (total.offers, total.not_accepted) == (2, 2)


def waited(call: str, minutes: int, **announced: int) -> list[Event]:
    """Told on entering, answered so many minutes later."""
    answer = {"agent": "camille", "offer": call, "waited_ms": minutes * 60_000}
    return a_call(call, entered(), ("entry.announced", 10, announced), ("entry.answered", 10 + minutes * 60, answer))


async def test_more_than_ten_minutes_is_right_for_whoever_waited_longer(engine: AsyncEngine):
    told = {"expected_ms": 840_000, "from_min": 10, "to_min": 0}
    total = await counted(engine, waited("a", 12, **told), waited("b", 25, **told), waited("c", 9, **told))
    assert (total.told, total.told_right) == (3, 2)


async def test_how_wrong_an_expected_wait_was_is_told_by_the_estimate_not_by_the_interval(engine: AsyncEngine):
    total = await counted(engine, waited("a", 5, expected_ms=270_000, from_min=3, to_min=8))
    assert (total.told_wrong_ms, total.told_over_ms, total.told_right) == (30_000, -30_000, 1)


async def test_contacts_of_older_versions_know_no_estimate_and_wrote_an_open_end_as_the_beginning(engine: AsyncEngine):
    await counted(engine, waited("a", 12, expected_ms=840_000, from_min=10, to_min=0))
    async with engine.begin() as connection:
        await connection.execute(update(Entry).values(expected_most_ms=Entry.expected_ms, foretold_ms=None))
    total = (await make_report(engine, Question(starts=DAYS.starts[:2], now=DAYS.now))).total
    assert (total.told_right, total.told_over_ms) == (1, -120_000)


async def test_both_hours_that_the_clocks_show_twice_are_compared(engine: AsyncEngine):
    """A table that is wrong about one of them is found out."""
    question = ask("2026-10-25", "2026-10-25", "Europe/Paris", DAYS.now, by="hour")
    for hour in (2, 3):
        call, at = f"c{hour}", question.since + hour * 3_600_000 + 60_000
        await recorded(engine, [
            Event(f"{call}-1", "call.arrived", at, call, {"number": "0612345678"}),
            Event(f"{call}-2", "entry.entered", at, call, {"entry": call, "queue": "voirie", "since": at}),
            Event(f"{call}-3", "entry.left", at, call, {"entry": call, "reason": "abandoned", "waited_ms": 9}),
            Event(f"{call}-4", "call.ended", at, call, {"reason": "caller_hung_up", "path": []}),
        ])  # fmt: skip
    assert await differences(engine, question) == []
    for call, name in (("c2", "02:00+02:00"), ("c3", "02:00+01:00")):
        async with engine.begin() as connection:
            await connection.execute(update(Entry).where(Entry.id == call).values(outcome="left"))
        assert f"{name}: abandoned is 0, and 1 from the events" in await differences(engine, question)


async def test_hours_in_which_nothing_happened_are_in_the_series(engine: AsyncEngine):
    await recorded(engine, a_call("alone"))
    day = Question(starts=DAYS.starts[:2], now=DAYS.now, by=By.HOUR)
    report = await make_report(engine, day)
    assert list(report.parts) == list(range(24))
    assert [hour for hour, tally in report.parts.items() if tally.contacts] == [10]
    until_now = await make_report(engine, replace(day, now=FIRST_DAY + 11 * 3_600_000 + 1))
    assert list(until_now.parts) == list(range(12))
    by_day = await make_report(engine, replace(DAYS, by=By.DAY))
    assert [tally.contacts for tally in by_day.parts.values()] == [1, 0, 0]


async def test_a_call_that_is_coded_days_later_is_no_contact_of_that_day(engine: AsyncEngine):
    await recorded(engine, a_call("late", entered(), ("contact.coded", 3 * 86_400, {"topic": "acte", "author": "x"})))
    later = Question(starts=[FIRST_DAY + 3 * DAY_MS, FIRST_DAY + 4 * DAY_MS], now=DAYS.now)
    assert await differences(engine, later) == []
    assert (await make_report(engine, later)).total == Tally()
