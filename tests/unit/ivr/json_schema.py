"""As much of JSON Schema (draft 7) as the schemas of the files use; a keyword that it does not know is an error."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str, "object": dict, "array": list, "null": type(None), "boolean": bool, "integer": int,
    "number": (int, float),
}  # fmt: skip
IGNORED = {"$schema", "$defs", "title", "description", "default"}


def valid(data: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    return all(_checks(data, schema, root))


def _checks(data: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[bool]:
    for keyword, asked in schema.items():
        if keyword not in IGNORED:
            yield _check(keyword, asked, data, schema, root)


def _check(keyword: str, asked: Any, data: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    match keyword:
        case "$ref":
            return valid(data, root["$defs"][asked.removeprefix("#/$defs/")], root)
        case "type":
            return any(_is(data, name) for name in ([asked] if isinstance(asked, str) else asked))
        case "anyOf":
            return any(valid(data, each, root) for each in asked)
        case "enum":
            return data in asked
        case "const":
            return type(data) is type(asked) and data == asked
        case "pattern":
            return not isinstance(data, str) or re.search(asked, data) is not None
        case "minLength" | "maxLength" if isinstance(data, str):
            return len(data) >= asked if keyword == "minLength" else len(data) <= asked
        case "minimum" | "maximum" if _is(data, "number"):
            return data >= asked if keyword == "minimum" else data <= asked
        case "minItems" | "maxItems" if isinstance(data, list):
            return len(data) >= asked if keyword == "minItems" else len(data) <= asked
        case "items" if isinstance(data, list):
            return all(valid(each, asked, root) for each in data)
        case "minProperties" | "maxProperties" if isinstance(data, dict):
            return len(data) >= asked if keyword == "minProperties" else len(data) <= asked
        case "required" if isinstance(data, dict):
            return set(asked) <= set(data)
        case "properties" if isinstance(data, dict):
            return all(valid(each, asked[key], root) for key, each in data.items() if key in asked)
        case "propertyNames" if isinstance(data, dict):
            return all(valid(key, asked, root) for key in data)
        case "patternProperties" if isinstance(data, dict):
            matching = [
                (each, way) for key, each in data.items() for sign, way in asked.items() if re.search(sign, key)
            ]
            return all(valid(each, way, root) for each, way in matching)
        case "additionalProperties" if isinstance(data, dict):
            further = [each for key, each in data.items() if key not in schema.get("properties", {})]
            return not further if asked is False else asked is True or all(valid(each, asked, root) for each in further)
        case "minLength" | "maxLength" | "minimum" | "maximum" | "minItems" | "maxItems" | "items" | "required":
            return True
        case "minProperties" | "maxProperties" | "properties" | "propertyNames" | "additionalProperties":
            return True
        case "patternProperties":
            return True
    raise AssertionError(f"unknown keyword {keyword}")


def _is(data: Any, name: str) -> bool:
    return isinstance(data, TYPES[name]) and (name == "boolean" or not isinstance(data, bool))
