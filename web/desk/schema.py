"""What a desk and its server say, as one JSON Schema: the page's types are made from it."""

from typing import Any

from pydantic import TypeAdapter

from web.desk.messages import ASKED, TOLD

BOTH: tuple[tuple[str, TypeAdapter[Any]], ...] = (("Asked", ASKED), ("Told", TOLD))


def desk_schema() -> dict[str, Any]:
    """JSON Schema with the two unions `Asked` and `Told` and each message under `definitions`."""
    definitions: dict[str, Any] = {}
    for name, adapter in BOTH:
        schema = adapter.json_schema(mode="serialization", ref_template="#/definitions/{model}")
        definitions |= {each: _without_titles(message) for each, message in schema.pop("$defs").items()}
        definitions[name] = {"oneOf": schema["oneOf"]}
    whole = {name: {"$ref": f"#/definitions/{name}"} for name, _ in BOTH}
    return {"title": "Messages", "type": "object", "properties": whole, "definitions": definitions}


def _without_titles(schema: Any) -> Any:
    """A title would become a type of its own for each field."""
    if isinstance(schema, list):
        return [_without_titles(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: dict(zip(value, map(_without_titles, value.values()), strict=True))
        if key == "properties"
        else _without_titles(value)
        for key, value in schema.items()
        if key != "title" or not isinstance(value, str)
    }
