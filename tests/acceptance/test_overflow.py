"""What queues' files say for callers who wait, with a real Asterisk: what is heard, which keys count, who answers."""

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from app.bench.house import OwnHouse
from app.install.native import Native
from app.install.programs import find_programs
from core.events import Event
from ivr.acts import Prompt
from speech.espeak import Espeak
from speech.voice import Voice
from telephony.phone import PhoneCall
from telephony.phone.audio import Audio
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import Caller, House, hear_each_other
from tests.history_checker import check

TOWN = Path(__file__).parent / "overflow"
SAY, CHOOSE, END, WIDEN, MOVE, RAISE = "3901", "3902", "3903", "3904", "3905", "3906"
LIKE = 0.7
PATIENCE = (
    "Bonjour et merci de patienter. Toutes nos équipes sont occupées, et quelqu'un vous répondra aussitôt que possible."
    " Votre place est gardée."
)


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        own.run("agents", "skills", "camille", "dire=1", "choix=1", "elargir=1", "hausser=1")
        own.run("agents", "skills", "sacha", "general=1")
        yield own


@pytest.fixture
async def voice(own_house: OwnHouse, tmp_path: Path) -> AsyncIterator[Voice]:
    """The same voice as the house's."""
    yield Voice(Espeak(find_programs(own_house.settings).espeak), tmp_path)


async def rendered(voice: Voice, text: str) -> Audio:
    with wave.open(await voice.sound(Prompt(text, "fr")) + ".wav") as file:
        return Audio(np.frombuffer(file.readframes(file.getnframes()), np.int16))


def likeness(heard: Audio, spoken: Audio) -> float:
    """How much of the spoken sound is in what was heard, wherever it begins: 1.0: all; unrelated sound is near 0."""
    ours, theirs = spoken.samples.astype(np.float64), heard.samples.astype(np.float64)
    if len(theirs) < len(ours):
        return 0.0
    size = len(theirs) + len(ours)
    products = np.fft.irfft(np.fft.rfft(theirs, size) * np.conj(np.fft.rfft(ours, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(theirs**2)])
    windows = energy[len(ours) :] - energy[: len(theirs) - len(ours) + 1]
    return float(np.max(products[: len(windows)] / np.sqrt(np.maximum(windows, 1.0) * np.sum(ours**2))))


async def hears(call: PhoneCall, spoken: Audio, limit: float = 15.0) -> None:
    """Until the whole of it was heard, in the last seconds. Looked for beside the loop: sound that it
    takes in late is laid down late."""
    end = time.monotonic() + limit
    while (best := await asyncio.to_thread(likeness, call.heard.last(spoken.seconds + 8), spoken)) < LIKE:
        assert time.monotonic() < end, f"the sentence was not heard in {limit:g} s: {best:.2f}; {call.ended_because}"
        await asyncio.sleep(0.2)


async def presses(call: PhoneCall, key: str, answer: Audio) -> None:
    """As people do: again where nothing happens. Between two commands Asterisk drops a key (ADR 0003)."""
    for _ in range(2):
        await call.press(key)
        with suppress(AssertionError):
            await hears(call, answer, limit=answer.seconds + 4)
            return
    await call.press(key)
    await hears(call, answer)


async def waits(house: House, number: str) -> tuple[Caller, PhoneCall]:
    """The caller dials and is in line."""
    caller = await house.caller()
    call = await caller.dial(number)
    await call.answered.wait()
    await house.contact(caller.number, lambda row: row["entered_at"])
    return caller, call


async def left(house: House, caller: Caller) -> str:
    contact = await house.contact(caller.number)
    return str((await house.event("entry.left", call=contact["id"]))["data"]["reason"])


def sound(house: House) -> list[str]:
    """What a reader of the whole history finds wrong."""
    return check(Event(row["id"], row["kind"], row["at"], row["call"] or "", row["data"]) for row in house.events())


async def test_a_waiting_caller_hears_a_sentence_and_the_place_and_music_between(house: House, voice: Voice) -> None:
    _, call = await waits(house, SAY)
    await call.wait_heard(lambda audio: not audio.silent, "music", over=0.5)
    await hears(call, await rendered(voice, PATIENCE))
    await call.wait_heard(lambda audio: not audio.silent, "music again", over=1.5)
    await hears(call, await rendered(voice, "Vous êtes la prochaine personne."), limit=25)
    announced = await house.event("entry.announced", position=1)
    assert "expected_ms" not in announced["data"], "nobody was served yet: nothing is said of the wait"
    await call.hang_up()


async def test_an_agent_is_not_kept_waiting_by_a_sentence(house: House, voice: Voice) -> None:
    agent = await house.agent("camille")
    _, call = await waits(house, SAY)
    spoken = await rendered(voice, PATIENCE)
    told = await house.event("entry.overflowed", rule="dire/1")
    await agent.become_available()
    rings = await agent.answer()
    offered = await house.event("entry.offered", agent="camille")
    await hear_each_other(call, rings)
    answered = await house.event("entry.answered", agent="camille")
    assert spoken.seconds > 6
    assert answered["at"] - max(told["at"], offered["at"]) < spoken.seconds * 1000
    assert likeness(call.heard.last(60), spoken) < LIKE, "it was cut short"
    await rings.hang_up()
    await call.ended.wait()
    assert sound(house) == []


async def test_a_caller_takes_the_way_out_that_a_key_offers(house: House, voice: Voice) -> None:
    caller, call = await waits(house, CHOOSE)
    await hears(call, await rendered(voice, "Pour laisser un message, tapez 2."), limit=20)
    await presses(call, "2", await rendered(voice, "Laissez votre message après le signal sonore, puis tapez dièse."))
    call.play_tone(440)
    await asyncio.sleep(2.5)
    await call.press("#")
    call.be_quiet()
    await hears(call, await rendered(voice, "Votre message est enregistré. Au revoir."))
    await call.ended.wait(20)
    assert await left(house, caller) == "voicemail"
    message = await house.event("call.voicemail", queue="choix")
    assert message["data"]["seconds"] >= 1
    agent = await house.agent("camille", available=True)
    rings = await agent.answer()
    await rings.wait_tone(440, limit=15)
    await rings.hang_up()


async def test_what_the_house_lacks_leaves_the_caller_in_line(house: House, voice: Voice) -> None:
    """Nobody can call back here: the caller hears nothing false, and an agent answers."""
    agent = await house.agent("camille")
    caller, call = await waits(house, CHOOSE)
    await hears(call, await rendered(voice, "Pour être rappelé, tapez 1."), limit=20)
    await call.press("1")
    await house.event("entry.back", entry=f"{(await house.contact(caller.number))['id']}-1", limit=15)
    await agent.become_available()
    rings = await agent.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    refused = await house.event("call.refused", act="callback")
    assert refused["data"]["reason"] == "unavailable"


async def test_with_nobody_at_work_the_call_comes_to_a_polite_end(house: House, voice: Voice) -> None:
    caller = await house.caller()
    call = await caller.dial(END)
    await call.answered.wait()
    goodbye = "Nous ne pouvons pas vous répondre maintenant. Merci de rappeler plus tard. Au revoir."
    await hears(call, await rendered(voice, goodbye))
    await call.ended.wait(20)
    assert await left(house, caller) == "end"
    assert "staffed 0" in (await house.event("entry.overflowed", rule="fin/1"))["data"]["why"]


async def test_the_people_of_another_queue_answer(house: House) -> None:
    agent = await house.agent("sacha", available=True)
    caller, call = await waits(house, WIDEN)
    rings = await agent.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    contact = await house.ended_contact(caller.number)
    assert (contact["queue"], contact["agent"]) == ("elargir", "sacha")
    assert contact["waited_ms"] >= 2_000


async def test_a_caller_is_moved_hears_so_and_keeps_the_time_waited(house: House, voice: Voice) -> None:
    agent = await house.agent("sacha")
    caller, call = await waits(house, MOVE)
    await hears(call, await rendered(voice, "Nous vous transférons vers un autre service."))
    await agent.become_available()
    rings = await agent.answer()
    await hear_each_other(call, rings)
    await rings.hang_up()
    await call.ended.wait()
    contact = await house.ended_contact(caller.number)
    assert (contact["queue"], contact["agent"]) == ("general", "sacha")
    moved = await house.event("entry.moved", call=contact["id"])
    assert contact["waited_ms"] > moved["data"]["waited_ms"] >= 2_000


async def test_a_raised_caller_goes_before_one_who_came_earlier(house: House) -> None:
    agent = await house.agent("camille")
    first, _ = await waits(house, CHOOSE)
    raised, _ = await waits(house, RAISE)
    await house.event("entry.prioritised", queue="hausser", priority=10)
    await agent.become_available()
    served = []
    for _ in range(2):
        rings = await agent.answer()
        served.append(rings.other.user)
        await rings.hang_up()
    assert served == [raised.number, first.number]
    assert sound(house) == []
