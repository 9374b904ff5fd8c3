"""Editors complete and underline by the same models that read the files."""

from pathlib import Path
from typing import Any

import pytest

from core.files import Faults
from core.yamlfile import parse_yaml
from ivr.schema import flow_schema
from ivr.verbs import VERBS
from tests.unit.ivr.flows import SUB_FLOW, source_of
from tests.unit.ivr.json_schema import valid

SCHEMA = flow_schema()
BROKEN = Path(__file__).parent / "broken"
SHAPES = [
    "attempts", "branch-shape", "choices", "choices-empty", "digits", "duration", "header", "header-missing",
    "language-word", "misspelt-key", "misspelt-verb", "missing-keys", "no-verb", "not-a-flow", "queue-shape",
    "save-name", "set-values", "steps-list", "text-shape", "two-verbs",
]  # fmt: skip
"""Broken files whose fault is one of shape."""


def data_of(raw: bytes) -> Any:
    document = parse_yaml(raw, "f.yaml", Faults())
    assert document is not None
    return document.data


@pytest.mark.parametrize("word", sorted(VERBS))
def test_the_schema_takes_every_verbs_example(word: str) -> None:
    assert valid(data_of(source_of(VERBS[word].example)), SCHEMA, SCHEMA)


def test_the_schema_takes_a_flow_for_others() -> None:
    assert valid(data_of(SUB_FLOW), SCHEMA, SCHEMA)


@pytest.mark.parametrize("name", SHAPES)
def test_the_schema_refuses_what_has_the_wrong_shape(name: str) -> None:
    assert not valid(data_of((BROKEN / f"{name}.yaml").read_bytes()), SCHEMA, SCHEMA)


def test_each_verb_is_described_where_an_editor_shows_it() -> None:
    for verb in VERBS.values():
        definition = SCHEMA["$defs"][verb.__name__]
        assert definition["description"] == " ".join((verb.__doc__ or "").split())
        assert set(definition["properties"]) == set(verb.file_keys())


def test_defaults_stand_as_they_are_written_in_a_file() -> None:
    for verb in VERBS.values():
        definition = SCHEMA["$defs"][verb.__name__]
        for key, each in definition["properties"].items():
            if "default" in each:
                assert valid(each["default"], each, SCHEMA), (verb, key)
    assert SCHEMA["$defs"]["Menu"]["properties"]["timeout"]["default"] == "7s"
    assert SCHEMA["$defs"]["Menu"]["properties"]["attempts"]["default"] == 2
