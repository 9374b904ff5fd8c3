"""Commands that read the history while its database is away: a sentence that says what to do, and exit status 1."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.revision import revisions
from core.errors import GuichetError

AWAY = "postgresql+asyncpg://guichet:a-secret@127.0.0.1:1/guichet"
"""Nothing listens at port 1."""
COMMANDS = (
    "people show 0612345678",
    "people export 0612345678",
    "people erase 0612345678 --yes",
    "people unusual",
    "people let-go",
    "report 2026-11-23",
    "report 2026-11-23 --recount",
    "recorder poison",
    "recorder make-again",
    "recorder drop --all --yes",
    "webhooks list",
    "webhooks retry",
    "agents list",
    "accounts list",
    "demo-data --contacts 1",
)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_database_that_is_away_is_a_sentence(words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATABASE_URL", AWAY)
    said = CliRunner().invoke(main, [*words.split(), "--state", str(tmp_path)])
    assert said.exit_code == 1
    assert "postgresql+asyncpg://guichet:***@127.0.0.1:1/guichet cannot be used: " in said.stderr
    assert "Check" in said.stderr
    assert len(said.stderr.strip().splitlines()) == 1
    assert said.stdout == ""


def test_the_town_s_answers_are_listed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_DATABASE_URL", AWAY)
    said = CliRunner().invoke(main, ["answers", "--json", "--state", str(tmp_path)])
    assert said.exit_code == 0
    assert "cannot be used" in said.stderr
    assert json.loads(said.stdout)["answers"]


def test_the_doctor_says_what_the_database_said() -> None:
    with pytest.raises(GuichetError, match=r"it does not answer: .* Connect call failed"):
        asyncio.run(revisions(AWAY))


def test_a_file_that_is_no_database_is_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("a letter to somebody, saved under a name that is not its own")
    said = CliRunner().invoke(main, ["report", "--state", str(tmp_path)])
    assert said.exit_code == 1
    assert "history.db cannot be used: file is not a database. " in said.stderr
