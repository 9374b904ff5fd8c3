"""Contacts that an earlier version made by other rules are made again from their events."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from history import again
from history.again import make_again
from history.database import writing
from history.models import Case, Contact, Entry, Note, Offer, Promise, RecordedEvent
from tests.integration.history.helping import RULES, erasures, recorded, rows
from tests.integration.history.test_erasure import ADAS_KEY, LATER, a_day
from tests.unit.history.told import START, arrived, ended, entered

WHAT = (Contact, Entry, Offer, Note, Case, Promise)


async def seen(engine: AsyncEngine) -> list[Any]:
    return [await rows(engine, model) for model in WHAT]


async def as_before_an_update(engine: AsyncEngine) -> None:
    """Its rules saw other outcomes, no offers, and a stay that there was not."""
    async with writing(engine) as connection:
        await connection.execute(update(Contact).values(outcome="left", reason="old", waited_ms=None, offers=0))
        await connection.execute(update(Entry).values(outcome="left", reason="old"))
        await connection.execute(Offer.__table__.delete())
        former = {"id": "former", "call": "a1", "queue": "old", "kind": "call", "entered_at": START}
        await connection.execute(insert(Entry), [{**former, "priority": 0, "offers": 0}])


async def test_they_are_what_these_rules_make_of_them_and_only_that(engine: AsyncEngine):
    await recorded(engine, a_day())
    before = await seen(engine)
    await as_before_an_update(engine)
    assert await seen(engine) != before
    made = await make_again(engine, RULES, breath_s=0)
    assert (made.calls, made.eventless, made.unreadable) == (4, 0, 0)
    assert await seen(engine) == before


async def test_who_was_erased_stays_so_and_others_stay_whose_they_were(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_day())
    await erasures(engine, tmp_path, HandClock(LATER)).erase(ADAS_KEY, "admin")
    before = [await rows(engine, model) for model in (Contact, Entry, Offer, Note)]
    await as_before_an_update(engine)
    await make_again(engine, RULES, breath_s=0)
    assert [await rows(engine, model) for model in (Contact, Entry, Offer, Note)] == before
    assert "612345678" not in str(await seen(engine))


async def test_it_goes_on_where_it_was_stopped_and_begins_anew_once_it_came_to_the_end(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(again, "AT_ONCE", 2)
    calls = [f"c{n}" for n in range(7)]
    await recorded(engine, [e for n, c in enumerate(calls) for e in (arrived(c, after_ms=n), ended(9_000 + n, call=c))])

    def stop_after_four(count: int, _: int) -> None:
        if count == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await make_again(engine, RULES, tell=stop_after_four, breath_s=0)
    assert (await make_again(engine, RULES, breath_s=0)).calls == 4  # the last moment's once more, and the three behind
    assert (await make_again(engine, RULES, breath_s=0)).calls == 7
    assert (await make_again(engine, RULES, since=START + 5, breath_s=0)).calls == 2


async def test_what_has_no_event_or_cannot_be_read_stays_as_it_is(engine: AsyncEngine):
    await recorded(engine, [arrived("good"), arrived("bad"), entered(1_000, call="bad"), ended(9_000, call="bad"),
                            arrived("none")])  # fmt: skip
    async with writing(engine) as connection:
        await connection.execute(RecordedEvent.__table__.delete().where(RecordedEvent.call == "none"))
        spoilt = {"entry": ["no", "text"]}
        here = (RecordedEvent.call == "bad") & (RecordedEvent.kind == "entry.entered")
        await connection.execute(update(RecordedEvent).where(here).values(data=spoilt))
    before = await seen(engine)
    made = await make_again(engine, RULES, breath_s=0)
    assert (made.calls, made.eventless, made.unreadable) == (1, 1, 1)
    assert await seen(engine) == before
