"""Each module of acceptance tests has a house of its own; each test has people of its own around it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.house import House

TOWN = Path(__file__).parent / "town"
FIRST_PORT, LAST_PORT = 23000, 23399


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def house(own_house: OwnHouse, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    house = House(own_house)
    request.node.stash[_HOUSE] = own_house
    yield house
    await house.everybody_goes()
    await house.is_empty()


_HOUSE = pytest.StashKey[OwnHouse]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """A test that failed shows what the house logged."""
    report = yield
    own = item.stash.get(_HOUSE, None)
    if own and call.excinfo and call.when != "setup":
        report.sections += [(f"log {name}", text) for name, text in own.logs().items() if text.strip()]
    return report
