"""The town that is shipped, at a telephone: a citizen finds an answer alone, in French, and an agent, in English."""

from collections.abc import Iterator

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from app.install.places import CHECKOUT
from telephony.phone import PhoneCall
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House, hear_each_other

TOWN = CHECKOUT / "callflows"
PAUSE_S = 0.25
"""Between two sentences: the first choice has been put."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        own.run("hours", "open", "mairie")  # at whatever time of day this runs
        yield own


async def listened(call: PhoneCall, key: str) -> None:
    """Hear a sentence of the question, then press the key."""
    await call.wait_sound()
    await call.wait_silence(PAUSE_S, limit=40)
    await call.press(key)


async def test_a_birth_certificate_is_explained_and_that_is_enough(house: House) -> None:
    caller = await house.caller()
    call = await caller.reach()
    for key in ("1", "1", "1", "1"):
        await listened(call, key)
    await call.ended.wait(40)
    contact = await house.ended_contact(caller.number)
    assert contact["path"] == ["connu", "bonjour", "danger", "sujet", "papiers", "etat-civil", "etat-civil/sujet",
                               "etat-civil/acte", "suite", "merci"]  # fmt: skip
    assert contact["outcome"] == "self_service"
    await house.event("call.answered", answer="acte-de-naissance", solved=True)


async def test_a_stranger_presses_hash_for_english_and_talks_to_somebody(house: House) -> None:
    camille = await house.agent("camille", available=True)
    caller = await house.caller()
    call = await caller.reach()
    for key in ("#", "0"):
        await listened(call, key)
    rings = await camille.answer(limit=15)
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait(15)
    contact = await house.ended_contact(caller.number)
    assert (contact["queue"], contact["agent"], contact["language"]) == ("accueil", "camille", "en")
