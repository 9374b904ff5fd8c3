"""What goes along with a caller who is put through to a service outside."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.session import Session
from telephony.channel import NOTHING, Along
from telephony.context import MOST_OCTETS, Context, context_of, going_along, user_to_user, whisper
from telephony.house import House
from tests.unit.ivr.material.files import SERVICE, service_of
from tests.unit.telephony.town import PlainQueue, flow, house_of

WHOLE = Context("guichet-1764115200.7", "2600000397", "fr", "voirie", "nid-de-poule")
CASE, DIGITS = "2600000397", "deux, six, zéro, zéro, zéro, zéro, zéro, trois, neuf, sept"


def session(**variables: Any) -> Session:
    return Session("call-1", "welcome", "v1", "fr", variables=variables)


def read(header: str) -> Mapping[str, str]:
    """What the other side makes of the header."""
    octets = bytes.fromhex(header)
    assert octets[0] == 4  # what follows is text
    return {name: value for name, (value,) in parse_qs(octets[1:].decode("ascii"), strict_parsing=True).items()}


def test_the_header_says_which_contact_it_is_about_what_and_the_case() -> None:
    header = user_to_user(WHOLE)
    assert bytes.fromhex(header)[1:] == (
        b"contact=guichet-1764115200.7&case=2600000397&language=fr&queue=voirie&topic=nid-de-poule"
    )


def test_what_is_not_known_does_not_stand_in_it() -> None:
    assert read(user_to_user(Context("call-1", language="en"))) == {"contact": "call-1", "language": "en"}


def test_what_does_not_fit_is_left_out_whole() -> None:
    assert read(user_to_user(Context("call-1", CASE, "fr", "q" * 90, "chaussee"))) == {
        "contact": "call-1", "case": CASE, "language": "fr", "topic": "chaussee",
    }  # fmt: skip


@given(st.text(max_size=90), st.text(max_size=90), st.text(max_size=90))
def test_whatever_somebody_writes_stays_short_text_that_is_read_as_it_was_cleaned(
    case: str, queue: str, topic: str
) -> None:
    context = context_of("call-1", queue, session(), {"case": case, "topic": topic})
    header = user_to_user(context)
    assert len(header) <= 2 * (MOST_OCTETS + 1)
    for name, value in read(header).items():
        assert getattr(context, name) == value


def test_what_the_agent_said_goes_before_what_the_flow_has_looked_up() -> None:
    known = session(**{"case.number": "1111111111", "case.topic": "eau"})
    assert context_of("c", "q", known, {"case": CASE, "topic": "chaussee"}) == Context("c", CASE, "fr", "q", "chaussee")
    assert context_of("c", "q", known, {}) == Context("c", "1111111111", "fr", "q", "eau")


def test_what_a_sub_flow_was_called_from_knows_counts_too() -> None:
    inside = session()
    inside.frames = [{"flow": "dossier", "step": "etat", "variables": {"case.number": CASE}}]
    assert context_of("c", "", inside, {}).case == CASE


def test_a_number_that_the_caller_merely_keyed_in_is_not_told() -> None:
    assert context_of("c", "", session(case_number="12345678"), {}).case == ""


@pytest.mark.parametrize(
    ("context", "language", "said"),
    [
        (WHOLE, "fr", f"Appel transféré par : Accueil. Sujet : Voirie, nid de poule. Dossier numéro {DIGITS}."),
        (Context("c", topic="water_leak"), "en", "Call put through by: Accueil. About: Voirie, water leak."),
    ],
)
def test_whoever_picks_up_is_told_in_the_service_s_language(context: Context, language: str, said: str) -> None:
    prompt = whisper(context, "Accueil", "Voirie", language)
    assert (prompt.text, prompt.language) == (said, language)


def test_where_nothing_is_known_they_are_told_where_the_call_comes_from() -> None:
    assert whisper(Context("c"), "Accueil", "", "fr").text == "Appel transféré par : Accueil."


def test_what_is_whispered_is_short_whatever_the_files_say() -> None:
    assert len(whisper(Context("c", "9" * 80, "fr", "q", "t" * 80), "a" * 500, "b" * 500, "en").text) < 800


# --- for a service of the directory ---------------------------------------------------------------------------------


def house_with(context: str) -> House:
    house = house_of(flow(hello={"say": "Hello.", "then": "hangup"}))
    town: Any = house.towns.live()
    town.services["ccas"] = service_of(SERVICE + context)
    town.queues["voirie"] = PlainQueue(title={"fr": "La voirie", "en": "Roads"})
    return house


async def along(context: str, service: str = "ccas") -> Along:
    return await going_along(house_with(context), service, "v1", WHOLE, "welcome")


@pytest.mark.parametrize("service", ["ccas", "nobody", ""])
async def test_a_service_is_told_nothing_unless_its_file_says_so(service: str) -> None:
    assert await along("", service) == NOTHING


async def test_its_file_chooses_the_header_the_whisper_or_both() -> None:
    header, said = user_to_user(WHOLE), f"Call put through by: Welcome. About: Roads, nid de poule. Case number {CASE}."
    spoken = said.replace(CASE, "two, six, zero, zero, zero, zero, zero, three, nine, seven")
    assert await along("context: {header: true}\n") == Along(header)
    assert await along("context: {whisper: en}\n") == Along("", (spoken,))
    assert await along("context: {header: true, whisper: en}\n") == Along(header, (spoken,))


async def test_a_voice_that_fails_keeps_nobody_from_being_put_through(caplog: pytest.LogCaptureFixture) -> None:
    house = house_with("context: {header: true, whisper: fr}\n")
    house.voice = object()  # type: ignore[assignment]
    assert await going_along(house, "ccas", "v1", WHOLE, "welcome") == Along(user_to_user(WHOLE))
    assert "told nothing aloud" in caplog.text
