"""Texts: values in braces, pieces in other languages in brackets, each spoken by its own voice."""

from core.files import Faults
from ivr.acts import Prompt
from ivr.load import load_flows
from ivr.model import Flow
from ivr.play import Player
from ivr.session import Session
from ivr.text import _read_text

FLOW = """
flow: accueil
languages: [fr, en]
numbers: ["3939"]
start: sujet
steps:
  sujet:
    menu:
      fr: "Pour la voirie, tapez 1. [en: For English, press 9.]"
      en: "For roads, press 1. [fr: Pour le français, tapez 9.]"
    choices: {1: envoi, 9: anglais}
    otherwise: hangup
  anglais: {language: en, then: sujet}
  envoi:
    sms: "Voirie [en: Roads, {caller.contacts:count} calls]. Merci."
    then: hangup
    otherwise: hangup
"""


def prompts(text: str, language: str = "fr", **caller: int) -> list[tuple[str, str]]:
    session = Session("c", "f", "v", language, caller=dict(caller))
    return [(prompt.text, prompt.language) for prompt in _read_text(text).prompts(session, lambda name: None)]


def flow() -> Flow:
    faults = Faults()
    flows = load_flows({"accueil.yaml": FLOW.encode()}, faults)
    assert not faults.found
    return flows.by_name["accueil"]


def test_a_text_without_brackets_is_one_prompt_as_it_is_written() -> None:
    assert prompts(" Bonjour. ") == [(" Bonjour. ", "fr")]


def test_a_piece_in_another_language_is_spoken_by_its_voice() -> None:
    assert prompts("Tapez 1. [en: For English, press 9.] Merci.") == [
        ("Tapez 1.", "fr"),
        ("For English, press 9.", "en"),
        ("Merci.", "fr"),
    ]
    assert prompts("[en: Hello.]") == [("Hello.", "en")]


def test_a_value_in_a_piece_is_spoken_in_the_language_of_the_piece() -> None:
    text = "{caller.contacts:count} appels. [en: {caller.contacts:count} calls.]"
    assert prompts(text, contacts=21) == [("vingt et un appels.", "fr"), ("twenty-one calls.", "en")]


def test_a_piece_without_words_is_left_out_and_a_text_never() -> None:
    assert prompts("[en: Hello.], .") == [("Hello.", "en")]
    assert prompts("{caller.contacts} [en: {caller.contacts}]") == [("", "fr")]


def test_a_caller_hears_each_language_by_its_voice_and_reads_one_message() -> None:
    player = Player(flow(), caller={"number": "+33612345678", "contacts": 2})
    player.start()
    assert player.heard[-1].prompts == (Prompt("Pour la voirie, tapez 1.", "fr"), Prompt("For English, press 9.", "en"))
    text = next(iter(flow().steps.values())).menu  # type: ignore[attr-defined]
    assert list(text.fixed_prompts("en")) == [
        Prompt("For roads, press 1.", "en"),
        Prompt("Pour le français, tapez 9.", "fr"),
    ]
    session = Session("c", "f", "v", "fr", caller={"contacts": 2})
    message = flow().steps["envoi"].sms  # type: ignore[attr-defined]
    assert message.read(session, lambda name: None) == Prompt("Voirie Roads, two calls. Merci.", "fr")


def test_pieces_whose_words_are_known_are_rendered_before_a_call() -> None:
    text = _read_text("Vous avez {caller.contacts} appels. [en: For English, press 9.]")
    assert list(text.fixed_prompts("fr")) == [Prompt("For English, press 9.", "en")]
