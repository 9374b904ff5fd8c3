"""What brought a call to this agent, and what was heard and pressed on the way."""

from queues.model import Agent, Entry, Step
from web.desk.hub import Town
from web.desk.messages import SkillAsked
from web.desk.pop import asked_of, heard

CAMILLE = Agent("camille", "1001", "Camille", skills={"voirie": 2, "anglais": 1})


def entry(*steps: Step) -> Entry:
    return Entry("e1", "c1", "voirie", since=0, entered=0, requirement=list(steps))


def test_the_skills_of_the_first_step_that_the_agent_meets_are_told_with_both_levels() -> None:
    asked = entry(
        {"skills": {"voirie": 3}, "for_ms": 1}, {"skills": {"voirie": 1}, "any": [{"anglais": 1, "arabe": 1}]}
    )
    assert asked_of(CAMILLE, asked) == (
        1,
        [SkillAsked(name="voirie", asked=1, has=2), SkillAsked(name="anglais", asked=1, has=1)],
    )


def test_a_queue_that_takes_anyone_asks_for_nothing() -> None:
    assert asked_of(CAMILLE, entry({})) == (0, [])


def test_a_call_that_came_by_a_rule_or_a_name_is_told_without_skills() -> None:
    assert asked_of(CAMILLE, entry({"skills": {"impots": 1}})) == (0, [])


def test_a_step_of_a_sub_flow_is_looked_up_in_its_own_flow() -> None:
    town = Town({}, {}, {}, lambda version, flow, step: {"fr": f"{version} {flow} {step}"})
    said = {"version": "v1", "flow": "accueil"}
    assert heard(town, said, "voirie/rue").text == {"fr": "v1 voirie rue"}
    assert heard(town, said, "sujet").text == {"fr": "v1 accueil sujet"}
