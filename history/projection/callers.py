"""What the events of a call itself say: who came, what they keyed in and heard, how it ended."""

from collections.abc import Mapping

from core.events import Event
from history.numbers import read_number
from history.projection.data import Data
from history.projection.facts import TEXTS, Facts, Projection

MOST_CHOICES = 500
MOST_ANSWERS = 200


def _arrived(facts: Facts, event: Event, data: Data) -> None:
    facts.started_at = event.at
    if not data.flag("withheld"):
        facts.number = read_number(data.text("number"), facts.country)
    for name in TEXTS:
        facts.texts[name] = data.text(name)
    facts.medium = data.name("medium", 20) or None


def _chose(facts: Facts, event: Event, data: Data) -> None:
    choice = {"at": event.at, "step": data.text("step"), "digits": data.text("digits"), "choice": data.text("choice")}
    if len(facts.choices) < MOST_CHOICES:
        facts.choices.append(choice)


def _answer_heard(facts: Facts, event: Event, data: Data) -> None:
    solved = data.truth("solved")
    answer = {"at": event.at, "step": data.text("step"), "answer": data.text("answer"), "solved": solved}
    facts.answers = facts.answers or []
    if len(facts.answers) < MOST_ANSWERS:
        facts.answers.append(answer)
    if solved is not None:
        facts.settled = solved


def _surveyed(facts: Facts, _: Event, data: Data) -> None:
    facts.score, facts.scale = data.small("score"), data.small("scale")


def _recorded(facts: Facts, event: Event, data: Data) -> None:
    kind = "voicemail" if event.kind == "call.voicemail" else "recording"
    facts.recordings[event.id] = {
        "id": event.id,
        "call": facts.call,
        "at": event.at,
        "kind": kind,
        "file": data.text("file"),
        "seconds": data.small("seconds"),
    }


def _refused(facts: Facts, _: Event, data: Data) -> None:
    if data.text("act").startswith("queue "):
        facts.turned_away = data.text("reason") or "closed"


def _transferred(facts: Facts, _: Event, data: Data) -> None:
    facts.service = data.text("service") or facts.service


def _ended(facts: Facts, event: Event, data: Data) -> None:
    facts.ended_at, facts.end_reason, facts.path = event.at, data.text("reason"), data.texts("path")
    facts.texts["language"] = data.text("language") or facts.texts.get("language", "")


PROJECTIONS: Mapping[str, Projection] = {
    "call.arrived": _arrived,
    "call.chose": _chose,
    "call.answered": _answer_heard,
    "call.surveyed": _surveyed,
    "call.voicemail": _recorded,
    "call.recorded": _recorded,
    "call.transferred": _transferred,
    "call.ended": _ended,
    "call.refused": _refused,
}
