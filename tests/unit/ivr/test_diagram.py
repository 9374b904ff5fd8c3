"""A flow as a picture: every step and every exit is in it, nothing lies upon anything else, and what is written in a
flow stays text."""

import re
from itertools import combinations
from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings

from ivr.diagram import draw
from ivr.diagram.graph import graph_of
from ivr.diagram.layers import layered
from ivr.diagram.places import Placed, placed
from ivr.model import Flow
from tests.unit.ivr.flows import flow_of
from tests.unit.ivr.test_any_flow import flows

MENU = """
    bonjour:
      say: {fr: Bonjour., en: Hello.}
      then: sujet
    sujet:
      menu: {fr: "Pour la voirie, tapez 1.", en: "For roads, press 1."}
      choices: {1: voirie, 0: voirie, 9: sujet}
      otherwise: hangup
    voirie:
      branch:
        - when: caller.contacts > 0
          then: bonjour
      otherwise: hangup
"""


def shape(flow: Flow) -> Placed:
    return placed(layered(graph_of(flow)))


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314


def test_steps_their_words_and_their_exits_are_shown() -> None:
    written = texts(draw(flow_of(MENU)))
    assert {"bonjour", "say", "Bonjour.", "sujet", "menu", "voirie", "branch"} <= set(written)
    assert {"1 · 0", "9", "otherwise ✕", "caller.contacts > 0"} <= set(written)


def test_each_exit_that_leads_to_a_step_has_one_arrow() -> None:
    lines = {(line.source, line.target, line.back) for line in shape(flow_of(MENU)).lines}
    assert lines == {
        ("bonjour", "sujet", False), ("sujet", "voirie", False), ("sujet", "sujet", True), ("voirie", "bonjour", True),
    }  # fmt: skip


def test_a_step_stands_below_those_that_lead_to_it() -> None:
    tops = {card.box.name: card.y for card in shape(flow_of(MENU)).cards}
    assert tops["bonjour"] < tops["sujet"] < tops["voirie"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_any_flow_is_drawn_and_no_step_lies_upon_another(flow: Flow) -> None:
    drawn = shape(flow)
    assert {card.box.name for card in drawn.cards} == set(flow.steps)
    for one, other in combinations(drawn.cards, 2):
        apart = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)
    for card in drawn.cards:
        assert card.x >= 0 and card.x + card.width <= drawn.width and card.y + card.height <= drawn.height
    assert ElementTree.fromstring(draw(flow)).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314


def test_a_hostile_text_stays_text() -> None:
    svg = draw(flow_of("""
        bonjour:
          say: '</text><script>alert(1)</script>&"'
          then: hangup
    """))  # fmt: skip
    assert "<script" not in svg
    assert any("<script>" in text for text in texts(svg))


def test_it_can_be_read_aloud() -> None:
    svg = draw(flow_of(MENU))
    described = re.search(r'<desc id="desc">([^<]*)</desc>', svg)
    assert described and "sujet (menu): 1 · 0 to voirie" in described[1]
    assert 'role="img"' in svg and 'aria-labelledby="title desc"' in svg


def many_steps() -> Flow:
    """60 steps: a menu, its subjects, and one end to which all of them lead."""
    subjects = [f"sujet-{number}" for number in range(29)]
    steps = []
    for number, name in enumerate(subjects):
        following = f"choix-{number + 1}" if number < 28 else "fin"
        steps += [
            f"choix-{number}:\n  menu: Tapez 1.\n  choices: {{1: {name}, 2: {following}}}\n  otherwise: fin",
            f"{name}:\n  queue: mairie\n  answered: fin\n  otherwise: fin",
        ]
    return flow_of("\n".join(["bonjour:\n  say: Bonjour.\n  then: choix-0", *steps, "fin:\n  hangup: Au revoir."]))


def test_exits_to_a_step_that_many_lead_to_name_it_instead_of_long_arrows() -> None:
    flow = many_steps()
    assert len(flow.steps) == 60
    drawn = shape(flow)
    assert sum(line.target == "fin" for line in drawn.lines) < 10
    assert "answered · otherwise ▸ fin" in texts(draw(flow))


def test_no_row_is_wider_than_a_screen_lets_it_be() -> None:
    rows: dict[float, int] = {}
    for card in shape(many_steps()).cards:
        rows[card.y] = rows.get(card.y, 0) + 1
    assert max(rows.values()) <= 10


def test_a_question_shows_what_it_asks_before_what_it_says_to_a_wrong_key() -> None:
    flow = flow_of("""
        sujet:
          menu: {fr: "Pour la voirie, tapez 1.", en: "For roads, press 1."}
          choices: {1: hangup}
          invalid: {fr: Rien à cette touche., en: Nothing on that key.}
          otherwise: hangup
    """)
    assert graph_of(flow).boxes["sujet"].said == "Pour la voirie, tapez 1. Rien à cette touche."


def test_a_long_name_does_not_lie_upon_the_verb() -> None:
    flow = flow_of("""
        message-pour-les-objets-trouves:
          voicemail: {fr: Parlez., en: Speak.}
          queue: roads
          then: hangup
    """)
    (card,) = shape(flow).cards
    assert card.width > 8 * len(card.box.name) + 6 * len(card.box.verb)
