"""Questions as callers meet them: keys pressed late, wrong, twice, or not at all."""

import pytest

from ivr import words
from ivr.acts import Digits, Gather, Hangup, Pressed, Prompt, Started
from ivr.collecting import MOST_REPEATS
from ivr.engine import Turn, advance, again, begin
from ivr.model import Flow
from ivr.session import Session
from ivr.verbs import VERBS
from tests.unit.ivr.flows import flow_of, told_of

SILENCE = Pressed("", complete=False)


class Talk:
    """One caller at one flow."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.session = begin(flow, call="c1", version="v1", caller={"number": "+33612345678"}, dialled="3939")
        self.turn = advance(flow, self.session, Started())

    def press(self, keys: str, *, complete: bool = True) -> Turn:
        self.turn = advance(self.flow, self.session, Pressed(keys, complete))
        return self.turn

    def silent(self) -> Turn:
        return self.press("", complete=False)

    @property
    def gather(self) -> Gather:
        assert isinstance(self.turn.acts[-1], Gather), self.turn.acts
        return self.turn.acts[-1]

    @property
    def heard(self) -> list[str]:
        return [prompt.text for prompt in self.gather.prompts]

    @property
    def over(self) -> bool:
        return self.turn.acts[-1] == Hangup()


def menu(more: str = "", head: str = "") -> Flow:
    flow = flow_of(f"""
        m:
          menu: Tapez 1.
          choices: {{1: oui}}
          otherwise: non
          {more}
        oui: {{say: Oui., then: hangup}}
        non: {{say: Non., then: hangup}}
        quelqu-un: {{queue: accueil, answered: hangup, otherwise: hangup}}
    """)
    return flow if not head else with_person(flow, head)


def with_person(flow: Flow, person: str) -> Flow:
    return Flow(flow.name, "", flow.languages, flow.numbers, flow.start, flow.steps, person=person)


def ask(more: str = "", digits: str = "{length: 4}") -> Flow:
    return flow_of(f"""
        a:
          ask: Votre dossier ?
          digits: {digits}
          save: case_number
          then: hangup
          otherwise: hangup
          {more}
    """)


# --- nothing, and nothing valid -------------------------------------------------------------------------------------


def test_silence_and_a_wrong_key_are_answered_with_words_of_their_own_that_change_with_the_count() -> None:
    talk = Talk(menu("nothing: [Rien., Toujours rien.]\n          invalid: Faux.\n          attempts: 9"))
    assert talk.heard == ["Tapez 1."]
    talk.silent()
    assert talk.heard == ["Rien.", "Tapez 1."]
    talk.press("9")
    assert talk.heard == ["Faux.", "Tapez 1."]
    talk.silent()
    assert talk.heard == ["Toujours rien.", "Tapez 1."]
    talk.silent()
    assert talk.heard == ["Toujours rien.", "Tapez 1."], "the last one serves all further times"


def test_silence_and_wrong_keys_may_have_limits_of_their_own() -> None:
    talk = Talk(menu("attempts: {nothing: 2, invalid: 3}"))
    talk.silent()
    talk.press("9")
    talk.press("9")
    assert not talk.over
    talk.press("9")
    assert talk.over
    assert talk.session.path[-1] == "non"


def test_another_engine_says_the_same_words_again() -> None:
    talk = Talk(menu("nothing: Rien."))
    talk.silent()
    assert again(talk.flow, talk.session).acts == talk.turn.acts


# --- a person, once more, more time ---------------------------------------------------------------------------------


def test_zero_leads_to_the_flows_person_where_it_is_no_choice() -> None:
    talk = Talk(menu(head="quelqu-un"))
    talk.press("0")
    assert talk.session.step == "quelqu-un"
    assert talk.turn.happened == (("call.chose", {"step": "m", "digits": "0", "choice": "quelqu-un"}),)


@pytest.mark.parametrize(("person", "leads_to"), [("oui", "oui"), ("false", "m")])
def test_a_step_may_name_another_person_or_none(person: str, leads_to: str) -> None:
    talk = Talk(menu(f"person: {person}", head="quelqu-un"))
    talk.press("0")
    assert talk.session.path[-1] == leads_to


def test_a_choice_wins_over_what_the_key_means_elsewhere() -> None:
    flow = flow_of("""
        m:
          menu: Tapez 0 ou étoile.
          choices: {0: oui, "*": non}
          person: quelqu-un
          otherwise: hangup
        oui: {say: Oui., then: hangup}
        non: {say: Non., then: hangup}
        quelqu-un: {queue: accueil, answered: hangup, otherwise: hangup}
    """)
    for keys, step in (("0", "oui"), ("*", "non")):
        talk = Talk(flow)
        talk.press(keys)
        assert talk.session.step == step


def test_a_number_that_may_be_zero_is_no_call_for_a_person() -> None:
    talk = Talk(with_person(ask(digits="{most: 4}"), "a"))
    talk.press("0")
    assert talk.session.variables["case_number"] == "0"


def test_star_puts_the_question_again_and_is_not_counted_as_a_miss() -> None:
    talk = Talk(menu("attempts: 2"))
    for _ in range(MOST_REPEATS):
        talk.press("*")
        assert talk.heard == ["Tapez 1."]
    talk.press("9")
    assert not talk.over
    talk.press("9")
    assert talk.over


def test_star_for_ever_ends_at_some_time() -> None:
    talk = Talk(menu())
    for _ in range(MOST_REPEATS + 2):
        talk.press("*")
    assert talk.over


def test_star_in_a_number_lets_the_caller_begin_anew() -> None:
    talk = Talk(ask("attempts: 1"))
    talk.press("12*")
    assert talk.heard == ["Votre dossier ?"]
    talk.press("1234")
    assert talk.session.variables["case_number"] == "1234"


def test_a_step_may_do_without_star() -> None:
    talk = Talk(menu("repeat: false\n          attempts: 1"))
    talk.press("*")
    assert talk.over


def test_a_caller_who_asks_for_more_time_has_it_for_the_rest_of_the_call() -> None:
    talk = Talk(menu("more_time: 8\n          timeout: 5s\n          between: 2s"))
    assert (talk.gather.digits.first_ms, talk.gather.digits.next_ms) == (5_000, 2_000)
    talk.press("8")
    assert (talk.gather.digits.first_ms, talk.gather.digits.next_ms) == (15_000, 6_000)
    talk.silent()
    assert talk.gather.digits.first_ms == 15_000
    assert talk.session.pace == 3


def test_a_key_cannot_be_a_choice_and_give_more_time() -> None:
    told = told_of("""
        m:
          menu: Tapez 1.
          choices: {1: hangup}
          more_time: 1
          otherwise: hangup
    """)
    assert told == ["choice: the key 1 is a choice already"]


# --- numbers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digits", "collected"),
    [
        ("{length: 8}", Digits(8, 8, "#")),
        ('{length: 8, end: "#"}', Digits(9, 8, "#")),
        ("{least: 2, most: 4}", Digits(4, 2, "#")),
        ('{most: 4, end: "*"}', Digits(5, 1, "*")),
        ('{most: 4, end: ""}', Digits(4, 1, "")),
    ],
)
def test_hash_ends_a_number_and_is_waited_for_where_callers_are_told_of_it(digits: str, collected: Digits) -> None:
    assert Talk(ask(digits=digits)).gather.digits == collected


def test_keys_before_the_end_of_the_text_count_unless_the_step_says_no() -> None:
    assert Talk(ask()).gather.digits.barge_in
    assert not Talk(ask("barge_in: false")).gather.digits.barge_in


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("luhn", ["18", "732829320", "4539578763621486"], ["19", "732829321", "4539578763621468"]),
        ("mod97", ["79444", "123456789092"], ["79445", "97444", "12"]),
        ("nir", ["255081416802538"], ["255081416802537", "12"]),
    ],
)
def test_numbers_with_wrong_check_digits_are_asked_for_again(check: str, right: list[str], wrong: list[str]) -> None:
    flow = ask(f"check: {check}", digits="{most: 20}")
    for number in wrong:
        talk = Talk(flow)
        talk.press(number)
        assert talk.heard == ["Votre dossier ?"], number
    for number in right:
        talk = Talk(flow)
        talk.press(number)
        assert talk.session.variables["case_number"] == number


def test_a_number_is_read_back_digit_by_digit_and_counts_when_it_is_confirmed() -> None:
    talk = Talk(ask("confirm: true"))
    talk.press("1234")
    assert talk.heard == [words.READ_BACK["fr"], "1", "2", "3", "4", words.CONFIRM["fr"]]
    assert "case_number" not in talk.session.variables
    assert again(talk.flow, talk.session).acts == talk.turn.acts
    talk.press("#")
    assert talk.over
    assert talk.session.variables["case_number"] == "1234"


def test_a_number_that_was_read_back_may_be_keyed_in_anew() -> None:
    talk = Talk(ask("confirm: true\n          attempts: 1"))
    talk.press("1234")
    talk.press("*")
    assert talk.heard == ["Votre dossier ?"]
    talk.press("5678")
    talk.press("1")
    assert talk.session.variables["case_number"] == "5678"


def test_a_number_that_is_never_confirmed_does_not_count() -> None:
    talk = Talk(ask("confirm: true\n          attempts: 2"))
    talk.press("1234")
    talk.silent()
    assert talk.heard[0] == words.READ_BACK["fr"]
    talk.silent()
    assert talk.over
    assert "case_number" not in talk.session.variables


def test_sentences_of_our_own_are_english_where_we_lack_the_language() -> None:
    assert words.said(words.CONFIRM, "de") == Prompt(words.CONFIRM["en"], "en")
    assert words.said(words.CONFIRM, "fr").language == "fr"


# --- what callers think ---------------------------------------------------------------------------------------------

SURVEY = """
    avis:
      survey: De 1 à 4 ?
      scale: 4
      save: mark
      then: merci
      otherwise: hangup
    merci: {say: "Merci, {mark}.", then: hangup}
"""


def test_a_mark_goes_into_the_history_and_the_flow() -> None:
    talk = Talk(flow_of(SURVEY))
    turn = talk.press("4")
    assert ("call.surveyed", {"step": "avis", "score": 4, "scale": 4}) in turn.happened
    assert talk.session.variables["mark"] == 4


@pytest.mark.parametrize("keys", ["5", "0", "#", "44"])
def test_a_mark_beyond_the_scale_is_none(keys: str) -> None:
    talk = Talk(flow_of(SURVEY))
    assert not [kind for kind, _ in talk.press(keys).happened if kind == "call.surveyed"]


# --- sub-flows ------------------------------------------------------------------------------------------------------

CALLING = """
    avant: {set: {mine: 1}, then: appel}
    appel:
      flow: identification
      with: {tries: 2}
      save: {dossier: case_number}
      then: apres
    apres: {say: "Dossier {dossier}, {mine}.", then: hangup}
"""


def stored(session: Session) -> Session:
    return Session.from_data(session.to_data())


def test_a_sub_flow_knows_what_it_is_given_and_gives_its_results_back() -> None:
    talk = Talk(flow_of(CALLING))
    assert talk.session.inside == "identification"
    assert talk.session.variables == {"dialled": "3939", "tries": 2}
    assert talk.session.path == ["avant", "appel", "identification/dossier"]
    talk.session = stored(talk.session)
    turn = talk.press("77")
    assert turn.acts[0].prompts[0].text == "Dossier 77, 1."  # type: ignore[union-attr]
    assert turn.happened[0][1]["step"] == "identification/dossier"
    assert talk.session.path[-1] == "apres"
    assert talk.session.frames == []


def test_return_without_a_caller_is_the_end() -> None:
    flow = flow_of(CALLING).town["identification"]
    talk = Talk(flow)
    talk.press("77")
    assert talk.over


def test_flows_that_call_each_other_for_ever_end_at_the_safe_exit() -> None:
    town: dict[str, Flow] = {}
    steps = {"a": VERBS["flow"].model_validate({"flow": "circle", "then": "hangup"})}
    circle = town["circle"] = Flow("circle", "", ("fr",), (), "a", steps, town=town)
    turn = advance(circle, begin(circle, call="c1", version="v1", caller={}), Started())
    assert "circles" in turn.failed
    assert turn.acts[-1] == Hangup()


def test_a_sub_flow_that_is_gone_is_told_and_the_caller_hears_a_sentence() -> None:
    flow = flow_of(CALLING)
    alone = Flow(flow.name, "", flow.languages, (), flow.start, flow.steps)
    session = begin(alone, call="c1", version="v1", caller={})
    turn = advance(alone, session, Started())
    assert turn.failed
    assert turn.acts[-1] == Hangup()
