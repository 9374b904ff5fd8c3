"""What the steps of a town's flows say, as the desk shows it."""

from app.desk_town import desks_town
from app.settings import CHECKOUT
from app.town import Town, load_town
from ivr.verbs.menu import Menu

TOWN = load_town(CHECKOUT / "callflows")


def test_each_step_that_speaks_has_its_words_in_both_languages() -> None:
    menus = [name for name, step in TOWN.flows.by_name["accueil"].steps.items() if isinstance(step, Menu)]
    for name in menus:
        told = desks_town(TOWN).said(TOWN.version, "accueil", name)
        assert "tapez" in told["fr"] and "press" in told["en"]
    assert menus


def test_of_an_answer_its_question_is_told() -> None:
    flow, step = answer_step(TOWN)
    answer = TOWN.answers[str(getattr(TOWN.flows.by_name[flow].steps[step], "answer", ""))]
    assert desks_town(TOWN).said(TOWN.version, flow, step) == answer.question


def test_of_another_version_and_of_unknown_steps_nothing_is_told() -> None:
    desk = desks_town(TOWN)
    assert not desk.said("older", "accueil", TOWN.flows.by_name["accueil"].start)
    assert not desk.said(TOWN.version, "accueil", "nowhere") and not desk.said(TOWN.version, "nowhere", "x")


def test_each_queue_of_the_shipped_town_has_a_guide_in_both_languages() -> None:
    assert {name for name, guide in desks_town(TOWN).guides.items() if set(guide) == {"fr", "en"}} == set(TOWN.queues)


def answer_step(town: Town) -> tuple[str, str]:
    return next(
        (flow.name, name)
        for flow in town.flows.by_name.values()
        for name, step in flow.steps.items()
        if str(getattr(step, "answer", "")) in town.answers
    )
