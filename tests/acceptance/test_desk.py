"""An agent works in the browser: real Chromium, real Asterisk, a real SIP caller."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import MICROPHONE_HZ, Desk, browser
from tests.acceptance.house import House

TOWN = Path(__file__).parent / "desk_town"
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as running:
        yield running


async def desk_of(house: House, chrome: Browser, account: str = "camille") -> Desk:
    desk = await Desk.open(chrome, house.own.facts["web"])
    passwords = {each["account"]: each["password"] for each in house.own.facts["accounts"]}
    await desk.sign_in(account, passwords[account])
    return desk


async def test_a_call_from_the_first_ring_to_the_end_of_the_wrap_up(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome)
    page = desk.page
    await desk.picture("1-signed-in")
    await desk.be_ready()
    caller = await house.caller("+33612345999")
    call = await caller.wait_in_line(caller_name=EVIL)
    await expect(page.locator(".call.live")).to_be_visible(timeout=30_000)
    await expect(page.locator(".call")).to_contain_text(EVIL)
    await expect(page.locator(".call")).to_contain_text("+33612345999")
    await desk.picture("2-ringing")
    await page.get_by_role("button", name="Répondre").wait_for()
    await page.keyboard.press("Space")
    await desk.shows_state("talking")
    call.play_tone(440)
    await call.wait_tone(MICROPHONE_HZ)
    assert await desk.hears() == pytest.approx(440, abs=15)
    call.be_quiet()

    await page.get_by_role("button", name="Mettre en attente").click()
    await desk.shows_state("hold")
    await page.get_by_role("button", name="Reprendre").click()
    await desk.shows_state("talking")
    await call.wait_tone(MICROPHONE_HZ)
    await page.get_by_label("Note").fill("Demande un acte. <script>alert(1)</script>")
    await expect(page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    await desk.picture("3-talking")

    await call.hang_up()
    await desk.shows_state("wrap_up")
    await page.get_by_label("Suite donnée").select_option("réglé")
    await page.get_by_role("button", name="Enregistrer la suite").click()
    await expect(page.get_by_text("Suite enregistrée")).to_be_visible()
    await desk.picture("4-wrap-up")
    contact = await house.contact("+33612345999", lambda row: row["code"] and row["ended_at"])
    assert (contact["agent"], contact["code"]) == ("camille", "réglé")
    await desk.shows_state("available")
    assert desk.faults == []


async def test_the_next_call_shows_what_was_noted_in_the_last_one(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome)
    await desk.be_ready()
    caller = await house.caller("+33612345999")
    call = await caller.wait_in_line()
    await desk.page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await desk.shows_state("talking")
    await expect(desk.page.locator(".story")).to_contain_text("Demande un acte. <script>alert(1)</script>")
    await desk.picture("5-known-caller")
    await call.hang_up()
    await desk.shows_state("wrap_up")
    assert desk.faults == []


async def test_a_supervisor_sees_the_agents_at_work_and_steers(house: House, chrome: Browser) -> None:
    await house.agent("sacha", available=True)
    desk = await desk_of(house, chrome, "superviseur")
    page = desk.page
    row = page.get_by_role("row", name="Sacha")
    await expect(row).to_contain_text("Disponible")
    await row.get_by_role("combobox").select_option("paused")
    await expect(row).to_contain_text("En pause")
    await page.get_by_role("button", name="Fermer").click()
    await expect(page.get_by_text("Fermée")).to_be_visible()
    caller = await house.caller()
    call = await caller.wait_in_line()
    assert await call.ended.wait(15)  # not admitted: the flow's other exit
    await page.get_by_role("button", name="Ouvrir").click()
    await expect(page.get_by_text("Fermée")).not_to_be_visible()
    waiting = await caller.wait_in_line()
    await expect(page.locator(".line li")).to_have_count(1)
    await desk.picture("6-supervisor")
    await waiting.hang_up()
    await expect(page.locator(".line li")).to_have_count(0)
    assert desk.faults == []


@pytest.mark.parametrize("language", ["fr-FR", "en-GB"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_have_no_fault_that_axe_knows(
    house: House, chrome: Browser, language: str, scheme: Literal["light", "dark"]
) -> None:
    desk = await Desk.open(chrome, house.own.facts["web"], language=language)
    await desk.page.emulate_media(color_scheme=scheme)
    assert await barriers(desk) == []
    passwords = {each["account"]: each["password"] for each in house.own.facts["accounts"]}
    await desk.sign_in("superviseur", passwords["superviseur"])
    await expect(desk.page.get_by_role("row", name="Sacha")).to_be_visible()
    assert await barriers(desk) == []
    await desk.picture(f"7-board-{language[:2]}-{scheme}")


async def barriers(desk: Desk) -> list[str]:
    """What axe-core holds against the page, each with where."""
    found = await Axe().run(desk.page)
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found.response["violations"]]
