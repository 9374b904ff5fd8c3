"""What a caller's phone says of itself, and what people write, is text on every page: nothing of it is run."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import Desk, browser
from tests.acceptance.house import House

TOWN = Path(__file__).parent / "desk_town"
RUN = "document.title='run'"
IMAGE = f'<img src=x onerror="{RUN}">'
BIDI = "‮⁦​"
NAME = f"{BIDI}<svg onload={RUN}> {BIDI}';--"
SHOWN = f"<svg onload={RUN}> ';--"
"""Without what turns the direction of writing, or cannot be seen."""
NOTE = f"<script>{RUN}</script>{IMAGE} [x](javascript:{RUN}) {{{{7*7}}}}"
NUMBER = "+33612340666"
HEADERS = [
    ("user-agent", f"{IMAGE}\u202e".encode()),
    ("p-asserted-identity", f'"{IMAGE}" <sip:{IMAGE}@evil.example>'.encode()),
    ("remote-party-id", f'"{IMAGE}" <sip:1001@127.0.0.1>;party=calling'.encode()),
    ("subject", IMAGE.encode()),
    ("organization", f"</script>{IMAGE}".encode()),
    ("call-info", f"<javascript:{RUN}>;purpose=icon".encode()),
    ("diversion", f'"{IMAGE}" <sip:1002@127.0.0.1>;reason=unconditional'.encode()),
]
ALIVE = """() => [document.title === 'run' ? 'run' : '', ...[...document.querySelectorAll(
  'img[src=x], [onerror], [onload], script:not([src]), a[href^=javascript]')].map(one => one.outerHTML)]
  .filter(Boolean)"""
"""What is more than text of all that, or has run."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as running:
        yield running


class Watched:
    """A page of which all is heard that a script could do, or that the policy stopped."""

    def __init__(self, page: Page) -> None:
        self.page, self.said = page, list[str]()
        page.on("console", lambda said: self.said.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", self._dialog)

    async def _dialog(self, dialog: Dialog) -> None:
        self.said.append(dialog.message)
        await dialog.dismiss()

    async def ran_nothing(self) -> None:
        assert await self.page.evaluate(ALIVE) == []
        assert self.said == []


async def desk_of(house: House, chrome: Browser, account: str) -> tuple[Desk, Watched]:
    desk = await Desk.open(chrome, house.own.facts["web"])
    watched = Watched(desk.page)
    watched.said.clear()
    passwords = {each["account"]: each["password"] for each in house.own.facts["accounts"]}
    await desk.sign_in(account, passwords[account])
    return desk, watched


async def test_a_hostile_caller_and_a_hostile_note_are_text_everywhere(house: House, chrome: Browser) -> None:
    agent, on_agent = await desk_of(house, chrome, "camille")
    chief, on_chief = await desk_of(house, chrome, "superviseur")
    await agent.be_ready()
    caller = await house.caller(NUMBER)
    call = await caller.wait_in_line(caller_name=NAME, headers=HEADERS)
    await expect(agent.page.locator(".call.live")).to_contain_text(SHOWN, timeout=15_000)
    await expect(agent.page.locator(".call.live")).to_contain_text(NUMBER)
    await on_agent.ran_nothing()
    await agent.page.get_by_role("button", name="Répondre").click()
    await agent.shows_state("talking")
    await agent.page.get_by_label("Note").first.fill(NOTE)
    await expect(agent.page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    await agent.picture("40-hostile-caller")
    await on_agent.ran_nothing()
    await expect(chief.page.get_by_role("row", name="Camille")).to_contain_text("conversation")
    await on_chief.ran_nothing()
    await call.hang_up()
    await agent.shows_state("wrap_up")
    contact = await house.ended_contact(NUMBER)
    assert contact["name"] == SHOWN

    await agent.shows_state("available")
    again = await (await house.caller(NUMBER)).wait_in_line(caller_name=NAME, headers=HEADERS)
    await expect(agent.page.locator(".story")).to_contain_text(NOTE, timeout=15_000)
    await on_agent.ran_nothing()
    await again.hang_up()

    page = chief.page
    await page.get_by_role("link", name="Chercher").click()
    await page.get_by_label("Nom, numéro, dossier").fill(NUMBER)
    await page.keyboard.press("Enter")
    await page.locator(".hits a").first.click()
    await expect(page.locator(".reading")).to_contain_text(NOTE)
    await chief.picture("41-hostile-person")
    await on_chief.ran_nothing()


async def test_nobody_is_taken_for_an_agent_by_what_their_phone_says_of_itself(house: House) -> None:
    caller = await house.caller(NUMBER)
    call = await caller.reach(headers=HEADERS)
    await call.press("2")
    await call.ended.wait(20)
    arrived = [row["data"] for row in house.events("call.arrived")][-1]
    assert arrived["number"] == NUMBER and "evil" not in str(arrived) and "<" not in str(arrived)
