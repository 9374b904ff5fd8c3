"""What can only be checked when the whole flow is known: exits, languages of texts, names of values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.document import DataPath, Document
from core.filemodel import nearest
from core.files import Faults
from ivr.conditions import Condition
from ivr.model import ENDS, HANGUP, Exit, Kind, LanguageName, Step, parts
from ivr.names import known_names
from ivr.operands import ValueName
from ivr.text import Text

MOST_FAULTS = 100
"""Told of one flow; a person mends no more at once."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the pieces of a flow are held against."""

    document: Document
    faults: Faults
    steps: Sequence[str]
    """Names of all steps, also of those that could not be read."""
    languages: Sequence[str]
    """Empty where they could not be read."""
    names: Mapping[str, Kind] | None
    """None where a step that may make names could not be read."""


def check_flow(
    document: Document, steps: Mapping[str, Step], unread: Iterable[type[Step] | None], faults: Faults
) -> None:
    """`unread`: the verbs, where known, of the steps that could not be read."""
    languages = document.data.get("languages")
    blind = any(verb is None or verb.makes is not Step.makes for verb in unread)
    context = Context(
        document,
        faults,
        list(document.data["steps"]),
        [each for each in languages if isinstance(each, str)] if isinstance(languages, list) else [],
        None if blind else {**known_names(steps.values()), **_parameters(document)},
    )
    most = len(faults.found) + MOST_FAULTS
    for key in ("start", "person"):
        if isinstance(target := document.data.get(key), str):
            _check_exit(Exit(target), (key,), context)
    for name, step in steps.items():
        for path, value in parts(step, ("steps", name)):
            if len(faults.found) >= most:
                return
            check = CHECKS.get(type(value))
            if check:
                check(value, path, context)


def _parameters(document: Document) -> Mapping[str, Kind]:
    """What the flow is given as a sub-flow, where that could be read."""
    parameters = document.data.get("parameters")
    return parameters if isinstance(parameters, dict) else {}


def _check_exit(exit_: Exit, path: DataPath, context: Context) -> None:
    if exit_ not in ENDS and exit_ not in context.steps:
        message = f"no step is called {exit_[:60]}{nearest(exit_, [*context.steps, HANGUP])}"
        context.faults.add(context.document.place(path), message, "unknown-step")


def _check_language(language: LanguageName, path: DataPath, context: Context) -> None:
    if context.languages and language not in context.languages:
        context.faults.add(context.document.place(path), _strange(language, context), "unknown-language")


def _strange(language: str, context: Context) -> str:
    return f"{language[:20]} is not one of the flow's languages ({', '.join(context.languages)})"


def _check_text(text: Text, path: DataPath, context: Context) -> None:
    document, faults = context.document, context.faults
    written = [language for language in text.templates if language]
    if written and context.languages:
        for language in context.languages:
            if language not in written:
                faults.add(
                    document.key_place(path), f"the text is missing in the language {language}", "missing-language"
                )
        for language in written:
            if language not in context.languages:
                faults.add(document.key_place((*path, language)), _strange(language, context), "unknown-language")
    for language, name, offset in text.names():
        where = (*path, language) if language else path
        if context.names is not None and name not in context.names:
            message = f"unknown name {name}{nearest(name, list(context.names))}"
            faults.add(document.place(where, offset), message, "unknown-name")
        elif context.names is not None and context.names[name] == "truth":
            message = f"{name} is true or false, which cannot be spoken"
            faults.add(document.place(where, offset), message, "placeholder")


def _check_condition(condition: Condition, path: DataPath, context: Context) -> None:
    if context.names is not None:
        for problem in condition.problems(context.names):
            place = context.document.place(path, problem.offset)
            context.faults.add(place, problem.message, problem.rule)


def _check_value_name(name: ValueName, path: DataPath, context: Context) -> None:
    if context.names is not None and name not in context.names:
        message = f"unknown name {name}{nearest(name, list(context.names))}"
        context.faults.add(context.document.place(path), message, "unknown-name")


CHECKS: Mapping[type, Callable[[Any, DataPath, Context], None]] = {
    Exit: _check_exit,
    LanguageName: _check_language,
    Text: _check_text,
    Condition: _check_condition,
    ValueName: _check_value_name,
}
"""How each kind of piece is checked, wherever in a step it stands: a new verb needs no check of its own."""
