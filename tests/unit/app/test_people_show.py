"""`./guichet people show`: one person's contacts, all of them and nobody else's."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import settings
from app.cli import main
from history.access import reads_of
from history.database import make_engine, migrate
from tests.integration.history.helping import RULES, recorded
from tests.unit.history.told import arrived, ended, told

ADA, OTHER, INTERNAL = "+33612345601", "+33612345602", "4711"
ADAS_KEY = RULES.pseudonyms.person(ADA)


async def history(state: Path) -> None:
    """Ada called from her phone, from another that is hers too, and without showing a number; Bob called once from
    hers, and somebody from inside."""
    loaded = settings.load(state=state)
    await migrate(loaded.sql_url)
    engine = make_engine(loaded.sql_url)
    numbers = {"hers": ADA, "second": OTHER, "hidden": "", "bobs": ADA, "inside": INTERNAL}
    calls = [
        event
        for place, (call, number) in enumerate(numbers.items())
        for event in (arrived(call, number, place * 1_000), ended(place * 1_000 + 9, call=call))
    ]
    decided = [
        told("person.confirmed", 9_000, "hidden", person=ADAS_KEY, author="x"),
        told("person.numbered", 9_001, "", person=ADAS_KEY, number=OTHER, author="x"),
    ]
    await recorded(engine, [*calls, *decided])
    await engine.dispose()


async def bob_was_there(state: Path) -> None:
    engine = make_engine(settings.load(state=state).sql_url)
    bob = [
        told("person.confirmed", 9_002, "bobs", person="bob", author="x"),
        told("person.described", 9_003, "", person="bob", name="Bob", author="x"),
    ]
    await recorded(engine, bob)
    await engine.dispose()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    asyncio.run(history(tmp_path))
    yield tmp_path


def show(state: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["people", "show", *words, "--json", "--state", str(state)])


def calls(said: Result) -> list[str]:
    assert said.exit_code == 0, said.output
    return [contact["id"] for contact in json.loads(said.stdout)["contacts"]]


def test_a_number_shows_whoever_is_known_there_from_whatever_number_they_called(state: Path) -> None:
    assert calls(show(state, ADA)) == calls(show(state, OTHER)) == ["bobs", "hidden", "second", "hers"]
    assert json.loads(show(state, ADA).stdout)["person"] == ADAS_KEY


def test_of_several_persons_at_a_number_one_is_to_be_named(state: Path) -> None:
    asyncio.run(bob_was_there(state))
    said = show(state, ADA)
    assert said.exit_code == 1
    assert f"Several persons are known at {ADA}" in said.stderr
    assert "bob  Bob" in said.stderr
    assert calls(show(state, "--person", ADAS_KEY)) == ["hidden", "second", "hers"]
    assert calls(show(state, "--person", "bob")) == ["bobs"]


def test_a_number_at_which_nobody_is_known_shows_its_contacts(state: Path) -> None:
    assert calls(show(state, INTERNAL)) == ["inside"]
    assert calls(show(state, "0699999999")) == []


def test_it_says_whom_to_name_and_who_is_nobody(state: Path) -> None:
    assert "Name the person" in show(state).stderr
    assert "There is no person" in show(state, "--person", "nobody").stderr


def test_the_reading_is_noted_once(state: Path) -> None:
    show(state, ADA)

    async def read() -> list[str]:
        engine = make_engine(settings.load(state=state).sql_url)
        found = [row["what"] for row in await reads_of(engine, ADAS_KEY)]
        await engine.dispose()
        return found

    assert asyncio.run(read()) == ["person"]
