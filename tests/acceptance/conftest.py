"""Modules of acceptance tests share a house of the small town or have one of their own; each test has people of its
own around it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.house import House
from tests.ports import own

TOWN = Path(__file__).parent / "town"
CENTRE = Path(__file__).parent / "centre"
FIRST_PORT, LAST_PORT = own(23000), own(23399)
"""Of the house that a module has for itself."""
SECOND_PORT = own(23400)
SHARED_PORT = own(22600)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture(scope="session")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=SHARED_PORT, last_port=SHARED_PORT + 299) as own:
        yield own


@pytest.fixture
async def house(own_house: OwnHouse, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    house = House(own_house)
    request.node.stash[_HOUSE] = own_house
    yield house
    await house.everybody_goes()
    await house.is_empty()


@pytest.fixture(scope="module")
def two_own_houses(native: Native) -> Iterator[tuple[OwnHouse, OwnHouse]]:
    """Two Asterisks, north and south, each with engines of its own, on one store and one history."""
    names = {"north": "127.0.0.5", "south": "127.0.0.6"}
    peers = {name: [f"{other}={address}:{port}"] for name, other, address, port in (
        ("north", "south", names["south"], SECOND_PORT), ("south", "north", names["north"], FIRST_PORT),
    )}  # fmt: skip
    with OwnHouse(
        CENTRE, first_port=FIRST_PORT, last_port=LAST_PORT,
        name="north", sip_host=names["north"], peers=peers["north"], engines=2,
    ) as north, OwnHouse(
        CENTRE, first_port=SECOND_PORT, last_port=SECOND_PORT + LAST_PORT - FIRST_PORT,
        name="south", sip_host=names["south"], peers=peers["south"],
        redis_url=f"unix://{north.settings.valkey_socket}", database_url=north.settings.sql_url,
    ) as south:  # fmt: skip
        yield north, south


@pytest.fixture
async def two_houses(
    two_own_houses: tuple[OwnHouse, OwnHouse], request: pytest.FixtureRequest
) -> AsyncIterator[tuple[House, House]]:
    north, south = map(House, two_own_houses)
    await north.reaches("south")
    await south.reaches("north")
    request.node.stash[_HOUSE] = two_own_houses[0]
    yield north, south
    await asyncio.gather(north.everybody_goes(), south.everybody_goes())
    await north.is_empty()
    await south.is_empty()


@pytest.fixture(autouse=True)
async def nothing_happened_that_never_should(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Whatever a test did with a house, what happened in it, up to its end, breaks no rule
    (tests/history_checker.py). A house that a test has for itself is looked at before it ends."""
    if "apart" in request.fixturenames:
        request.getfixturevalue("apart")
    yield
    houses = {each.own: each for each in _houses(request.node.funcargs.values())}
    for house in houses.values():
        await house.keeps_the_rules()


def _houses(things: Iterable[object]) -> Iterator[House]:
    for thing in things:
        if isinstance(thing, House):
            yield thing
        elif isinstance(thing, OwnHouse) and thing.facts:  # it was up
            yield House(thing)
        elif isinstance(thing, tuple):
            yield from _houses(thing)


_HOUSE = pytest.StashKey[OwnHouse]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that failed shows what the house logged."""
    report = yield
    own = item.stash.get(_HOUSE, None)
    if own and call.excinfo and call.when != "setup":
        report.sections += [(f"log {name}", text) for name, text in own.logs().items() if text.strip()]
    return report
