"""Which switch decides, and what is told of it."""

from core.clock import HandClock
from core.ids import counted_ids
from hours.switch import EVERYTHING, Switch, switch_for, take_back, throw
from queues.store.memory import MemoryStore

CLOSED = Switch("closed", 1_000, 5_000, "Panne", "ada")
OPEN = Switch("open", 1_000)


def test_the_switch_of_one_name_wins_over_that_of_all() -> None:
    thrown = {"mairie": OPEN.to_data(), EVERYTHING: CLOSED.to_data()}
    assert switch_for(thrown, "mairie", 2_000) == OPEN
    assert switch_for(thrown, "voirie", 2_000) == CLOSED
    assert switch_for({}, "voirie", 2_000) is None


def test_one_that_is_over_lets_the_other_decide() -> None:
    thrown = {"mairie": CLOSED.to_data(), EVERYTHING: OPEN.to_data()}
    assert switch_for(thrown, "mairie", 5_000) == OPEN


async def test_it_is_kept_and_told_with_its_author_and_taken_back() -> None:
    store = MemoryStore(HandClock(), counted_ids("e"))
    await throw(store, "mairie", CLOSED, counted_ids("switch"))
    assert switch_for(await store.switches(), "mairie", 2_000) == CLOSED
    await take_back(store, "mairie", "bob", 3_000, counted_ids("back"))
    assert await store.switches() == {}
    told = [
        (event.kind, event.at, event.data["position"], event.data["author"]) for _, event in await store.follow("0", 0)
    ]
    assert told == [("hours.switched", 1_000, "closed", "ada"), ("hours.switched", 3_000, "", "bob")]
