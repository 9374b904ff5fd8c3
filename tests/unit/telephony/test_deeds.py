"""What flows ask of the house: done, or refused so that the flow goes another way. On a fake line."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from core.errors import ChannelLost
from ivr.acts import Answer, Callback, Done, Hours, Lookup, Refused, Sms
from telephony import deeds
from telephony.call import Call
from telephony.channel import DialResult, DialStatus, Taken
from telephony.fake import HANG_UP, Doing, FakeChannel
from telephony.house import House
from telephony.parts import Parts
from telephony.record import Arrival
from tests.unit.telephony.town import flow, house_of

ARRIVAL = Arrival("+33612345678", "Ada", "3939")
YES = {"say": "Yes.", "then": "hangup"}
NO = {"say": "No.", "then": "hangup"}
NUMBER = "+33809401401"

CASE = {"lookup": "case", "with": {"number": "dialled"}, "found": "yes", "missing": "no"}
HOURS = {"hours": "mairie", "open": "yes", "closed": "no"}
ANSWER = {"answer": "acte", "asks": "Does it help?", "solved": "yes", "unsolved": "no"}
CALLBACK = {"callback": "roads", "then": "yes", "otherwise": "no"}
SMS = {"sms": "Your case: 12.", "then": "yes", "otherwise": "no"}
VOICEMAIL = {"voicemail": "Speak.", "queue": "roads", "then": "yes", "otherwise": "no"}
RECORD = {"record": "Speak.", "notice": "It is kept.", "save": "words", "then": "yes", "otherwise": "no"}
TRANSFER = {"transfer": NUMBER, "answered": "yes", "otherwise": "no"}
PLAY = {"play": "welcome", "text": "Welcome.", "then": "hangup"}
STEPS = [CASE, HOURS, ANSWER, CALLBACK, SMS, VOICEMAIL, RECORD, TRANSFER]


class Town:
    """All parts of a house, which do what they are asked."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked, self.allows = folder, list[object](), {NUMBER}
        self.discarded: list[Path] = []

    async def look_up(self, act: Lookup, call: str) -> Done | Refused:
        self.asked.append(act)
        return Done({"status": "open"})

    async def hours(self, act: Hours, at: int, version: str) -> Done | Refused:
        self.asked.append(act)
        return Done({"open": True, "next_open": "2026-11-24T09:00"})

    async def answer(self, act: Answer, version: str) -> Done | Refused:
        self.asked.append(act)
        return Done({"text": "At the town hall.", "language": act.language})

    async def promise(self, act: Callback, call: str, at: int) -> Done | Refused:
        self.asked.append(act)
        return Done()

    async def send(self, act: Sms, call: str) -> Done | Refused:
        self.asked.append(act)
        return Done()

    async def sound(self, file: str, language: str, version: str) -> str | None:
        return f"/prompts/{language}/{file}" if file == "welcome" else None

    def fresh(self, call: str) -> Path:
        return self.folder / f"{call}-1"

    def path(self, name: str) -> Path:
        return self.folder / name

    async def discard(self, path: Path) -> None:
        self.discarded.append(path)

    def allowed(self, number: str) -> bool:
        return number in self.allows


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def house_with(town: Town | None, step: dict[str, Any]) -> House:
    house = house_of(flow(start=step, yes=YES, no=NO))
    if town:
        house.parts = Parts(
            answers=town, callbacks=town, hours=town, lookups=town, prompts=town, recordings=town, sms=town,
            transfers=town,
        )  # fmt: skip
    return house


async def whole_call(house: House, channel: FakeChannel) -> list[tuple[str, dict[str, Any]]]:
    """The events of the call."""
    async with asyncio.timeout(5):
        await Call.arrive(house, channel, ARRIVAL).run()
    return [(event.kind, dict(event.data)) for _, event in await house.store.follow("0", 0)]


def data_of(events: list[tuple[str, dict[str, Any]]], kind: str) -> list[dict[str, Any]]:
    return [data for each, data in events if each == kind]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: next(iter(step)))
async def test_what_a_house_lacks_is_refused_and_told_and_the_call_goes_on(step: dict[str, Any]) -> None:
    channel = FakeChannel()
    events = await whole_call(house_with(None, step), channel)
    assert channel.played[-1] == "No."
    (refused,) = data_of(events, "call.refused")
    assert refused["reason"] == "unavailable"
    assert refused["act"].startswith(next(iter(step)))
    assert not data_of(events, "call.voicemail")


@pytest.mark.parametrize("step", [CASE, HOURS, ANSWER, CALLBACK, SMS], ids=lambda step: next(iter(step)))
async def test_what_a_house_has_is_asked_once(town: Town, step: dict[str, Any]) -> None:
    channel = FakeChannel(["1"])
    events = await whole_call(house_with(town, step), channel)
    assert channel.played[-1] == "Yes."
    assert len(town.asked) == 1
    assert not data_of(events, "call.refused")


async def test_an_answer_is_spoken_and_the_caller_says_whether_it_helps(town: Town) -> None:
    channel = FakeChannel(["2"])
    events = await whole_call(house_with(town, ANSWER), channel)
    assert channel.played == ["At the town hall.", "Does it help?", "No."]
    assert data_of(events, "call.answered") == [{"step": "start", "answer": "acte", "solved": False}]


async def test_a_part_that_fails_is_out_of_order(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def failing(act: Lookup, call: str) -> Done:
        raise ConnectionError("refused")

    town.look_up = failing  # type: ignore[method-assign]
    events = await whole_call(house_with(town, CASE), channel := FakeChannel())
    assert channel.played == ["No."]
    assert [refused["reason"] for refused in data_of(events, "call.refused")] == ["unavailable"]


async def test_a_part_that_does_not_answer_holds_the_call_no_longer_than_that(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(act: Lookup, call: str) -> Done:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(deeds, "PATIENCE_S", 0.01)
    town.look_up = silent  # type: ignore[method-assign]
    events = await whole_call(house_with(town, CASE), channel := FakeChannel())
    assert channel.played == ["No."]
    assert [refused["reason"] for refused in data_of(events, "call.refused")] == ["timeout"]


# --- the caller's voice ---------------------------------------------------------------------------------------------


async def test_a_message_is_work_for_its_queue(town: Town) -> None:
    channel = FakeChannel(speaks=[Taken(7_400)])
    events = await whole_call(house_with(town, VOICEMAIL), channel)
    assert channel.played == ["Speak.", "Yes."]
    ((path, take),) = channel.recorded
    assert path == town.folder / "fake-1-1"
    assert (take.most_ms, take.silence_ms) == (180_000, 5_000)
    assert data_of(events, "call.voicemail") == [{"queue": "roads", "file": "fake-1-1", "seconds": 7}]


async def test_a_caller_who_hangs_up_after_speaking_has_left_a_message(town: Town) -> None:
    events = await whole_call(house_with(town, VOICEMAIL), FakeChannel(speaks=[Taken(3_000, gone=True)]))
    assert [data["seconds"] for data in data_of(events, "call.voicemail")] == [3]
    assert [data["reason"] for data in data_of(events, "call.ended")] == ["caller_hung_up"]


async def test_a_message_without_a_word_is_none(town: Town) -> None:
    channel = FakeChannel(speaks=[Taken(1_000)])
    events = await whole_call(house_with(town, VOICEMAIL), channel)
    assert not data_of(events, "call.voicemail")
    assert [data["reason"] for data in data_of(events, "call.refused")] == ["empty"]
    assert len(town.discarded) == 1
    assert channel.played[-1] == "No."


async def test_a_caller_is_told_when_the_message_could_not_be_kept(town: Town) -> None:
    channel = FakeChannel(speaks=[Taken(0, failed="unavailable")])
    await whole_call(house_with(town, VOICEMAIL), channel)
    assert channel.played == ["Speak.", "Votre message n'a pas pu être enregistré.", "No."]


async def test_the_notice_is_heard_to_its_end_before_anything_is_recorded(town: Town) -> None:
    channel = FakeChannel(during={"It is kept.": "1"}, speaks=[Taken(4_000)])
    events = await whole_call(house_with(town, RECORD), channel)
    assert channel.played == ["It is kept.", "Speak.", "Yes."]
    assert data_of(events, "call.recorded") == [{"step": "start", "file": "fake-1-1", "seconds": 4}]


# --- others' phones -------------------------------------------------------------------------------------------------


async def test_a_caller_is_put_through_to_a_number_that_is_allowed(town: Town) -> None:
    channel = FakeChannel(phones={NUMBER: DialResult(DialStatus.ANSWERED, 5_000)})
    events = await whole_call(house_with(town, TRANSFER), channel)
    assert channel.dials == [(NUMBER, "transfer-1", 30_000)]
    assert [data["number"] for data in data_of(events, "call.transferred")] == [NUMBER]
    assert channel.played == ["Yes."]


async def test_a_number_that_is_not_allowed_is_never_dialled_nor_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    town.allows.clear()
    house = house_with(town, TRANSFER)
    house.pseudonym = {NUMBER: "somebody"}.__getitem__
    events = await whole_call(house, channel := FakeChannel())
    assert channel.dials == []
    assert "step start may not dial somebody" in caplog.text
    assert NUMBER not in caplog.text
    assert [data["reason"] for data in data_of(events, "call.refused")] == ["not_allowed"]
    assert channel.played == ["No."]


@pytest.mark.parametrize("status", [DialStatus.BUSY, DialStatus.NO_ANSWER, DialStatus.UNREACHABLE])
async def test_a_number_that_does_not_answer_leads_elsewhere(town: Town, status: DialStatus) -> None:
    events = await whole_call(house_with(town, TRANSFER), channel := FakeChannel(phones={NUMBER: DialResult(status)}))
    assert [data["reason"] for data in data_of(events, "call.refused")] == [status.value]
    assert channel.played == ["No."]


async def test_a_conversation_outside_is_not_begun_again_by_another_engine(town: Town) -> None:
    house = house_with(town, TRANSFER)
    first = FakeChannel()
    task = asyncio.create_task(Call.arrive(house, first, ARRIVAL).run())
    await first.until(Doing.RINGING)
    first.phone_answers()
    await first.until(Doing.TALKING)
    first.lose()
    with pytest.raises(ChannelLost):
        await task
    second = FakeChannel()
    second.last = ("transfer-1", DialResult(DialStatus.ANSWERED, 9_000))
    call = await Call.resume(house, second)
    assert call is not None
    await call.run(resumed=True)
    assert second.dials == []
    assert second.played == ["Yes."]


# --- sounds and keys ------------------------------------------------------------------------------------------------


async def test_a_sound_file_is_played_by_its_name(town: Town) -> None:
    await whole_call(house_with(town, PLAY), channel := FakeChannel())
    assert channel.played == ["/prompts/fr/welcome"]


async def test_a_sound_file_that_is_missing_is_spoken_instead_and_told(town: Town) -> None:
    events = await whole_call(house_with(town, {**PLAY, "play": "missing"}), channel := FakeChannel())
    assert channel.played == ["Welcome."]
    assert data_of(events, "call.lacked") == [{"step": "start", "name": "prompts/missing"}]


MENU = {"menu": "Press 1.", "choices": {"1": "yes"}, "attempts": 1, "otherwise": "no"}


async def test_a_text_that_must_be_heard_is_not_cut_short_by_a_key_pressed_before_it() -> None:
    house = house_of(
        flow(
            hello={"say": "Hello.", "then": "must"},
            must={"say": "Listen.", "barge_in": False, "then": "menu"},
            menu=MENU, yes=YES, no=NO,
        )
    )  # fmt: skip
    channel = FakeChannel(during={"Hello.": "1", "Listen.": "9"})
    await whole_call(house, channel)
    assert channel.played == ["Hello.", "Listen.", "Yes."]


async def test_keys_pressed_before_the_end_of_a_question_without_barge_in_count_for_nothing() -> None:
    question = {**MENU, "barge_in": False}
    house = house_of(flow(hello={"say": "Hello.", "then": "menu"}, menu=question, yes=YES, no=NO))
    channel = FakeChannel(["1"], during={"Hello.": "9", "Press 1.": "9"})
    await whole_call(house, channel)
    assert channel.played == ["Hello.", "Press 1.", "Yes."]


async def test_a_caller_who_hangs_up_while_being_put_through_is_gone(town: Town) -> None:
    house, channel = house_with(town, TRANSFER), FakeChannel()
    task = asyncio.create_task(whole_call(house, channel))
    await channel.until(Doing.RINGING)
    channel.hang_up()
    events = await task
    assert not data_of(events, "call.transferred")
    assert [data["reason"] for data in data_of(events, "call.ended")] == ["caller_hung_up"]


async def test_a_caller_who_hangs_up_at_the_notice_is_not_recorded(town: Town) -> None:
    house, channel = house_with(town, RECORD), FakeChannel(during={"It is kept.": HANG_UP})
    events = await whole_call(house, channel)
    assert channel.recorded == []
    assert not data_of(events, "call.recorded")
