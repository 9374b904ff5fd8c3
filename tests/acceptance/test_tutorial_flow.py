"""A newcomer's first flow, ten steps written from the reference alone: checked, played in the terminal, kept as a
scenario, drawn, and heard at a telephone."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from app.install.places import CHECKOUT
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House

TOWN = Path(__file__).parent / "tutorial"
CARD = "2048"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(TOWN, tmp_path_factory.mktemp("newcomer") / "town"))


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


def guichet(*arguments: str | Path, typed: str = "") -> str:
    """What it prints; it must end well."""
    command = [CHECKOUT / "guichet", *arguments]
    ran = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_it_is_checked_played_kept_and_drawn(town: Path) -> None:
    guichet("check", town)
    scenario = town / "scenarios" / "english.yaml"
    scenario.parent.mkdir()
    heard = guichet("call", "--callflows", town, "--log", scenario, typed=f"2\n2\n{CARD}\nanswered\n")
    for words in ("Bonjour.", "For a card, press 1.", "Card two, zero, four, eight.", "Thank you."):
        assert words in heard
    assert "✓" in guichet("scenarios", scenario)
    drawing = ElementTree.fromstring(guichet("draw", "mediatheque", "--callflows", town))  # noqa: S314 — our own
    names = {element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"bonjour", "langue", "anglais", "sujet", "pret", "carte", "relu", "genre", "accueil", "merci"} <= names


async def test_it_is_heard_at_a_telephone(house: House) -> None:
    agent = await house.agent(available=True)
    caller = await house.caller()
    call = await caller.reach()
    for keys in ("2", "2", CARD):
        await call.wait_sound()
        await call.wait_silence(0.8)
        await call.press(keys)
    rings = await agent.answer(limit=15)
    await rings.hang_up()
    await call.ended.wait(15)
    contact = await house.ended_contact(caller.number)
    assert contact["path"] == [
        "bonjour", "langue", "anglais", "sujet", "pret", "carte", "relu", "genre", "accueil", "merci",
    ]  # fmt: skip
    assert (contact["language"], contact["outcome"]) == ("en", "answered")
