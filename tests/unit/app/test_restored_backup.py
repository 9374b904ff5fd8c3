"""A backup that was restored, and a command typed before the house is started: nobody who was erased is shown by it."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import settings
from app.cli import main
from app.keeping import erasures
from history.database import make_engine, migrate
from tests.integration.history.helping import RULES, recorded
from tests.unit.history.told import arrived, ended, told

ADA, BOB = "+33612345678", "+33699999999"
ADAS_KEY, BOBS_KEY = (RULES.pseudonyms.person(number) for number in (ADA, BOB))


def run(state: Path, *words: str) -> tuple[int, str]:
    said = CliRunner().invoke(main, [*words, "--state", str(state)])
    return said.exit_code, said.output


async def a_backup_was_restored(state: Path) -> None:
    """Ada and Bob called, and Ada was erased after the backup."""
    loaded = settings.load(state=state)
    await migrate(loaded.sql_url)
    engine = make_engine(loaded.sql_url)
    calls = [
        event for call, number in (("a", ADA), ("b", BOB)) for event in (arrived(call, number), ended(9, call=call))
    ]
    await recorded(engine, [*calls, told("person.described", 10, "", person=ADAS_KEY, name="Ada", author="x")])
    await engine.dispose()
    shutil.copyfile(state / "history.db", state / "backup")
    await erasures(loaded, engine).erase(ADAS_KEY, "admin")
    await engine.dispose()
    for file in state.glob("history.db*"):
        file.unlink()
    shutil.copyfile(state / "backup", state / "history.db")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    asyncio.run(a_backup_was_restored(tmp_path))
    return tmp_path


def test_neither_shown_nor_handed_over_is_who_was_erased(state: Path) -> None:
    assert run(state, "people", "show", ADA) == (0, f"No contact of {ADA} is known.\n")
    status, said = run(state, "people", "export", "--person", ADAS_KEY)
    assert (status, "There is no person" in said) == (1, True)
    shown = json.loads(run(state, "people", "show", BOB, "--json")[1])["contacts"]
    assert [contact["id"] for contact in shown] == ["b"]


def test_a_history_from_which_nobody_was_erased_needs_no_key(tmp_path: Path) -> None:
    asyncio.run(migrate(settings.load(state=tmp_path).sql_url))
    assert run(tmp_path, "people", "show", ADA) == (0, f"No contact of {ADA} is known.\n")
    assert not (tmp_path / "pseudonyms.key").exists()
