"""Checks a file's data against a model and tells each fault with its place, in the words of who wrote the file."""

from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.document import DataPath, Document
from core.filemodel import FileModel, Problem, closest, duration_text, found, is_duration, nearest
from core.files import Faults

Model = TypeVar("Model", bound=FileModel)

MOST_FAULTS = 100
"""Told of one piece of a file."""

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a group of keys",
    "model_type": "a group of keys",
    "model_attributes_type": "a group of keys",
}
"""pydantic's kinds of error that mean a wrong type, and what was expected."""


def read_model(model: type[Model], document: Document, faults: Faults, path: DataPath = ()) -> Model | None:
    """The model of the data at the path; None with faults where something is wrong."""
    data = document.data
    for step in path:
        data = data[step]
    try:
        return model.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_url=False)[:MOST_FAULTS]
        misspelt = {(*each["loc"][:-1], _meant(each, model)) for each in errors if each["type"] == "extra_forbidden"}
        for each in errors:
            if each["type"] != "missing" or each["loc"] not in misspelt:  # a misspelt key is not missing too
                _tell(each, model, document, faults, path)
        return None


def _meant(unknown: ErrorDetails, model: type[FileModel]) -> str:
    """The key that an unknown one probably stands for, or ''."""
    location = unknown["loc"]
    return closest(str(location[-1]), list(_model_at(model, location).file_keys()))


def _tell(error: ErrorDetails, model: type[FileModel], document: Document, faults: Faults, path: DataPath) -> None:
    kind, location, context = error["type"], error["loc"], error.get("ctx", {})
    about_key = bool(location) and location[-1] == "[key]"
    where = (*path, *(location[:-1] if about_key else location))
    if kind == "problems":
        for problem in context["problems"]:
            _tell_problem(problem, document, faults, where, about_key)
    elif kind == "extra_forbidden":
        known = list(_model_at(model, location).file_keys())
        faults.add(
            document.key_place(where), f"unknown key {found(where[-1])}{nearest(str(where[-1]), known)}", "unknown-key"
        )
    elif kind == "missing":
        faults.add(document.key_place(where[:-1]), f"the key {where[-1]} is missing", "missing-key")
    elif kind in _EXPECTED:
        message = f"expected {_EXPECTED[kind]}, found {found(error['input'])}"
        faults.add(document.place(where), message, "wrong-type")
    elif kind in ("greater_than_equal", "less_than_equal"):
        least = "ge" in context
        limit = context["ge" if least else "le"]
        if is_duration(error["input"]):
            limit = duration_text(limit)
        said = f"expected at {'least' if least else 'most'} {limit}, found {found(error['input'])}"
        faults.add(document.place(where), said, "out-of-range")
    elif kind in ("too_short", "too_long"):
        limit = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
        faults.add(
            document.place(where), f"expected {limit} here, found {context['actual_length'] or 'none'}", "out-of-range"
        )
    elif kind == "literal_error":
        message = f"expected {context['expected']}, found {found(error['input'])}"
        faults.add(document.place(where), message, "wrong-value")
    else:
        faults.add(document.place(where), error["msg"], "wrong-value")


def _tell_problem(problem: Problem, document: Document, faults: Faults, where: DataPath, about_key: bool) -> None:
    inside = (*where, *problem.inside)
    at_key = about_key or problem.at_key
    place = document.key_place(inside) if at_key else document.place(inside, problem.offset)
    faults.add(place, problem.message, problem.rule)


def _model_at(model: type[FileModel], location: DataPath) -> type[FileModel]:
    """The model whose key is the last one of the location."""
    for name in location[:-1]:
        field = model.model_fields.get(str(name))
        model = _model_in(field.annotation if field else None) or model
    return model


def _model_in(annotation: Any) -> type[FileModel] | None:
    """The model in a type such as `list[Requirement] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, FileModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
