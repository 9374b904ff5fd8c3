"""`./guichet accounts`: a real database, no house."""

import asyncio
import json
import re
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from app import settings
from app.cli import main
from app.commands import with_database
from history.accounts import Accounts
from history.database import migrate


@pytest.fixture
def state(tmp_path: Path) -> Path:
    loaded = settings.load(state=tmp_path / "state")
    asyncio.run(migrate(loaded.sql_url))
    asyncio.run(with_database(loaded, lambda engine: Accounts(engine).make_demo(Random(1))))
    return loaded.state


def typed(state: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["accounts", *words, "--state", str(state)])


def test_an_account_is_made_shown_changed_and_barred(state: Path) -> None:
    made = typed(state, "add", "camille", "--role", "agent", "--agent", "camille", "--name", "Camille")
    assert re.fullmatch(r"camille may sign in as agent, password \w{24}\.\n", made.stdout)
    assert "camille: agent, supervisor." in typed(state, "roles", "camille", "agent", "supervisor").stdout
    assert re.search(r"new password, password \w{24}", typed(state, "password", "camille").stdout)
    assert "camille is barred." in typed(state, "bar", "camille").stdout
    account = {"account": "camille", "name": "Camille", "roles": ["agent", "supervisor"], "agent": "camille"}
    listed = json.loads(typed(state, "list", "--json").stdout)
    assert listed == {"accounts": [{**account, "language": "fr", "barred": True}]}
    assert "may sign in again" in typed(state, "admit", "camille").stdout
    assert "0 sessions" in typed(state, "sign-out", "camille").stdout


def test_a_password_from_a_file_is_not_printed(state: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("une phrase bien longue\n")
    made = typed(state, "add", "chef", "--role", "supervisor", "--password-file", str(tmp_path / "secret"))
    assert made.stdout == "chef may sign in as supervisor.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "camille", "--role", "agent"], "says which agent"),
        (["add", "x y", "--role", "admin"], "cannot be an account"),
        (["roles", "personne", "admin"], "no account 'personne'"),
        (["password", "personne"], "no account 'personne'"),
    ],
)
def test_what_cannot_be_done_is_told(state: Path, words: list[str], sentence: str) -> None:
    said = typed(state, *words)
    assert said.exit_code == 1 and sentence in said.stderr
