"""An agent works by TLS: the page, its WebSocket and the way of the phone, in real Chromium."""

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import MICROPHONE_HZ, Desk, browser
from tests.acceptance.house import House

TOWN = Path(__file__).parent / "desk_town"
HTTP_PORT = FIRST_PORT + 6


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT, tls="on", http_port=HTTP_PORT) as own:
        yield own


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as running:
        yield running


async def test_a_call_is_taken_in_a_page_that_came_by_tls(house: House, chrome: Browser) -> None:
    at = house.own.facts["web"]
    assert at.startswith("https://")
    context = await chrome.new_context(
        viewport={"width": 1280, "height": 800}, locale="fr-FR", ignore_https_errors=True
    )
    desk = Desk(await context.new_page(), at)
    await desk.page.goto(f"http://127.0.0.1:{HTTP_PORT}/desk")  # sent on
    assert desk.page.url == f"{at}desk"
    passwords = {each["account"]: each["password"] for each in house.own.facts["accounts"]}
    await desk.sign_in("camille", passwords["camille"])
    [cookie] = await context.cookies()
    assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    await desk.be_ready()
    call = await (await house.caller()).wait_in_line()
    await desk.page.get_by_role("button", name="Répondre").click(timeout=15_000)
    await desk.shows_state("talking")
    call.play_tone(440)
    await call.wait_tone(MICROPHONE_HZ, limit=15)
    assert await desk.hears() == pytest.approx(440, abs=15)
    await call.hang_up()
    await desk.shows_state("wrap_up")
    await expect(desk.page.locator(".phone.ready")).to_be_visible()
    assert desk.faults == []


def test_the_certificate_is_for_the_pages_own_address(own_house: OwnHouse) -> None:
    trusted = ssl.create_default_context(cafile=str(own_house.settings.state / "tls/certificate.pem"))
    with urlopen(f"{own_house.facts['web']}healthz", context=trusted) as answer:  # noqa: S310 — https, by the test above
        assert answer.status == 200
        assert "Strict-Transport-Security" not in answer.headers
