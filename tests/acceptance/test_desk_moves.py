"""An agent sends the caller elsewhere: real Chromium, real Asterisk, a real SIP caller. Nobody is lost on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.async_api import Browser, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from telephony.phone import Phone, PhoneCall
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import MICROPHONE_HZ, Desk, browser
from tests.acceptance.house import Caller, House, hear_each_other, until
from tests.acceptance.test_desk import barriers, desk_of

TOWN = Path(__file__).parent / "moves_town"
CARRIER, PREFECTURE = "127.0.0.8", "+33809401401"


def told_of(call: PhoneCall) -> dict[str, str]:
    """What the header of a call says of the caller who is put through (RFC 7433)."""
    octets = bytes.fromhex(call.invite.get("user-to-user").partition(";")[0])
    return dict(parse_qsl(octets[1:].decode("ascii"), strict_parsing=True))


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(
        TOWN,
        first_port=FIRST_PORT,
        last_port=LAST_PORT,
        trunks=[CARRIER],
        transfers=[PREFECTURE, "+33809401402"],
        callbacks=["+336"],
    ) as own:
        yield own


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as running:
        yield running


class Carrier(Phone):
    """Somebody outside, behind a carrier's address and SIP's own port."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(CARRIER, 5060))
        self.port = 5060


async def talk(
    house: House, chrome: Browser, account: str = "camille", number: str = ""
) -> tuple[Desk, Caller, PhoneCall]:
    """An agent in the browser and a caller who talk."""
    desk = await desk_of(house, chrome, account)
    await desk.be_ready()
    caller = await house.caller(number)
    call = await caller.wait_in_line()
    await desk.page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await desk.shows_state("talking")
    call.play_tone(440)
    await call.wait_tone(MICROPHONE_HZ)
    call.be_quiet()
    return desk, caller, call


async def send_now(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Transférer maintenant").focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("status").filter(has_text="Appel transféré")).to_be_visible()


async def legs(house: House, call: str, count: int) -> list[tuple[str, str | None, str | None]]:
    """Queue, agent and outcome of each stay in line of the call, the first one first, once there are so many."""

    def look() -> list[tuple[str, str | None, str | None]]:
        rows = house.rows("SELECT queue, agent, outcome FROM entry WHERE call = ? ORDER BY entered_at, id", call)
        found = [(row["queue"], row["agent"], row["outcome"]) for row in rows]
        return found if len(found) == count and all(outcome for _, _, outcome in found) else []

    return await until(look, f"{count} stays of {call}", 10)


async def choose(desk: Desk, place: str, *, cause: str = "", keep: bool = True) -> None:
    """By the keyboard alone: open the panel, look for the place, take it."""
    page = desk.page
    await page.get_by_role("button", name="Transférer", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type(place)
    await expect(page.locator(".places input")).to_have_count(1)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    if not keep:
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
    if cause:
        await page.get_by_label("Réorientation").select_option(cause)


async def test_a_blind_transfer_to_a_queue_keeps_the_place_and_says_why(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    await choose(desk, "voirie", cause="wrong_queue")
    await desk.picture("8-transfer")
    assert await barriers(desk) == []
    await send_now(desk)
    await desk.shows_state("wrap_up")
    await call.wait_sound()  # music
    contact = await house.contact(caller.number, lambda row: row["talk_ms"])
    entered = await house.event("entry.entered", contact["id"], queue="voirie")
    first = await house.event("entry.entered", contact["id"], queue="mairie")
    assert entered["data"]["since"] == first["data"]["since"] < entered["at"]
    said = await house.event("contact.reoriented", contact["id"], cause="wrong_queue")
    assert (said["data"]["came_from"], said["data"]["sent_to"]) == ("queue:mairie", "queue:voirie")
    await call.hang_up()
    await house.ended_contact(caller.number)
    assert desk.faults == []


async def test_a_blind_transfer_to_a_colleague_and_both_are_in_the_history(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await choose(desk, "sacha")
    await send_now(desk)
    theirs = await sacha.answer()
    await hear_each_other(call, theirs)
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert await legs(house, contact["id"], 2) == [("mairie", "camille", "answered"), ("mairie", "sacha", "answered")]
    assert contact["agent"] == "sacha"
    assert desk.faults == []


async def test_a_colleague_who_does_not_answer_brings_the_caller_back(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await choose(desk, "sacha")
    await send_now(desk)
    ringing = await sacha.next_call()
    await call.wait_sound()  # music
    await ringing.ended.wait(30)
    await desk.page.get_by_role("button", name="Répondre").click(timeout=15_000)
    await desk.shows_state("talking")
    await call.wait_tone(MICROPHONE_HZ)
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert await legs(house, contact["id"], 3) == [
        ("mairie", "camille", "answered"), ("mairie", None, "left"), ("mairie", "camille", "answered"),
    ]  # fmt: skip


async def test_to_a_service_of_the_directory_that_is_open(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    async with Carrier(PREFECTURE, ip=CARRIER) as prefecture:
        await choose(desk, "prefecture", cause="wrong_service")
        await send_now(desk)
        outside = await prefecture.next_call()
        told = told_of(outside)
        outside.answer()
        await hear_each_other(call, outside)
        await outside.hang_up()
        await call.ended.wait(20)
    contact = await house.ended_contact(caller.number)
    assert (contact["service"], contact["agent"], contact["outcome"]) == ("prefecture", "camille", "answered")
    said = await house.event("contact.reoriented", contact["id"], cause="wrong_service")
    assert said["data"]["sent_to"] == "service:prefecture"
    assert told == {"contact": contact["id"], "language": "fr", "queue": "mairie"}


async def test_a_service_that_does_not_answer_brings_the_caller_back(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    async with Carrier(PREFECTURE, ip=CARRIER) as prefecture:
        await choose(desk, "prefecture")
        await send_now(desk)
        (await prefecture.next_call()).reject(486)
        await desk.page.get_by_role("button", name="Répondre").click(timeout=15_000)
        await desk.shows_state("talking")
        await call.wait_tone(MICROPHONE_HZ)
    await call.hang_up()
    await house.ended_contact(caller.number)


async def test_a_service_that_is_closed_is_shown_so_and_refused(house: House, chrome: Browser) -> None:
    desk, _, call = await talk(house, chrome)
    await desk.page.get_by_role("button", name="Transférer", exact=True).click()
    musee = desk.page.get_by_role("radio", name="Musée")
    await expect(musee).to_be_disabled()
    await expect(desk.page.locator(".places label").filter(has=musee)).to_contain_text("fermé")
    await musee.evaluate("radio => { radio.disabled = false; radio.click(); }")  # a page that does not know
    await desk.page.get_by_role("button", name="Transférer maintenant").click()
    await expect(desk.page.get_by_text("C’est fermé maintenant")).to_be_visible()
    await desk.shows_state("talking")
    await call.wait_tone(MICROPHONE_HZ)
    await call.hang_up()


SECOND_HZ = 700


@pytest.fixture
async def second_chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    """Another microphone."""
    async with browser(tmp_path, SECOND_HZ) as running:
        yield running


async def ask_first(desk: Desk, place: str) -> None:
    await choose(desk, place)
    await desk.page.get_by_role("button", name="Consulter d’abord").focus()
    await desk.page.keyboard.press("Enter")


async def comes_to_hear(desk: Desk, hz: int) -> None:
    """What was heard before fades for a moment."""
    for _ in range(50):
        if (heard := await desk.hears()) == pytest.approx(hz, abs=15):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{heard} Hz are heard, not {hz}")


async def press(desk: Desk, button: str) -> None:
    """By the keyboard, once it can be."""
    found = desk.page.get_by_role("button", name=button)
    await expect(found).to_be_enabled(timeout=30_000)
    await found.focus()
    await desk.page.keyboard.press("Enter")


async def test_a_consulted_transfer_to_a_second_browser(house: House, chrome: Browser, second_chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    other = await desk_of(house, second_chrome, "sacha")
    await other.be_ready()
    call.play_tone(440)
    await ask_first(desk, "sacha")
    await expect(other.page.locator(".call.live")).to_contain_text(caller.number, timeout=30_000)
    await call.wait_heard(lambda heard: not heard.silent and not heard.has_tone(MICROPHONE_HZ), "music")
    await other.page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await expect(desk.page.get_by_text("est en ligne avec vous")).to_be_visible(timeout=30_000)
    assert await desk.hears() == pytest.approx(SECOND_HZ, abs=15)
    assert await other.hears() == pytest.approx(MICROPHONE_HZ, abs=15)
    await call.wait_heard(lambda heard: not heard.has_tone(MICROPHONE_HZ) and not heard.has_tone(SECOND_HZ), "music")
    await desk.picture("9-consult")
    assert await barriers(desk) == []
    await press(desk, "Passer l’appel")
    await desk.shows_state("wrap_up")
    await call.wait_tone(SECOND_HZ)
    assert await other.hears() == pytest.approx(440, abs=15)
    await other.shows_state("talking")
    call.be_quiet()
    await call.hang_up()
    await other.shows_state("wrap_up")
    contact = await house.ended_contact(caller.number)
    assert await legs(house, contact["id"], 2) == [("mairie", "camille", "answered"), ("mairie", "sacha", "answered")]
    assert contact["agent"] == "sacha"
    assert desk.faults == other.faults == []


async def test_all_three_talk_and_the_first_agent_leaves(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await ask_first(desk, "sacha")
    theirs = await sacha.answer()
    await press(desk, "Parler à trois")
    await expect(desk.page.locator(".moving")).to_contain_text("Vous parlez à trois")
    # One after the other: a browser takes its microphone back while others are loud.
    for phone in (call, theirs):
        await phone.wait_tone(MICROPHONE_HZ)
    call.play_tone(440)
    await theirs.wait_heard(lambda heard: heard.share_at(440) > 0.1, "the caller")
    await comes_to_hear(desk, 440)
    call.be_quiet()
    theirs.play_tone(700)
    await call.wait_heard(lambda heard: heard.share_at(700) > 0.1, "the second agent")
    await comes_to_hear(desk, 700)
    theirs.be_quiet()
    await desk.picture("10-three")
    await desk.page.get_by_role("button", name="Raccrocher").click()
    await desk.shows_state("wrap_up")
    await hear_each_other(call, theirs)
    await call.hang_up()
    await theirs.ended.wait(20)
    contact = await house.ended_contact(caller.number)
    assert (contact["agent"], contact["outcome"]) == ("sacha", "answered")


async def test_whom_they_asked_does_not_answer_and_the_agent_has_the_caller_again(
    house: House, chrome: Browser
) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await ask_first(desk, "sacha")
    await (await sacha.next_call()).ended.wait(15)
    await call.wait_tone(MICROPHONE_HZ)
    call.play_tone(440)
    await comes_to_hear(desk, 440)
    await desk.shows_state("talking")
    async with Carrier(PREFECTURE, ip=CARRIER) as prefecture:
        await ask_first(desk, "prefecture")
        (await prefecture.next_call()).reject(486)
        await call.wait_tone(MICROPHONE_HZ)
    call.be_quiet()
    await call.hang_up()
    await desk.shows_state("wrap_up")
    await house.ended_contact(caller.number)


async def test_a_service_is_asked_and_takes_the_call(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    async with Carrier(PREFECTURE, ip=CARRIER) as prefecture:
        await ask_first(desk, "prefecture")
        outside = await prefecture.next_call()
        told = told_of(outside)
        outside.answer()
        await outside.wait_tone(MICROPHONE_HZ)
        await press(desk, "Passer l’appel")
        await desk.shows_state("wrap_up")
        await hear_each_other(call, outside)
        await outside.hang_up()
        await call.ended.wait(20)
    contact = await house.ended_contact(caller.number)
    assert contact["service"] == "prefecture"
    assert told == {"contact": contact["id"], "language": "fr", "queue": "mairie"}


async def test_the_browser_dies_while_the_caller_waits_for_somebody_who_is_asked(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await ask_first(desk, "sacha")
    theirs = await sacha.answer()
    await theirs.wait_tone(MICROPHONE_HZ)
    await desk.page.get_by_role("button", name="Raccrocher").click()
    await theirs.ended.wait(20)
    again = await sacha.answer(20)  # the caller is sent to whom they had asked
    await hear_each_other(call, again)
    await call.hang_up()
    await house.ended_contact(caller.number)


async def test_a_parked_caller_is_taken_by_a_colleague(house: House, chrome: Browser, second_chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    other = await desk_of(house, second_chrome, "sacha")
    await other.be_ready()
    await press(desk, "Parquer")
    await desk.shows_state("wrap_up")
    await call.wait_sound()  # music
    await expect(other.page.get_by_label("Appels parqués")).to_contain_text("Place 1, Mairie, par Camille")
    assert await barriers(other) == []
    await other.picture("11-parked")
    await other.page.get_by_role("button", name="Prendre").focus()
    await other.page.keyboard.press("Enter")
    await other.page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await other.shows_state("talking")
    await call.wait_tone(SECOND_HZ)
    await expect(desk.page.get_by_label("Appels parqués")).not_to_be_visible()
    await call.hang_up()
    contact = await house.ended_contact(caller.number)
    assert await legs(house, contact["id"], 3) == [
        ("mairie", "camille", "answered"), ("mairie", None, "left"), ("mairie", "sacha", "answered"),
    ]  # fmt: skip


async def test_somebody_of_the_history_is_called_back(house: House, chrome: Browser) -> None:
    first = await house.caller("+33612349999")
    await (await first.wait_in_line()).hang_up()
    await house.ended_contact(first.number)
    desk, caller, call = await talk(house, chrome, number=first.number)
    await call.hang_up()
    await house.event("entry.finished", agent="camille")
    await desk.shows_state("available")
    async with Carrier(caller.number, ip=CARRIER) as citizen:
        await desk.page.get_by_role("button", name="Rappeler").first.click()
        await desk.page.get_by_role("button", name="Répondre").click(timeout=30_000)
        rung = await citizen.next_call(10)
        rung.answer()
        rung.play_tone(440)
        await rung.wait_tone(MICROPHONE_HZ)
        await comes_to_hear(desk, 440)
        await rung.hang_up()
        await desk.shows_state("wrap_up")
    back = await house.contact(caller.number, lambda row: row["medium"] == "callback" and row["ended_at"])
    assert await legs(house, back["id"], 1) == [("mairie", "camille", "answered")]


async def test_the_engine_dies_while__the_caller_is_on_the_way(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    await choose(desk, "voirie")
    pid = await house.kill("engine")
    await send_now(desk)
    await house.own.restarted("engine", pid)
    contact = await house.contact(caller.number)
    await house.event("entry.entered", contact["id"], queue="voirie", limit=15)
    sacha = await house.agent("sacha", available=True)
    theirs = await sacha.answer(15)
    await hear_each_other(call, theirs)
    await call.hang_up()
    await house.ended_contact(caller.number)


async def test_the_browser_dies_while_the_caller_is_on_the_way(house: House, chrome: Browser) -> None:
    desk, caller, call = await talk(house, chrome)
    sacha = await house.agent("sacha", available=True)
    await choose(desk, "sacha")
    await desk.page.get_by_role("button", name="Transférer maintenant").click(no_wait_after=True)
    await house.event("entry.directed", to="agent:sacha")
    await desk.page.context.close()
    theirs = await sacha.answer()
    await hear_each_other(call, theirs)
    await call.hang_up()
    await house.ended_contact(caller.number)
