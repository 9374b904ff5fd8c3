"""`guichet hours` on a real store."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.unit.hours.towns import OFFICE
from tests.valkey import Valkey, own_valkey, valkey  # noqa: F401 — fixtures

pytestmark = pytest.mark.native

Guichet = Callable[..., Result]


@pytest.fixture
def guichet(own_valkey: Valkey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Guichet:  # noqa: F811
    """Runs a command on a town with one file of hours, and a store of its own."""
    town = tmp_path / "town"
    (town / "hours").mkdir(parents=True)
    (town / "hours" / "mairie.yaml").write_text(OFFICE)
    monkeypatch.setenv("GUICHET_REDIS_URL", own_valkey.url)
    monkeypatch.setenv("GUICHET_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("GUICHET_CALLFLOWS", str(town))
    return lambda *words: CliRunner().invoke(main, ["hours", *words])


def test_a_switch_is_thrown_seen_and_taken_back(guichet: Guichet) -> None:
    assert (
        guichet("close", "mairie", "--because", "Panne").output
        == "mairie: closed until ./guichet hours normal mairie.\n"
    )
    assert guichet("status").output == "mairie: closed, until further notice (the switch: Panne)\n"
    told = json.loads(guichet("status", "mairie", "--json").output)
    assert told["hours"]["mairie"] == {
        "open": False, "cause": "switch", "because": "Panne", "closes": None, "next_open": None,
    }  # fmt: skip
    assert guichet("normal", "mairie").exit_code == 0
    assert "the switch" not in guichet("status").output


def test_all_hours_have_one_switch_too_with_an_end(guichet: Guichet) -> None:
    assert guichet("open", "all", "--until", "2099-01-01T00:00").output == "all: open until 2099-01-01 00:00.\n"
    assert guichet("status").output == "mairie: open until 2099-01-01 00:00 (the switch)\n"


def test_another_moment_is_told_by_the_files(guichet: Guichet) -> None:
    lines = {at: guichet("status", "mairie", "--at", at).output for at in ("2026-12-25T10:00", "2026-11-23T10:00")}
    assert lines == {
        "2026-12-25T10:00": "mairie: closed, opens 2026-12-28 08:30 (public holiday: Noël)\n",
        "2026-11-23T10:00": "mairie: open until 2026-11-23 12:00 (the week)\n",
    }


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["close", "marie"], "There are no opening hours called marie; did you mean mairie?"),
        (["close", "mairie", "--until", "tea time"], "'tea time' is no time; write 17:00 or 2026-12-24T17:00."),
        (["close", "mairie", "--until", "2020-01-01"], "2020-01-01 is over; give --until a moment to come."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(guichet: Guichet, words: Sequence[str], complaint: str) -> None:
    done = guichet(*words)
    assert (done.exit_code, done.stderr.strip()) == (1, complaint)


def test_where_no_house_runs_it_is_said(guichet: Guichet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUICHET_REDIS_URL")
    done = guichet("close", "mairie")
    assert done.exit_code == 1 and "./guichet up starts it" in done.stderr
