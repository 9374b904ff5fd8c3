"""`guichet schema`: the language of the files, for editors and for readers."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from app.desk_reference import desk_reference
from app.queue_reference import queue_reference
from hours.definition import Hours
from ivr.material.answer import AnswerFile
from ivr.material.service import ServiceFile
from ivr.reference import reference
from ivr.schema import file_schema, flow_schema
from queues.definition import Queue
from web.desk.choices import DeskFile
from web.desk.schema import desk_schema


def _json(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


KINDS: Mapping[str, Callable[[], str]] = {
    "flow": lambda: _json(flow_schema()),
    "queue": lambda: _json(file_schema(Queue, "A queue")),
    "hours": lambda: _json(file_schema(Hours, "Opening hours")),
    "answer": lambda: _json(file_schema(AnswerFile, "An answer")),
    "directory": lambda: _json(file_schema(ServiceFile, "A service of the directory")),
    "desk": lambda: _json(file_schema(DeskFile, "What the desks may choose from")),
    "messages": lambda: _json(desk_schema()),
    "reference": lambda: reference() + queue_reference() + desk_reference(),
}
"""What can be printed."""
COMMITTED: Mapping[str, str] = {
    "flow": "callflows/schema/flow.json",
    "queue": "callflows/schema/queue.json",
    "hours": "callflows/schema/hours.json",
    "answer": "callflows/schema/answer.json",
    "directory": "callflows/schema/directory.json",
    "desk": "callflows/schema/desk.json",
    "messages": "web/desk/messages.json",
    "reference": "docs/reference.md",
}
"""Where each stands in the repository, as it is for this version."""


@click.command("schema")
@click.argument("kind", type=click.Choice(list(KINDS)), default="flow")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there.")
def command(kind: str, output: Path | None) -> None:
    """Print the JSON Schema of a kind of files, which editors complete by, or of what the desk and its server say to
    each other, or the reference of the language.

    A file names its schema in its first line: # yaml-language-server: $schema=schema/flow.json"""
    text = KINDS[kind]()
    if output:
        output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
