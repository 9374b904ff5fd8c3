"""The part of the reference that tells of queue files, written from their models and rules themselves."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from ivr.reference import keys
from ivr.schema import file_schema
from queues.definition import Queue
from queues.overflow.conditions import QUANTITIES
from queues.overflow.rules import Announce, Overflow
from queues.rules import RULES

HEAD = """\

# Queue files

One file in `queues/` for each queue, `queues/NAME.yaml`.

```yaml
# yaml-language-server: $schema=../schema/queue.json
queue: etat-civil
title: {fr: État civil, en: Civil records}
service_level: {within: 60s, target: 85%}
ring: 20s
wrap_up: 30s
hours: mairie
require:                               # widened step by step; the caller keeps the place
  - {skills: {etat-civil: 3}, for: 60s}
  - {skills: {etat-civil: 1}, for: 2m}
  - {skills: {accueil: 1}}
announce: {position: true, wait: true, every: 60s}
overflow:
  - when: expected_wait > 10m
    until: expected_wait < 7m
    offer: {1: callback, 2: voicemail}
  - when: staffed == 0
    then: voicemail
  - when: waited > 5m
    widen: accueil-general
    once: true
```
"""

CONDITIONS = """
A condition has `and`, `or`, `not`, brackets, and comparisons of a quantity with a number or a duration. What is not
known now (a wait without experience, hours that nobody told) is neither more nor less than anything.

| quantity | kind | what it is |
|---|---|---|
"""

RULES_HEAD = """
What is checked beside the shape of queue files; each is a fault:

| rule | what is asked |
|---|---|
"""


def queue_reference() -> str:
    """Markdown."""
    return "\n".join(_lines(file_schema(Queue, "A queue"))) + "\n"


def _lines(schema: Mapping[str, Any]) -> Iterator[str]:
    yield HEAD
    yield f"{inspect.cleandoc(Queue.__doc__ or '')}\n"
    yield from keys(schema["properties"], schema)
    for word, model in (("announce", Announce), ("overflow", Overflow)):
        yield f"\n## {word}\n\n{inspect.cleandoc(model.__doc__ or '')}\n"
        definition = schema["$defs"][model.__name__]
        needed = definition.get("required", ())
        properties = {key: {**each, "needed": key in needed} for key, each in definition["properties"].items()}
        yield from keys(properties, schema)
    yield CONDITIONS + "\n".join(f"| `{name}` | {kind} | {text} |" for name, (kind, text) in QUANTITIES.items())
    yield RULES_HEAD + "\n".join(f"| `{word}` | {type(rule).__doc__} |" for word, rule in sorted(RULES.items()))
