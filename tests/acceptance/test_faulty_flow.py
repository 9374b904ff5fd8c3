"""A fault in a file: it is told with its place, and callers never meet it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from core.errors import GuichetError
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT, TOWN
from tests.acceptance.house import House


def spoil(town: Path) -> None:
    flow = town / "essai.yaml"
    flow.write_text(flow.read_text().replace("then: sujet", "then: sujett"))


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOWN, tmp_path / "town"))


@pytest.fixture
def apart(native: Native, town: Path) -> Iterator[OwnHouse]:
    """A house that is not started yet."""
    house = OwnHouse(town, first_port=FIRST_PORT, last_port=LAST_PORT)
    yield house
    house.end()


def test_at_the_first_start_the_fault_is_told_with_its_place(apart: OwnHouse, town: Path) -> None:
    spoil(town)
    line = 1 + next(n for n, text in enumerate((town / "essai.yaml").read_text().splitlines()) if "sujett" in text)
    with pytest.raises(GuichetError) as failed:
        apart.up()
    assert f"essai.yaml:{line}:11:" in str(failed.value)
    assert "sujet" in str(failed.value).replace("sujett", ""), "what was expected"


async def test_with_a_good_version_at_hand_calls_go_on_with_that(apart: OwnHouse, town: Path) -> None:
    apart.up()
    apart.down()
    spoil(town)
    apart.up()
    house = House(apart)
    try:
        caller = await house.caller()
        call = await caller.reach()
        await call.press("2")
        await call.ended.wait(20)
        assert (await house.ended_contact(caller.number))["path"] == ["bonjour", "sujet", "merci"]
    finally:
        await house.everybody_goes()
