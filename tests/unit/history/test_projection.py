from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.events import Event
from history.projection import Unreadable, check, project
from tests.unit.history.told import CALL, START, an_answered_call, arrived, ended, entered, told


def row(*events: Event) -> dict:
    return project(CALL, events, "FR").contact


def left(after_ms: int, reason: str, entry: str = "e-1") -> Event:
    return told("entry.left", after_ms, entry=entry, queue="accueil", reason=reason, waited_ms=after_ms - 1_000)


# --- what a call leaves behind -----------------------------------------------------------------------------------


def test_an_answered_call_has_queue_agent_waits_and_durations():
    contact = row(*an_answered_call())
    assert contact == {
        "id": CALL,
        "asterisk": "guichet",
        "channel": "PJSIP/carrier-00000001",
        "number": "+33612345678",
        "phone": "+33612345678",
        "withheld": False,
        "name": "Alex",
        "dialled": "3939",
        "flow": "accueil",
        "version": "v1",
        "language": "fr",
        "started_at": START,
        "path": ["bonjour", "sujet"],
        "choices": [{"at": START + 1_000, "step": "sujet", "digits": "1", "choice": "conseiller"}],
        "queue": "accueil",
        "requirement": [{"skills": {"accueil": 1}}],
        "entered_at": START + 1_000,
        "offers": 2,
        "agent": "camille",
        "answered_at": START + 10_000,
        "waited_ms": 9_000,
        "talk_ms": 42_000,
        "ended_at": START + 52_100,
        "outcome": "answered",
        "reason": "caller_hung_up",
        **dict.fromkeys(("answers", "topic", "service", "code", "settled", "score", "scale", "case_id", "medium")),
        **dict.fromkeys(("for_person", "relation")),
    }


def test_a_call_that_was_moved_has_stayed_in_two_queues():
    moved = told("entry.moved", 5_000, entry="e-1", **{"from": "accueil"}, queue="voirie", since=START + 1_000,
                 reason="overflow", waited_ms=4_000)  # fmt: skip
    left_there = told("entry.left", 9_000, entry="e-1", queue="voirie", reason="abandoned", waited_ms=8_000)
    made = project(CALL, [arrived(), entered(1_000), moved, left_there, ended(9_000)], "FR")
    assert [(s["id"], s["queue"], s["outcome"], s["reason"]) for s in made.entries.values()] == [
        ("e-1", "accueil", "left", "overflow"),
        ("e-1/2", "voirie", "abandoned", "abandoned"),
    ]
    assert (made.contact["queue"], made.contact["outcome"]) == ("voirie", "abandoned")


def test_a_call_that_lasts_has_no_outcome_yet():
    contact = row(*an_answered_call()[:-2])
    assert (contact["outcome"], contact["reason"], contact["ended_at"], contact["agent"]) == (
        None,
        None,
        None,
        "camille",
    )


def test_a_caller_who_hangs_up_in_line_abandoned():
    contact = row(arrived(), entered(1_000), left(31_000, "abandoned"), ended(31_000))
    assert (contact["outcome"], contact["reason"], contact["waited_ms"]) == ("abandoned", "abandoned", 30_000)


def test_a_caller_lost_in_line_abandoned_and_the_reason_says_so():
    contact = row(arrived(), entered(1_000), left(31_000, "lost"), ended(31_000))
    assert (contact["outcome"], contact["reason"]) == ("abandoned", "lost")


def test_a_flow_that_ends_without_a_queue_was_self_service():
    assert row(arrived(), ended(5_000, "flow_ended"))["outcome"] == "self_service"


def test_hanging_up_before_any_queue_is_leaving():
    contact = row(arrived(), ended(5_000))
    assert (contact["outcome"], contact["reason"], contact["queue"]) == ("left", "caller_hung_up", None)


def test_the_flow_taking_the_caller_out_of_the_line_is_leaving_with_its_reason():
    contact = row(arrived(), entered(1_000), left(61_000, "too_long"), ended(65_000, "flow_ended"))
    assert (contact["outcome"], contact["reason"]) == ("left", "too_long")


def test_a_fault_of_ours_is_a_failed_call():
    contact = row(arrived(), entered(1_000), left(2_000, "failed"), ended(2_100, "failed"))
    assert (contact["outcome"], contact["reason"]) == ("failed", "failed")


def test_a_fault_after_the_conversation_leaves_the_call_answered():
    *before, _ = an_answered_call()
    assert row(*before, ended(53_000, "failed"))["outcome"] == "answered"


def test_the_last_queue_counts_when_nobody_answered():
    second = entered(20_000, queue="voirie", entry="e-2")
    contact = row(
        arrived(), entered(1_000), left(20_000, "widen"), second, left(40_000, "abandoned", "e-2"), ended(40_000)
    )
    assert (contact["entered_at"], contact["outcome"]) == (START + 20_000, "abandoned")


def test_an_answer_counts_even_when_the_caller_waits_once_more_and_gives_up():
    *answered, _ = an_answered_call()
    contact = row(*answered, entered(60_000, "voirie", "e-2"), left(70_000, "abandoned", "e-2"), ended(70_000))
    assert (contact["outcome"], contact["queue"], contact["waited_ms"]) == ("answered", "accueil", 9_000)


def test_two_conversations_add_up():
    again = told("entry.finished", 90_000, entry="e-2", queue="accueil", agent="sacha", talk_ms=8_000)
    assert row(*an_answered_call(), again)["talk_ms"] == 50_000


def test_a_withheld_number_belongs_to_nobody():
    contact = row(arrived(number="0612345678", withheld=True))
    assert (contact["withheld"], contact["number"], contact["phone"]) == (True, "", None)


def test_a_name_that_is_no_number_is_kept_and_belongs_to_nobody():
    contact = row(arrived(number="alex@maison"))
    assert (contact["withheld"], contact["number"], contact["phone"]) == (False, "alex@maison", None)


def test_the_order_in_which_events_come_changes_nothing():
    events = an_answered_call()
    shuffled = Random(1).sample(events, len(events))
    assert row(*shuffled) == row(*events)


def test_a_call_of_which_only_the_end_is_known_still_has_a_row():
    contact = row(ended(5_000))
    assert (contact["started_at"], contact["outcome"], contact["flow"]) == (START + 5_000, "left", "")


def test_facts_about_agents_change_no_contact():
    fact = told("agent.state", 500, agent="camille", cause="offered", **{"from": "idle", "to": "offered"})
    assert row(*an_answered_call(), fact) == row(*an_answered_call())


def test_hostile_texts_come_out_on_one_line_without_control_or_bidi_characters():
    contact = row(arrived(name="a\r\nb\x00c\u202egnp.exe", dialled="3939\n", flow="x" * 5_000))
    assert (contact["name"], contact["dialled"], len(contact["flow"])) == ("a bcgnp.exe", "3939", 80)


# --- what can never be recorded ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [
        told("entry.answered", entry="e", waited_ms=-1),
        told("entry.answered", entry="e", waited_ms="soon"),
        told("entry.answered", entry="e", waited_ms=2**70),
        told("entry.answered", entry=["e"]),
        told("entry.entered", entry="e", requirement=["accueil"]),
        told("call.ended", path="bonjour"),
        told("call.chose", digits=float("nan")),
        told("call.chose", digits="1", more="x" * 200_000),
        told("agent.state", agent=object),
        Event("", "call.chose", START, CALL),
        Event("x" * 81, "call.chose", START, CALL),
        Event("a\x00b", "call.chose", START, CALL),
        Event("id", "call.chose", -1, CALL),
        Event("id", "call.chose", 1.5, CALL),  # type: ignore[arg-type]
        Event("id", "call.chose", START, 7),  # type: ignore[arg-type]
        Event("id", "call.chose", START, CALL, ["digits"]),  # type: ignore[arg-type]
    ],
    ids=lambda event: f"{event.kind} {event.data}"[:60],
)
def test_an_event_that_is_not_what_its_kind_promises_is_refused(event: Event):
    with pytest.raises(Unreadable):
        check(event)


def test_data_nested_very_deeply_is_refused():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unreadable):
        check(Event("id", "agent.state", START, "", {"deep": deep}))


json_data = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=5,
)
names = [
    *("number", "name", "withheld", "entry", "queue", "agent", "waited_ms", "talk_ms"),
    *("requirement", "path", "reason", "digits", "choice", "language"),
]


@given(some.sampled_from([e.kind for e in an_answered_call()]), some.dictionaries(some.sampled_from(names), json_data))
def test_any_data_is_either_refused_or_gives_a_row(kind: str, data: dict):
    event = Event("id", kind, START, CALL, data)
    try:
        check(event)
    except Unreadable:
        return
    assert row(event)["id"] == CALL


def test_the_first_wait_that_was_foretold_is_kept_and_a_place_alone_foretells_none():
    place = told("entry.announced", 3000, entry="e-1", queue="accueil", position=2)
    first = told("entry.announced", 5000, entry="e-1", queue="accueil", from_min=2, to_min=5, expected_ms=200_000)
    later = told("entry.announced", 65_000, entry="e-1", queue="accueil", from_min=1, to_min=3)
    for order in ((place, first, later), (later, first, place)):
        stay = project(CALL, (arrived(), entered(1000), *order), "FR").entries["e-1"]
        assert (stay["expected_ms"], stay["expected_most_ms"], stay["expected_at"]) == (120_000, 300_000, START + 5000)
        assert stay["foretold_ms"] == 200_000
    alone = project(CALL, (arrived(), entered(1000), place), "FR").entries["e-1"]
    assert alone["expected_at"] is None


def test_more_than_so_many_minutes_has_no_later_end():
    open_ended = told("entry.announced", 5000, entry="e-1", queue="accueil", from_min=60, to_min=0)
    stay = project(CALL, (arrived(), entered(1000), open_ended), "FR").entries["e-1"]
    assert (stay["expected_ms"], stay["expected_most_ms"], stay["foretold_ms"]) == (3_600_000, None, None)


def stay_of(*events: Event) -> dict:
    return project(CALL, (arrived(), entered(1_000), *events), "FR").entries["e-1"]


def test_a_way_out_that_was_offered_is_the_callers_wish_and_one_that_a_rule_took_is_not():
    def rule(action: str, after: int) -> Event:
        return told("entry.overflowed", after, entry="e-1", queue="accueil", rule="accueil/1", action=action)

    def gone(reason: str) -> Event:
        return told("entry.left", 9_000, entry="e-1", queue="accueil", reason=reason, waited_ms=8_000)

    assert stay_of(rule("offer", 2_000), gone("voicemail"))["reason"] == "voicemail"
    assert stay_of(rule("then", 2_000), gone("voicemail"))["reason"] == "sent_voicemail"
    refused = (rule("then", 2_000), told("entry.back", 3_000, entry="e-1", queue="accueil"))
    assert stay_of(*refused, gone("end"))["reason"] == "end"
    sent = stay_of(rule("then", 2_000), gone("callback"))
    assert (sent["outcome"], sent["reason"]) == ("callback", "sent_callback")


def test_whom_a_closed_queue_turned_away_was_not_served_by_the_flow():
    refused = told("call.refused", 1_000, step="agent", act="queue voirie", reason="closed")
    contact = row(arrived(), refused, ended(5_000, "flow_ended"))
    assert (contact["outcome"], contact["reason"]) == ("left", "closed")
    elsewhere = told("call.refused", 1_000, step="agent", act="lookup case", reason="timeout")
    assert row(arrived(), elsewhere, ended(5_000, "flow_ended"))["outcome"] == "self_service"


def test_who_left_a_message_had_asked_for_somebody():
    data = {"entry": "m", "queue": "accueil", "kind": "voicemail", "requirement": []}
    message = Event("message", "entry.entered", START + 2_000, CALL, data)
    contact = row(arrived(), message, ended(5_000, "flow_ended"))
    assert (contact["outcome"], contact["reason"], contact["queue"]) == ("left", "voicemail", None)


def test_a_service_of_the_directory_is_where_the_caller_was_put_through_to():
    through = told("call.transferred", 2_000, number="+33299000001", seconds=9, service="ccas")
    assert row(arrived(), through, ended(5_000, "flow_ended"))["service"] == "ccas"
