import json

import pytest

from queues.model import Agent, AgentState, Device, Entry, EntryState, Snapshot, Status
from web.board import board, doing
from web.texts import TEXTS, duration, language_for

NOW = 1_700_000_000_000


def entry(id: str, queue: str, waited_s: int, state: EntryState = EntryState.WAITING) -> Entry:
    return Entry(id, f"call-{id}", queue, since=NOW - waited_s * 1000, entered=NOW, state=state, channel="PJSIP/+33612")


def agent(extension: str = "1001", **how: object) -> Agent:
    there = {"status": Status.AVAILABLE, "device": Device.FREE, **how}
    return Agent("camille", extension, name="Camille Martin", **there)  # type: ignore[arg-type]


def test_a_queue_shows_how_many_wait_and_the_longest_wait_since_the_first_queueing() -> None:
    entries = (
        entry("1", "voirie", 30),
        entry("2", "voirie", 95, EntryState.OFFERED),
        entry("3", "voirie", 300, EntryState.CONNECTED),
    )
    shown = board(Snapshot(entries, (), "0"), {"voirie": {"fr": "Voirie"}, "accueil": {}}, ["3939"], NOW)
    assert shown["queues"] == [
        {"name": "voirie", "title": {"fr": "Voirie"}, "waiting": 2, "longest_wait_ms": 95_000, "talking": 1},
        {"name": "accueil", "title": {}, "waiting": 0, "longest_wait_ms": 0, "talking": 0},
    ]


def test_a_queue_that_the_town_does_not_know_any_more_is_shown_while_somebody_is_in_it() -> None:
    shown = board(Snapshot((entry("1", "ancienne", 5),), (), "0"), {}, [], NOW)
    assert [queue["name"] for queue in shown["queues"]] == ["ancienne"]


def test_nothing_about_callers_and_no_name_is_shown() -> None:
    shown = json.dumps(board(Snapshot((entry("1", "voirie", 5),), (agent(),), "0"), {}, ["3939"], NOW))
    assert not any(secret in shown for secret in ("+33612", "Camille", "camille", "call-1"))


def test_those_who_could_answer_come_first() -> None:
    agents = (agent("1001", status=Status.OFFLINE), agent("1003"), agent("1002", device=Device.UNREACHABLE))
    shown = board(Snapshot((), agents, "0"), {}, [], NOW)
    assert [each["extension"] for each in shown["agents"]] == ["1003", "1001", "1002"]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, "ready"),
        ({"state": AgentState.OFFERED}, "ringing"),
        ({"state": AgentState.TALKING, "status": Status.PAUSED}, "talking"),
        ({"state": AgentState.WRAP_UP, "device": Device.UNREACHABLE}, "wrap_up"),
        ({"status": Status.PAUSED}, "paused"),
        ({"status": Status.OFFLINE, "device": Device.UNREACHABLE}, "away"),
        ({"device": Device.UNREACHABLE}, "no_phone"),
        ({"device": Device.BUSY}, "busy"),
        ({"state": AgentState.NOT_RESPONDING}, "not_responding"),
    ],
)
def test_what_an_agent_does(how: dict[str, object], expected: str) -> None:
    assert doing(agent(**how)) == expected
    assert all(f"doing_{expected}" in texts for texts in TEXTS.values())


def test_every_language_has_every_text() -> None:
    assert len({frozenset(texts) for texts in TEXTS.values()}) == 1


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("de,fr;q=0.4,en;q=0.5", "en"),
        ("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", "fr"),
        ("en;q=0,fr", "fr"),
        ("en;q=nan", "fr"),
        ("en;q=9", "fr"),
        (";;;,,,q=", "fr"),
    ],
)
def test_the_language_that_the_browser_wants_most(accepted: str, language: str) -> None:
    assert language_for(accepted) == language


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (7_999, "0:07"), (754_000, "12:34"), (3_723_000, "1:02:03")])
def test_durations(ms: int, text: str) -> None:
    assert duration(ms) == text
