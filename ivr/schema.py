"""The flow language as JSON Schema (draft 7), for editors: they complete keys and underline mistakes while one types.

The schema knows a file's shape. What depends on other steps and files — exits, names, queues — is the checker's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from core.filemodel import FileModel, duration_text
from ivr.collecting import Attempts
from ivr.model import FlowFile
from ivr.verbs import VERBS

DRAFT = "http://json-schema.org/draft-07/schema#"
DURATION = "ms|s|m|h"
"""In the pattern of durations alone."""


def flow_schema() -> dict[str, Any]:
    """What a flow's file may look like."""
    references, definitions = _definitions([FlowFile, *VERBS.values()])
    flow = definitions.pop(FlowFile.__name__)
    flow["properties"]["steps"]["additionalProperties"] = {"anyOf": [references[verb] for verb in VERBS.values()]}
    return {"$schema": DRAFT, "title": "A call flow", **flow, "$defs": definitions}


def file_schema(model: type[FileModel], title: str) -> dict[str, Any]:
    """What a file of this model may look like."""
    _, definitions = _definitions([model])
    return {"$schema": DRAFT, "title": title, **definitions.pop(model.__name__), "$defs": definitions}


def _definitions(models: Sequence[type[BaseModel]]) -> tuple[Mapping[Any, Any], dict[str, Any]]:
    """The reference to each model, and all definitions, in the order of their names."""
    found, whole = models_json_schema([(model, "validation") for model in models])
    definitions = {name: _tidy(each) for name, each in sorted(whole["$defs"].items())}
    return {model: reference for (model, _), reference in found.items()}, definitions


def _tidy(schema: Any) -> Any:
    """Without titles that repeat the key; defaults as they would be written."""
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {
        key: {name: _tidy(each) for name, each in value.items()} if key == "properties" else _tidy(value)
        for key, value in schema.items()
        if key not in ("title", "default")
    }
    if "description" in tidy:
        tidy["description"] = " ".join(str(tidy["description"]).split())
    default = schema.get("default")
    if default is not None and default not in ({}, []):
        tidy["default"] = _written(default, schema)
    return tidy


def _written(default: Any, schema: Mapping[str, Any]) -> Any:
    if DURATION in str(schema.get("pattern", "")):
        return duration_text(default)
    return default["total"] if isinstance(default, dict) and set(default) == set(Attempts.__slots__) else default
