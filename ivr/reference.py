"""The reference of the flow language, one page of Markdown, written from the verbs and rules themselves."""

import inspect
import json
from collections.abc import Iterator, Mapping
from textwrap import dedent
from typing import Any

from ivr.collecting import Question
from ivr.expressions import FUNCTIONS
from ivr.model import Step
from ivr.names import GIVEN
from ivr.rules import RULES
from ivr.schema import flow_schema
from ivr.spoken import FORMS, spoken
from ivr.verbs import VERBS

ORDER = (
    "say", "play", "menu", "ask", "answer", "survey", "branch", "set", "language", "hours", "lookup", "flow", "queue",
    "callback", "voicemail", "transfer", "record", "sms", "hangup",
)  # fmt: skip
"""Verbs as a reader meets them; others come after these."""

INTRODUCTION = """\
# The flow language

This page is made from the program: `./guichet schema reference -o docs/reference.md`. The
[tutorial](tutorial.md) builds a first flow step by step.

A **town** is a folder: flows in `*.yaml`, and `queues/` beside them. A **flow** is one file: a head, and steps. A
step has a name, one **verb**, and **exits**: the names of the steps that come next. Two exits are always there:
`hangup` ends the call, `return` goes back to the flow that used this one (and ends the call where none did).

```yaml
# yaml-language-server: $schema=schema/flow.json
flow: accueil
languages: [fr, en]
numbers: ["3939"]
start: bonjour

steps:
  bonjour:
    say: {fr: Bonjour., en: Hello.}
    then: hangup
```

Files are plain YAML: no anchors, aliases or tags, no key twice, at most 1 MB, 32 levels, 20,000 values. `no`, `12:30`
and `010` are text. A text that holds `: ` or ` #`, or begins with a sign, stands in quotes.
"""

VALUES = """\
## Values

A text speaks a value where its name stands in braces: `{caller.name}`. A condition compares it. Every call has these:

"""

SPOKEN = """
Steps give further ones: `ask` under the name in `save`, `set`, `lookup`, `hours`, … A value that is not there is left
out of a text. `check` advises where it may be missing, and it is a fault where no way to the step gives it.

After a colon stands how a value is spoken:

| in a text | value | French | English |
|---|---|---|---|
"""

EXAMPLES: Mapping[str, tuple[str, str]] = {
    "amount": ("fee", "86.25"),
    "count": ("tries", "21"),
    "date": ("case.closed_on", "2026-11-23"),
    "digits": ("case_number", "2048"),
    "moment": ("hours.next_open", "2026-11-23T16:30"),
    "phone": ("caller.number", "+33612345678"),
    "time": ("until", "16:30"),
}

CONDITIONS = """
Without a colon, a date, a time or a moment is known by its form and spoken so; any other value is left to the voice.
Once a step `hours` has told what time it is, a moment without a colon is spoken from there: "demain à neuf heures",
"on Monday at nine am".

A piece in another language stands in brackets with its language, and is spoken by the voice of that language, values in
it too: `Pour la voirie, tapez 1. [en:For English, press 9.]`

## Conditions

`and`, `or`, `not`, brackets; `==`, `!=`, `<`, `<=`, `>`, `>=`, also in chains; `in` and `not in` with a list; numbers,
texts in quotes, `true`, `false`; names of values. A comparison with a value that is missing, or of another kind, does
not hold, whatever the comparison. Dates and times are compared with texts that are written as they are:
`case.closed_on >= "2026-01-01"`, `until < "17:00"`. There are two functions: """

RULES_HEAD = """\
## What is checked

`./guichet check` tells every fault at once, each with its place and the nearest known name. A town with a fault is not
used: calls go on with its last good version. Advice keeps nobody from being served; `--strict` makes it count. Beside
the shape of the files these are asked for:

| rule | | what is asked |
|---|---|---|
"""


def reference() -> str:
    """The whole page."""
    schema = flow_schema()
    return "\n".join(_lines(schema))


def _lines(schema: Mapping[str, Any]) -> Iterator[str]:
    yield INTRODUCTION
    yield "## The head of a flow\n"
    yield from keys({name: each for name, each in schema["properties"].items() if name != "steps"}, schema)
    yield "\n## Verbs\n"
    words = [*ORDER, *sorted(set(VERBS) - set(ORDER))]
    yield " · ".join(f"[{word}](#{word})" for word in words) + "\n"
    for word in words:
        yield from _verb(word, VERBS[word], schema)
    yield "### Questions\n"
    yield f"{inspect.cleandoc(Question.__doc__ or '')}\n"
    yield from keys(_own(schema, "Menu", Question), schema)
    yield ""
    yield from _values()
    yield from _rules()


def _verb(word: str, verb: type[Step], schema: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {word}\n"
    yield f"{inspect.cleandoc(verb.__doc__ or '')}\n"
    inherited = Question if issubclass(verb, Question) else None
    yield from keys(_own(schema, verb.__name__, verb, without=inherited), schema)
    if inherited:
        yield "\nIt is a question, with the keys of all [questions](#questions)."
    yield f"\n```yaml\n{dedent(verb.example).strip()}\n```\n"


def _own(
    schema: Mapping[str, Any], name: str, model: type[Step], without: type[Step] | None = None
) -> dict[str, dict[str, Any]]:
    """The properties of a definition that the model has, and `without` has not."""
    definition = schema["$defs"][name]
    left_out = without.file_keys() if without else {}
    required = definition.get("required", ())
    return {
        key: {**definition["properties"][key], "needed": key in required}
        for key in model.file_keys()
        if key not in left_out
    }


def keys(properties: Mapping[str, Mapping[str, Any]], schema: Mapping[str, Any]) -> Iterator[str]:
    """The lines of a table of keys, of a JSON Schema or a definition in it."""
    yield "| key | what stands there | without it |"
    yield "|---|---|---|"
    for key, each in properties.items():
        needed = each.get("needed", key in schema.get("required", ()))
        default = f"`{_shown(each['default'])}`" if "default" in each else ("needed" if needed else "")
        yield f"| `{key}` | {_what(each, schema)} | {default} |"


def _shown(value: Any) -> str:
    return json.dumps(value) if isinstance(value, bool) or value == "" else str(value)


TYPES = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
         "null": ""}  # fmt: skip


def _what(each: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What may stand under a key, in a few words."""
    if "description" in each and "$ref" not in each:
        words = _cell(str(each["description"])).rstrip(".")
        return words[0].lower() + words[1:]
    if "$ref" in each:
        inside = schema["$defs"][str(each["$ref"]).rpartition("/")[2]]
        keys = ", ".join(f"`{key}`" for key in inside.get("properties", ()))
        return f"a group: {keys}"
    if "anyOf" in each:
        return " or ".join(filter(None, dict.fromkeys(_what(one, schema) for one in each["anyOf"])))
    if "enum" in each:
        return ", ".join(f"`{_shown(value)}`" for value in each["enum"])
    if "const" in each:
        return f"`{_shown(each['const'])}`"
    if each.get("type") == "array":
        return f"a list; each: {_what(each['items'], schema)}"
    if each.get("type") == "object":
        inside = each.get("additionalProperties") or next(iter(each.get("patternProperties", {}).values()), None)
        return f"names, and for each: {_what(inside, schema)}" if isinstance(inside, dict) else "a group"
    return TYPES.get(str(each.get("type")), "") + _limits(each)


def _limits(each: Mapping[str, Any]) -> str:
    least, most = each.get("minimum"), each.get("maximum")
    return f", {least} to {most}" if least is not None and most is not None else ""


def _values() -> Iterator[str]:
    yield VALUES + "\n".join(f"- `{name}` ({kind})" for name, kind in GIVEN.items())
    table = []
    for form in FORMS:
        name, value = EXAMPLES[form]
        table.append(f"| `{{{name}:{form}}}` | {value} | {spoken(value, form, 'fr')} | {spoken(value, form, 'en')} |")
    yield SPOKEN + "\n".join(table)
    yield CONDITIONS + ", ".join(f"`{example}`" for example in FUNCTIONS.values()) + ".\n"


def _rules() -> Iterator[str]:
    rows = [
        f"| `{word}` | {'advice' if rule.advice else 'fault'} | {_cell(type(rule).__doc__ or '')} |"
        for word, rule in sorted(RULES.items())
    ]
    yield RULES_HEAD + "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
