"""The part of the reference that tells of desk files, written from their model itself."""

import inspect

from ivr.reference import keys
from ivr.schema import file_schema
from web.desk.choices import DeskFile

HEAD = """
# Desk files

One file in `desk/`, `desk/NAME.yaml`. The word is what is recorded and what reports count by; the title is what agents
see.

```yaml
# yaml-language-server: $schema=../schema/desk.json
desk: mairie
pauses:
  repas: {fr: Repas, en: Meal}
outcomes:
  réglé: {fr: Réglé, en: Settled}
topics:
  voirie: {fr: Rues et éclairage, en: Streets and lights}
```
"""


def desk_reference() -> str:
    """Markdown."""
    schema = file_schema(DeskFile, "What the desks may choose from")
    told = f"{inspect.cleandoc(DeskFile.__doc__ or '')}\n"
    return "\n".join([HEAD, told, *keys(schema["properties"], schema)]) + "\n"
