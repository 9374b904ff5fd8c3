"""Whatever breaks under an agent who talks in the browser, the caller is held and comes back to them."""

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from telephony.phone import PhoneCall
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import MICROPHONE_HZ, Desk, browser
from tests.acceptance.house import House, Record, until

TOWN = Path(__file__).parent / "desk_town"
CALLER_HZ = 440
NOTE = "Au sujet de la cantine, à rappeler jeudi"
CUT_S = 10.0


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def browsers(tmp_path: Path) -> AsyncIterator["Browsers"]:
    async with AsyncExitStack() as stack:
        yield Browsers(stack, tmp_path)


class Browsers:
    """As many as a test needs, one after the other."""

    def __init__(self, stack: AsyncExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder

    async def another(self) -> Browser:
        return await self._stack.enter_async_context(browser(self._folder))


async def processes(running: Browser) -> dict[int, str]:
    """The browser's processes, each with its kind; `network` for the one that all its sound and words go through."""
    session = await running.new_browser_cdp_session()
    found = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
    kinds = {int(each["id"]): str(each["type"]) for each in found}
    for pid in kinds:
        if "network.mojom.NetworkService" in Path(f"/proc/{pid}/cmdline").read_text():
            kinds[pid] = "network"
    return kinds


async def sign_in(house: House, running: Browser) -> Desk:
    desk = await Desk.open(running, house.own.facts["web"])
    passwords = {each["account"]: each["password"] for each in house.own.facts["accounts"]}
    await desk.sign_in("camille", passwords["camille"])
    return desk


async def hear_each_other(desk: Desk, call: PhoneCall) -> None:
    call.play_tone(CALLER_HZ)
    await call.wait_tone(MICROPHONE_HZ, limit=15)
    assert await desk.hears() == pytest.approx(CALLER_HZ, abs=15)


async def talk(house: House, running: Browser) -> tuple[Desk, PhoneCall]:
    """A caller and camille talk, and she has written something down."""
    desk = await sign_in(house, running)
    await desk.be_ready()
    call = await (await house.caller()).wait_in_line()
    await desk.page.get_by_role("button", name="Répondre").click(timeout=15_000)
    await desk.shows_state("talking")
    await hear_each_other(desk, call)
    await desk.page.get_by_label("Note").first.fill(NOTE)
    return desk, call


async def shows_the_note(desk: Desk) -> None:
    await expect(desk.page.get_by_label("Note").first).to_have_value(NOTE)


async def ends_as_usual(house: House, desk: Desk, call: PhoneCall) -> None:
    """The agent hangs up; the caller hears the end of the flow, and the note is there."""
    await shows_the_note(desk)
    await desk.page.get_by_role("button", name="Raccrocher").click()
    await call.ended.wait(15)
    await desk.shows_state("wrap_up")
    await until(lambda: NOTE in [row["text"] for row in house.rows("SELECT text FROM note")], "the note")
    await desk.shows_state("available")
    assert desk.faults == []


async def is_held(house: House, call: PhoneCall, interruptions: int = 1) -> None:
    """The caller's line is there, and the house knows that they wait again."""
    await until(lambda: len(house.events("entry.interrupted")) >= interruptions, "the caller to be held", 20)
    assert not call.ended
    await call.wait_sound()


def interruptions(house: House) -> int:
    return len(house.events("entry.interrupted"))


async def test_a_browser_that_dies_costs_no_caller(house: House, browsers: Browsers) -> None:
    before, running = interruptions(house), await browsers.another()
    desk, call = await talk(house, running)
    await expect(desk.page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    for pid in await processes(running):
        os.kill(pid, signal.SIGKILL)
    await is_held(house, call, before + 1)
    desk = await sign_in(house, await browsers.another())
    await desk.page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await desk.shows_state("talking")
    await hear_each_other(desk, call)
    await ends_as_usual(house, desk, call)


async def test_a_network_that_is_cut_for_ten_seconds_costs_no_caller(
    house: House, browsers: Browsers, record_property: Record
) -> None:
    """Nothing comes out of the browser, and nothing into it: its part that does that stands still."""
    before, running = interruptions(house), await browsers.another()
    desk, call = await talk(house, running)
    await expect(desk.page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    network = next(pid for pid, kind in (await processes(running)).items() if kind == "network")
    os.kill(network, signal.SIGSTOP)
    cut_at = time.monotonic()
    try:
        await is_held(house, call, before + 1)
        await desk.page.wait_for_timeout(max(0.0, CUT_S - (time.monotonic() - cut_at)) * 1000)
    finally:
        os.kill(network, signal.SIGCONT)
    back_at = time.monotonic()
    await expect(desk.page.locator(".notice")).to_have_count(0, timeout=15_000)
    record_property("state_true_after_s", round(time.monotonic() - back_at, 2))
    await desk.shows_state("talking")  # by itself: they talked in this page
    await hear_each_other(desk, call)
    record_property("talk_again_after_s", round(time.monotonic() - back_at, 2))
    await ends_as_usual(house, desk, call)


async def test_a_page_that_is_loaded_again_takes_the_call_up_again(
    house: House, browsers: Browsers, record_property: Record
) -> None:
    before, running = interruptions(house), await browsers.another()
    desk, call = await talk(house, running)
    await expect(desk.page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    at = time.monotonic()
    await desk.page.reload()
    await is_held(house, call, before + 1)
    await desk.shows_state("talking")
    await hear_each_other(desk, call)
    record_property("talk_again_after_s", round(time.monotonic() - at, 2))
    await ends_as_usual(house, desk, call)


async def test_an_engine_that_dies_is_not_heard(house: House, browsers: Browsers, record_property: Record) -> None:
    before, running = interruptions(house), await browsers.another()
    desk, call = await talk(house, running)
    died = await house.kill("engine")
    await house.own.restarted("engine", died)
    await hear_each_other(desk, call)
    await desk.shows_state("talking")
    await ends_as_usual(house, desk, call)
    assert interruptions(house) == before


async def test_a_web_server_that_dies_is_not_heard(house: House, browsers: Browsers, record_property: Record) -> None:
    before, running = interruptions(house), await browsers.another()
    desk, call = await talk(house, running)  # the note is not saved yet
    died = await house.kill("web")
    await house.own.restarted("web", died)
    back_at = time.monotonic()
    await hear_each_other(desk, call)
    await expect(desk.page.locator(".notice")).to_have_count(0, timeout=15_000)
    record_property("state_true_after_s", round(time.monotonic() - back_at, 2))
    await expect(desk.page.locator(".phone.ready")).to_be_visible(timeout=15_000)
    await desk.shows_state("talking")
    await expect(desk.page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    await ends_as_usual(house, desk, call)
    assert interruptions(house) == before


async def test_a_caller_who_hangs_up_while_the_web_server_is_away_is_not_taken_for_there(
    house: House, browsers: Browsers
) -> None:
    desk, call = await talk(house, await browsers.another())
    died = await house.kill("web")
    await call.hang_up()
    await house.own.restarted("web", died)
    await expect(desk.page.get_by_role("button", name="Raccrocher")).to_have_count(0, timeout=15_000)
    await expect(desk.page.locator(".call.live")).to_have_count(0, timeout=15_000)
    await desk.shows_state("available")
