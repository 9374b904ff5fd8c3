"""`lookup: case`: who keys in a case's number is told its state, and nothing of whose it is."""

from collections.abc import AsyncIterator
from datetime import UTC
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.ids import counted_ids
from history.case_lookup import MOST_MISSES, CaseLookups
from history.case_numbers import new_number, read_case_number, spoken, with_check_digits
from history.models import Contact
from history.recorder import Recorder
from history.statements import Statements
from ivr.acts import Done, Lookup, Refused
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, rows
from tests.unit.history.told import START, arrived, ended

ADA, BOB = "0612345678", "0699999999"


class Desk:
    def __init__(self, engine: AsyncEngine) -> None:
        self.clock = HandClock(START + 86_400_000)
        self.store = MemoryStore(self.clock)
        self.say = Statements(self.store, self.clock, counted_ids("s"), Random(3))
        self.cases = CaseLookups(engine, self.say, limit_ms=10_000, zone=UTC, clock=self.clock)
        self._recorder = Recorder(self.store, engine, self.clock, RULES)

    async def recorded(self) -> None:
        await self.store.join_group("history")
        while await self.store.group_lag("history"):
            await self._recorder.step(wait_ms=0)

    async def ask(self, number: object, call: str = "now") -> Done | Refused:
        await self.recorded()
        return await self.cases.look_up(Lookup("case", {"number": str(number)}, "fr"), call)


@pytest.fixture
async def desk(engine: AsyncEngine) -> AsyncIterator[Desk]:
    desk = Desk(engine)
    await desk.store.emit([arrived("first", ADA), ended(9, call="first"), arrived("now", ADA, 1_000)])
    yield desk
    await desk.cases.close()


async def test_the_state_of_a_case_is_told_and_nobodys_name(desk: Desk):
    case, number = await desk.say.open_case("camille", "Ada's roof", call="first", topic="urbanisme",
                                            spoken={"fr": "en cours", "en": "under way"})  # fmt: skip
    await desk.say.change_case("camille", case, status="closed")
    told = await desk.ask(number)
    assert told == Done({
        "number": number, "status": "closed", "topic": "urbanisme", "opened_on": "2023-11-15",
        "closed_on": "2023-11-15", "told": "en cours",
    })  # fmt: skip


async def test_the_callers_own_number_opens_nothing(desk: Desk):
    await desk.say.open_case("camille", "Ada's roof", call="first")
    for number in (ADA, "+33612345678", "", None, "0000000000"):
        assert await desk.ask(number) == Refused("missing")


async def test_who_keys_a_number_in_is_known_the_better_from_the_phone_of_that_person(desk: Desk, engine: AsyncEngine):
    case, number = await desk.say.open_case("camille", "Ada's roof", call="first")
    await desk.store.emit([arrived("elsewhere", BOB, 2_000)])
    await desk.ask(number, "now")
    await desk.ask(number, "elsewhere")
    await desk.recorded()
    found = {contact["id"]: contact for contact in await rows(engine, Contact)}
    assert (found["now"]["confidence"], found["elsewhere"]["confidence"]) == ("number_and_code", "code")
    assert (found["now"]["case_id"], found["elsewhere"]["case_id"]) == (case, case)
    assert found["elsewhere"]["person_id"] == found["first"]["person_id"]


async def test_guessing_ends_soon(desk: Desk):
    _, number = await desk.say.open_case("camille", "Ada's roof", call="first")
    for guess in range(MOST_MISSES):
        assert await desk.ask(with_check_digits(guess + 1)) == Refused("missing")
    assert await desk.ask(number) == Refused("missing")
    assert isinstance(await desk.ask(number, "first"), Done)


async def test_a_database_that_fails_is_a_timeout(desk: Desk, engine: AsyncEngine):
    await desk.recorded()
    async with engine.begin() as connection:
        await connection.exec_driver_sql('DROP TABLE "case"')
    assert await desk.ask(new_number(Random(1))) == Refused("timeout")


def test_a_number_that_was_miskeyed_is_never_another_number():
    number = new_number(Random(7))
    assert read_case_number(spoken(number)) == number
    for place in range(len(number)):
        for digit in "0123456789":
            wrong = number[:place] + digit + number[place + 1 :]
            assert read_case_number(wrong) == (number if wrong == number else None)
    for place in range(len(number) - 1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert read_case_number(swapped) == (number if swapped == number else None)


@pytest.mark.parametrize("raw", ["", "12", "' OR 1=1 --", "٣٣٣٣٣٣٣٣٣٣", "1" * 100, "\x00"])
def test_what_is_no_number_is_none(raw: str):
    assert read_case_number(raw) is None
