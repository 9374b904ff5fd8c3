"""What the events of a case or of a promise say, as its row. Persons are put in by the recorder."""

from collections.abc import Iterable
from typing import Any

from core.events import Event
from history.models import OPEN_STATUSES, CaseStatus, PromiseOutcome
from history.projection.data import Data, Unreadable, in_order

LONGEST_TITLE = 200
LONGEST_PROMISE = 1_000
_CASE_TEXTS = ("topic", "service")


def project_case(id_: str, events: Iterable[Event]) -> dict[str, Any]:
    """The case's columns, but `person_id` and `assigned_person_id`; `person`: the key of whose it was said to be, empty
    where they were erased, or None: the caller's in `opened_in`. At least one event; raises Unreadable."""
    ordered = in_order(events)
    row: dict[str, Any] = {
        "id": id_,
        **dict.fromkeys(("number", "opened_in", "title", "topic", "service", "author"), ""),
        **dict.fromkeys(("spoken", "person", "closed_at")),
        "status": CaseStatus.OPEN.value,
        "opened_at": ordered[0].at,
        "changed_at": ordered[-1].at,
    }
    for event in ordered:
        data = Data(event.data)
        if event.kind == "case.opened":
            row |= {"number": data.name("number", 12), "opened_in": event.call, "opened_at": event.at}
            row["author"] = data.text("author")
        _change_case(row, event, data)
    return row


def _change_case(row: dict[str, Any], event: Event, data: Data) -> None:
    for name in _CASE_TEXTS:
        if name in data:
            row[name] = data.text(name)
    if "title" in data:
        row["title"] = data.words("title", LONGEST_TITLE)
    if "spoken" in data:
        row["spoken"] = data.simple("spoken", 10)
    if "person" in data:
        row["person"] = data.name("person", 40)
    if "status" in data:
        row["status"] = status = _one_of(CaseStatus, data.text("status"))
        open_ = status in OPEN_STATUSES
        row["closed_at"] = None if open_ else row["closed_at"] or event.at


def project_promise(id_: str, events: Iterable[Event]) -> dict[str, Any]:
    """The promise's columns, but `person_id`; `person`: the key of the person to whom it was said to be made, empty
    where they were erased, or None: to the caller. At least one event; raises Unreadable."""
    ordered = in_order(events)
    row: dict[str, Any] = {
        "id": id_,
        **dict.fromkeys(("call", "text", "number", "queue", "author"), ""),
        **dict.fromkeys(("case_id", "person", "due_from", "due_until", "outcome", "ended_at", "kept_in")),
        "kind": "other",
        "made_at": ordered[0].at,
        "tries": 0,
    }
    for event in ordered:
        data = Data(event.data)
        if event.kind == "promise.made":
            row |= {"call": event.call, "made_at": event.at, "kind": data.name("kind", 20) or "other"}
            row |= {
                "case_id": data.name("case", 40) or None,
                "person": data.name("person", 40) if "person" in data else None,
            }
            row |= {"text": data.words("text", LONGEST_PROMISE), "number": data.name("number", 20)}
            row |= {name: data.text(name) for name in ("queue", "author")}
            row |= {name: data.moment(name) for name in ("due_from", "due_until")}
        elif event.kind == "promise.tried":
            row["tries"] += 1
        elif event.kind == "promise.ended" and row["outcome"] is None:
            row |= {"outcome": _one_of(PromiseOutcome, data.text("outcome")), "ended_at": event.at}
            row["kept_in"] = data.text("contact") or None
    return row


def _one_of(names: type[CaseStatus] | type[PromiseOutcome], value: str) -> str:
    try:
        return names(value).value
    except ValueError:
        raise Unreadable(f"{value!r} is none of {', '.join(names)}") from None
