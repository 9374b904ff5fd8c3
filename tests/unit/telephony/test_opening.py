"""What a call hears of opening hours: those of its version, under the switch as it stands."""

import asyncio
from typing import Any

import pytest

from core.clock import HandClock
from core.ids import counted_ids
from hours.switch import EVERYTHING, Switch, throw
from ivr.acts import Done, Hours, Refused
from queues.store.memory import MemoryStore
from queues.store.port import StoreAway
from telephony.call import Call
from telephony.fake import FakeChannel
from telephony.opening import TownHours
from telephony.parts import Parts
from telephony.record import Arrival
from tests.unit.hours.towns import at, hours
from tests.unit.telephony.town import flow, house_of

ASK = {"hours": "mairie", "open": "yes", "closed": "no"}
YES = {"say": {"fr": "Ouvert jusqu'à {hours.closes:time}.", "en": "Open."}, "then": "hangup"}
NO = {"say": {"fr": "Fermé. Réouverture {hours.next_open}.", "en": "Closed."}, "then": "hangup"}
MONDAY_17 = at("2026-11-23T17:00")
SWITCH = Switch("closed", MONDAY_17, at("2026-11-24T14:00"))


class Away:
    """A store that does not answer."""

    async def switches(self) -> dict[str, dict[str, Any]]:
        raise StoreAway("gone")

    async def set_switch(self, name: str, switch: Any, events: Any) -> None: ...


def house_at(moment: int) -> Any:
    house = house_of(flow(start=ASK, yes=YES, no=NO))
    assert isinstance(house.clock, HandClock)
    house.clock.now = moment
    house.towns.live().hours["mairie"] = hours()  # type: ignore[index]
    house.parts = Parts(hours=TownHours(house.towns, house.store))
    return house


async def heard(house: Any) -> str:
    channel = FakeChannel()
    async with asyncio.timeout(5):
        await Call.arrive(house, channel, Arrival("+33612345678", "Ada", "3939")).run()
    return str(channel.played[-1])


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T16:00", "Ouvert jusqu'à dix-sept heures."),
        ("2026-11-23T12:30", "Fermé. Réouverture aujourd'hui à treize heures trente."),
        ("2026-11-23T17:00", "Fermé. Réouverture demain à huit heures trente."),
        ("2026-11-27T16:30", "Fermé. Réouverture lundi à huit heures trente."),
        ("2026-12-24T13:00", "Fermé. Réouverture lundi à huit heures trente."),
        ("2026-11-10T17:30", "Fermé. Réouverture après-demain à huit heures trente."),
    ],
)
async def test_a_caller_hears_whether_it_is_open_and_when_that_changes(moment: str, words: str) -> None:
    assert await heard(house_at(at(moment))) == words


async def test_the_switch_is_heard_at_once_on_every_engine() -> None:
    house = house_at(at("2026-11-23T16:00"))
    await throw(house.store, "mairie", SWITCH, counted_ids("switch"))
    assert await heard(house) == "Fermé. Réouverture demain à quatorze heures."


async def test_the_switch_of_all_hours_counts_too() -> None:
    house = house_at(at("2026-11-23T16:00"))
    await throw(house.store, EVERYTHING, SWITCH, counted_ids("switch"))
    assert await heard(house) == "Fermé. Réouverture demain à quatorze heures."


async def test_with_the_store_away_the_switch_as_it_was_known_last_counts() -> None:
    house = house_at(MONDAY_17)
    store = MemoryStore(HandClock(), counted_ids("event"))
    await throw(store, "mairie", SWITCH, counted_ids("switch"))
    part = TownHours(house.towns, store)
    act, now = Hours("mairie"), at("2026-11-24T09:00")
    before = await part.hours(act, now, "v1")
    part._switches = Away()  # the store goes away between two questions
    assert await part.hours(act, now, "v1") == before
    assert isinstance(before, Done) and before.values["open"] is False


async def test_hours_that_the_calls_version_does_not_have_are_refused() -> None:
    part = TownHours(house_at(MONDAY_17).towns, Away())
    assert await part.hours(Hours("voirie"), MONDAY_17, "v1") == Refused("unavailable")
