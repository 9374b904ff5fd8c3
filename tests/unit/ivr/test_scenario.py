"""Scenario files: what a faulty one is told, what is played, where a call that went another way did so, and which steps
and exits are taken."""

from textwrap import dedent

import pytest

from core.files import Faults
from ivr.coverage import coverage
from ivr.load import Flows, load_flows
from ivr.rehearsal import Rehearsal, rehearse
from ivr.scenario import load_scenarios
from tests.unit.ivr.flows import source_of

FLOW = """
    bonjour:
      say: Bonjour.
      then: sujet
    sujet:
      menu: {fr: "Tapez 1.", en: "Press 1."}
      choices: {1: file, 2: dossier}
      otherwise: file
    dossier:
      ask: Votre dossier ?
      digits: {length: 4, end: "#"}
      save: case_number
      then: suivi
      otherwise: file
    suivi:
      lookup: case
      with: {number: case_number}
      found: etat
      missing: file
    etat:
      say: Votre dossier est connu.
      then: hangup
    file:
      queue: mairie
      answered: merci
      otherwise: hangup
    merci:
      hangup: Merci.
"""
SCENARIO = """\
scenario: essai
flow: essai
play:
{play}
ends: {ends}
"""


def the_flows(steps: str = FLOW) -> Flows:
    faults = Faults()
    found = load_flows({"essai.yaml": source_of(steps)}, faults)
    assert not faults.found, faults.found
    return found


def told_of(text: str) -> list[str]:
    faults = Faults()
    load_scenarios({"s.yaml": dedent(text).encode()}, the_flows(), faults)
    return [str(fault) for fault in faults.found]


def played(play: str, ends: str, head: str = "", steps: str = FLOW) -> Rehearsal:
    """`play`: lines of the scenario's play."""
    lines = "\n".join(f"  {line}" for line in dedent(play).strip("\n").splitlines())
    faults = Faults()
    source = head + SCENARIO.format(play=lines, ends=ends)
    scenarios = load_scenarios({"s.yaml": source.encode()}, the_flows(steps), faults)
    assert not faults.found, faults.found
    return rehearse(scenarios[0])


def divergence(play: str, ends: str = "{at: merci}", head: str = "") -> str:
    found = played(play, ends, head).divergence
    return str(found)


QUEUED = """
- hears: bonjour
- hears: sujet
  press: 1
- queue: answered
  after: 40s
- hears: merci
"""


def test_a_call_that_goes_as_told_has_no_divergence() -> None:
    rehearsal = played(QUEUED, "{at: merci}")
    assert rehearsal.divergence is None and rehearsal.ended
    assert rehearsal.path == ["bonjour", "sujet", "file", "merci"]
    assert [(line.step, line.text) for line in rehearsal.dialogue] == [
        ("bonjour", "Bonjour."),
        ("sujet", "Tapez 1."),
        ("", "presses 1"),
        ("", "queue: answered"),
        ("merci", "Merci."),
    ]
    assert rehearsal.dialogue[-1].at > 40_000


@pytest.mark.parametrize(
    ("play", "ends", "path_end"),
    [
        ("- {hears: bonjour, press: 1}\n- {queue: unanswered}", "{at: file}", "file"),  # a key during the greeting
        ("- {hears: sujet, silence: true}\n- {hears: sujet, silence: true}", "{at: merci}", "merci"),
        ("- {hears: bonjour, hang_up: true}", "{at: sujet}", "sujet"),  # to which the engine had come
        ("- {hears: sujet, press: 1}\n- {after: 4m, hang_up: true}", "{at: file}", "file"),
        ('- {press: 2}\n- {press: "1234"}\n- {lookup: {status: open}}', "{at: etat}", "etat"),
        ('- {press: 2}\n- {press: "1234#"}\n- hears: merci', '{at: merci, values: {case_number: "1234"}}', "merci"),
    ],
)
def test_what_a_caller_and_the_world_may_do(play: str, ends: str, path_end: str) -> None:
    rehearsal = played(play, ends)
    assert (rehearsal.path[-1], rehearsal.divergence) == (path_end, None)


def test_the_world_may_answer_the_same_wherever_the_play_does_not_say() -> None:
    head = "given: {queue: unanswered}\nknown: {contacts: 3}\nfrom: '+33612345678'\nat: 2026-11-23T10:00\n"
    assert played("- {hears: sujet, press: 1}", "{at: file}", head).divergence is None


@pytest.mark.parametrize(
    ("play", "ends", "told"),
    [
        (
            "- hears: bonjour\n- hears: merci",
            "{at: merci}",
            "s.yaml:5:5: expected to hear merci, but the call waits for keys in sujet [scenario]",
        ),
        (
            "- hears: sujet",
            "{at: merci}",
            "s.yaml:5:1: the play is over, but the call waits for keys in sujet: press, silence or hang_up? [scenario]",
        ),
        (
            "- hears: sujet\n  says: Tapez 2\n  press: 1",
            "{at: merci}",
            "s.yaml:5:5: expected the words 'Tapez 2', heard 'Tapez 1.' [scenario]",
        ),
        (
            "- press: 1\n- hears: etat",
            "{at: merci}",
            "s.yaml:5:5: the call is over in merci; expected to hear etat [scenario]",
        ),
        (
            "- press: 1\n- hears: merci\n  says: Au revoir",
            "{at: merci}",
            "s.yaml:5:5: the call is over in merci; expected to hear merci say 'Au revoir', heard 'Merci.' [scenario]",
        ),
        ("- press: 1", "{at: file}", "s.yaml:5:8: the call ended with at merci; expected file [scenario]"),
        (
            "- lookup: missing",
            "{at: file}",
            "s.yaml:4:5: the call waits for keys in sujet, not for lookup [scenario]",
        ),
        (
            '- press: 2\n- press: "4321#"',
            '{at: merci, values: {case_number: "1"}}',
            "s.yaml:6:19: the call ended with values case_number: 4321; expected case_number: 1 [scenario]",
        ),
    ],
)
def test_where_a_call_went_another_way(play: str, ends: str, told: str) -> None:
    assert divergence(play, ends) == told


def test_a_flow_that_goes_in_circles_ends_the_scenario() -> None:
    circles = """
        file:
          queue: mairie
          answered: file
          otherwise: file
    """
    found = played("- after: 1s\n  queue: answered", "{at: file}", steps=circles).divergence
    assert found and "goes in circles" in found.message


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "- hears: suje",
            "s.yaml:4:12: no step of the flow essai is called suje; did you mean sujet? [unknown-step]",
        ),
        ("- press: x", """s.yaml:4:12: expected keys of a telephone such as 1 or "12345678#", found 'x' [keys]"""),
        (
            "- queue: maybe",
            "s.yaml:4:12: expected answered, unanswered, served, callback, voicemail, end; found 'maybe' [outcome]",
        ),
        (
            "- {press: 1, silence: true}",
            "s.yaml:4:5: one thing at a time, found press and silence; write two lines [two-things]",
        ),
        ("- after: 3s", "s.yaml:4:5: nothing happens here; write what is heard, or what the caller does [nothing]"),
        ("- pres: 1", "s.yaml:4:5: unknown key 'pres'; did you mean press? [unknown-key]"),
    ],
)
def test_a_fault_in_a_scenario_is_told_at_its_place(line: str, told: str) -> None:
    assert told_of(f"scenario: essai\nflow: essai\nplay:\n  {line}\nends: {{at: merci}}\n") == [told]


def test_a_day_that_is_none_is_told() -> None:
    (told,) = told_of("scenario: s\nflow: essai\nat: 2026-02-30T10:00\nends: {at: merci}\n")
    assert told == "s.yaml:3:5: expected a local time such as 2026-11-23T10:00, found '2026-02-30T10:00' [moment]"


def test_a_flow_that_is_not_there_is_told_with_the_nearest() -> None:
    assert told_of("scenario: s\nflow: esai\nends: {at: merci}\n") == [
        "s.yaml:2:7: no flow is called esai; did you mean essai? [unknown-flow]"
    ]


def test_coverage_names_what_no_scenario_takes() -> None:
    flow = the_flows().by_name["essai"]
    (found,) = coverage([flow], [played(QUEUED, "{at: merci}")])
    assert list(found.missing_steps) == ["dossier", "suivi", "etat"]
    assert ("sujet", "dossier") in found.missing_exits and ("sujet", "file") not in found.missing_exits
    assert ("file", "hangup") in found.missing_exits
    assert found.share == 1 - (3 + len(found.missing_exits)) / (found.steps + found.exits)


def test_an_exit_that_ends_the_call_counts_only_when_the_flow_ends_it() -> None:
    flow = the_flows().by_name["essai"]
    left = played("- {press: 1}\n- hang_up: true", "{at: file}")
    ended = played("- {press: 1}\n- queue: unanswered", "{at: file}")
    assert ("file", "hangup") in coverage([flow], [left])[0].missing_exits
    assert ("file", "hangup") not in coverage([flow], [ended])[0].missing_exits
