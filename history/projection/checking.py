"""Whether an event can be recorded at all, and what else it is about than a call or an agent."""

import json
from collections.abc import Mapping

from core.events import Event
from history.projection.calls import PROJECTIONS, project
from history.projection.cases import project_case, project_promise
from history.projection.data import GREATEST, Data, Unreadable
from history.projection.identity import CHANGES, changes_of

MOST_JSON = 100_000
"""Characters of one event's data."""
LONGEST_ID = 80
LONGEST_KIND = 40

SUBJECTS = {"case": "case", "promise": "promise", "person": "person"}
"""The first word of a kind to the name in its data that says which."""
UNUSUAL = "reading:unusual"
"""What every history.unusual is about, so that they are found among all events."""


def subject_of(event: Event) -> str | None:
    """`case:ID`, `promise:ID`, `person:KEY`, `reading:unusual`, or None."""
    if event.kind == "history.unusual":
        return UNUSUAL
    what = event.kind.partition(".")[0]
    name = SUBJECTS.get(what)
    value = event.data.get(name) if name else None
    return f"{what}:{value}" if value and isinstance(value, str) else None


def check_form(event: Event) -> None:
    """Raises Unreadable where id, call or time are not what rows can be found by. Cheap: its data is not looked at."""
    for name, value, least in (("id", event.id, 1), ("call", event.call, 0)):
        if not isinstance(value, str) or not least <= len(value) <= LONGEST_ID or not value.isprintable():
            raise Unreadable(f"the event's {name} is not a printable text of {least} to {LONGEST_ID} characters")
    if not isinstance(event.data, Mapping):
        raise Unreadable("the event's data is not a mapping")
    if isinstance(event.at, bool) or not isinstance(event.at, int) or not 0 <= event.at <= GREATEST:
        raise Unreadable("the event's time is not a whole number of milliseconds since 1970")


def check(event: Event) -> None:
    """Raises Unreadable where the event could never be recorded, by itself or with others."""
    check_form(event)
    try:
        size = len(json.dumps(dict(event.data), allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise Unreadable(f"the event's data is not JSON: {error}") from None
    if size > MOST_JSON:
        raise Unreadable("the event's data is too long")
    _check_words(event)


def _check_words(event: Event) -> None:
    if event.kind in PROJECTIONS:
        project(event.call, [event], "FR")
    what = event.kind.partition(".")[0]
    if what in SUBJECTS:
        id_ = Data(event.data).name(SUBJECTS[what], 40)
        if not id_ or not id_.isprintable() or f"{what}:{id_}" != subject_of(event):
            raise Unreadable(f"the {what} is not named")
        if what == "case":
            project_case(id_, [event])
        elif what == "promise":
            project_promise(id_, [event])
    if event.kind in CHANGES:
        changes_of(event, "FR")
    elif event.kind == "person.described":
        describe({}, event)
    elif event.kind.startswith("contact.") and not event.call:
        raise Unreadable("no call is named")


def describe(known: dict[str, object], event: Event) -> None:
    """What a person.described says, put into the person's columns."""
    data = Data(event.data)
    if "name" in data:
        known["name"] = data.words("name", 120).replace("\n", " ")
    if "languages" in data:
        known["languages"] = data.texts("languages")[:10]
    if "preferences" in data:
        known["preferences"] = data.simple("preferences", 20)
