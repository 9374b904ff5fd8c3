"""The schemas and the reference that are in the repository are those of this version."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.install.places import CHECKOUT
from app.schema import COMMITTED, KINDS, command
from core.files import Faults
from core.yamlfile import parse_yaml
from tests.unit.ivr.json_schema import valid

TOWN = CHECKOUT / "callflows"
SHIPPED = sorted(
    path for kind in ("", "queues/", "hours/", "answers/", "directory/") for path in TOWN.glob(f"{kind}*.yaml")
)
HEAD = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_is_committed_is_current(kind: str) -> None:
    committed = (CHECKOUT / COMMITTED[kind]).read_text(encoding="utf-8")
    assert committed == KINDS[kind](), f"run ./guichet schema {kind} -o {COMMITTED[kind]}"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_files_that_are_shipped_name_their_schema_and_fit_it(path: Path) -> None:
    named = HEAD.match(path.read_text(encoding="utf-8"))
    assert named, f"the first line of {path} names its schema"
    kind = {"queues": "queue", "hours": "hours", "answers": "answer", "directory": "directory"}.get(
        path.parent.name, "flow"
    )
    assert (path.parent / named[1]).resolve() == CHECKOUT / COMMITTED[kind]
    document = parse_yaml(path.read_bytes(), path.name, Faults())
    schema = json.loads(KINDS[kind]())
    assert document is not None and valid(document.data, schema, schema)


def test_it_is_printed_or_written(tmp_path: Path) -> None:
    printed = CliRunner().invoke(command, []).stdout
    assert printed == KINDS["flow"]()
    file = tmp_path / "reference.md"
    assert CliRunner().invoke(command, ["reference", "-o", str(file)]).exit_code == 0
    assert file.read_text(encoding="utf-8") == KINDS["reference"]()
