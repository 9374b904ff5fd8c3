"""A scenario gives the same dialogue on the engine alone and over a real Asterisk: the same prompts, known by the files
that were played, on the same way through the flow."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from app.install.programs import find_programs
from app.town import load_town
from core.files import Faults
from ivr.rehearsal import Rehearsal, rehearse
from ivr.scenario import Moment, load_scenarios
from speech.espeak import Espeak
from speech.voice import Voice
from telephony.phone import PhoneCall
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import AgentPhone, House

TOWN = Path(__file__).parent / "dialogue"
SCENARIOS = sorted((TOWN / "scenarios").glob("*.yaml"))
END_OF_PROMPT_S = 0.8
"""More than the pause between two sentences."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


def rehearsed(path: Path) -> Rehearsal:
    faults = Faults()
    (scenario,) = load_scenarios({str(path): path.read_bytes()}, load_town(TOWN).flows, faults)
    rehearsal = rehearse(scenario)
    assert not faults.found and rehearsal.divergence is None
    return rehearsal


async def does(moment: Moment, call: PhoneCall, agent: AgentPhone | None) -> None:
    """What the scenario's caller does, at a telephone, once the prompt is over."""
    if moment.press or moment.hang_up:
        await call.wait_sound()
        await call.wait_silence(END_OF_PROMPT_S)
    if moment.press:
        await call.press(moment.press)
    elif moment.hang_up:
        await call.hang_up()
    elif moment.queue:
        assert agent and moment.queue == "answered"
        await (await agent.answer()).hang_up()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_a_scenario_is_the_same_dialogue_at_a_telephone(house: House, path: Path) -> None:
    rehearsal = rehearsed(path)
    play = rehearsal.scenario.told.play
    agent = await house.agent(available=True) if any(moment.queue for moment in play) else None
    caller = await house.caller()
    call = await caller.dial()
    await call.answered.wait()
    for moment in play:
        await does(moment, call, agent)
    await call.ended.wait(30)

    contact = await house.ended_contact(caller.number)
    assert contact["path"] == rehearsal.path
    assert sounds_played(house, contact["id"]) == await sounds_of(house, rehearsal)


def sounds_played(house: House, call: str) -> list[str]:
    return [name for event in house.events("call.heard") if event["call"] == call for name in event["data"]["sounds"]]


async def sounds_of(house: House, rehearsal: Rehearsal) -> list[str]:
    """The files of what the engine alone had spoken."""
    settings = house.own.settings
    voice = Voice(Espeak(find_programs(settings).espeak), settings.sounds)
    try:
        prompts = [prompt for heard in rehearsal.heard for prompt in heard.prompts]
        return [Path(await voice.sound(prompt)).name for prompt in prompts]
    finally:
        await voice.close()
