"""What an agent, a supervisor and an auditor see and do, in real Chromium: by mouse, by keyboard alone, in both
languages, light and dark, on a desk and on a tablet."""

import re
from collections.abc import AsyncIterator, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from app.bench.house import OwnHouse
from app.install.native import Native
from core.clock import wall_clock
from history.case_numbers import read_case_number
from history.database import make_engine
from history.staff import StaffAccounts
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.desk import Desk, browser
from tests.acceptance.house import House, hear_each_other
from tests.acceptance.test_desk import EVIL, TOWN, barriers, desk_of

PASSWORD = "une phrase assez longue"
SIZES = {"desk": (1280, 800), "tablet": (820, 1180)}
LOOKED_AT_IN = {"fr": [("light", "desk"), ("dark", "tablet")], "en": [("dark", "desk"), ("light", "tablet")]}
WIDER = """() => Math.max(document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll("main > *, main section")].map(each => each.scrollWidth - each.clientWidth))"""
"""By how many pixels something on the page is wider than its place."""


@pytest.fixture(scope="module")
def own_house(native: Native) -> Iterator[OwnHouse]:
    with OwnHouse(TOWN, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


@pytest.fixture
async def chrome(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as running:
        yield running


async def auditor(house: House, chrome: Browser) -> Desk:
    engine = make_engine(house.own.settings.sql_url)
    accounts = StaffAccounts(engine, wall_clock)
    if not [each for each in await accounts.all() if each.id == "audit"]:
        await accounts.add("audit", "Aude It", ["auditor"], PASSWORD)
    await engine.dispose()
    desk = await Desk.open(chrome, house.own.facts["web"])
    await desk.sign_in("audit", PASSWORD)
    return desk


async def look_at(desk: Desk, name: str) -> list[str]:
    """A picture of the page in each language, colour and size; gives what is too wide in any of them, and what axe-core
    holds against those in which each colour meets each size."""
    faults = []
    for language, scheme, size in product(("fr", "en"), ("light", "dark"), SIZES):
        width, height = SIZES[size]
        await desk.page.set_viewport_size({"width": width, "height": height})
        await desk.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if await desk.page.locator("html").get_attribute("lang") != language:
            await desk.page.get_by_role("button", name=re.compile("^(English|Français)$")).first.dispatch_event("click")
            await expect(desk.page.locator("html")).to_have_attribute("lang", language)
        await desk.picture(f"{name}-{language}-{scheme}-{size}")
        wider: int = await desk.page.evaluate(WIDER)
        if wider > 0:
            faults.append(f"{name} {language} {scheme} {size}: {wider} px too wide")
        if (scheme, size) in LOOKED_AT_IN[language]:
            faults += [f"{name} {language} {scheme} {size}: {barrier}" for barrier in await barriers(desk)]
    return faults


async def test_an_agent_works_by_keyboard_alone_and_hears_what_happens(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome)
    page = desk.page
    await expect(page.locator(".phone.ready")).to_be_visible(timeout=30_000)
    await desk.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await desk.press("Escape", "a")
    await desk.says("Disponible.")
    caller = await house.caller("+33612345001")
    call = await caller.wait_in_line(caller_name=EVIL)
    await desk.says(f"Un appel arrive : {EVIL}, Mairie. Espace pour répondre.")
    await page.get_by_role("button", name="Répondre").wait_for()
    await desk.press("Space")
    await desk.says(f"En conversation avec {EVIL}.")
    await desk.press("h")
    await desk.says("Appel en attente.")
    await desk.press("h")
    await desk.says("En conversation")
    await desk.press("m")
    await expect(page.get_by_role("button", name="Rétablir le micro")).to_be_visible()
    await desk.press("m", "n")
    await page.keyboard.type("Lampadaire en panne h m x")  # letters that are written are no shortcuts
    await expect(page.get_by_text("Enregistrée", exact=True)).to_be_visible()
    await desk.press("Escape", "c")
    await page.keyboard.type(f"Lampadaire {EVIL}")
    await desk.press("Enter")
    made = page.locator(".made")
    await expect(made).to_contain_text("dites-le à l’appelant")
    number = re.sub(r"\D", "", await made.inner_text())
    assert read_case_number(number) == number
    await expect(page.locator(".cases li")).to_contain_text(f"Lampadaire {EVIL}")  # shown once it is recorded
    await expect(page.locator(".cases")).to_contain_text("Cet appel")
    await desk.press("Shift+X")
    assert await call.ended.wait(20)
    await desk.says("Appel terminé. Fin de dossier.")
    await desk.press("o")
    await page.keyboard.type("Ré")
    await desk.press("Enter", "Escape")
    await page.get_by_role("button", name="Enregistrer la suite").focus()
    await desk.press("Enter")
    await expect(page.get_by_text("Suite enregistrée")).to_be_visible()
    await desk.press("f")
    await desk.says("Disponible.")
    contact = await house.contact("+33612345001", lambda row: row["code"] and row["case_id"])
    assert (contact["code"], house.rows('SELECT number FROM "case"')) == ("réglé", [{"number": number}])
    assert desk.faults == []


async def test_cases_promises_and_the_person_are_stated_from_the_call_and_shown_at_once(
    house: House, chrome: Browser
) -> None:
    desk = await desk_of(house, chrome)
    page = desk.page
    await desk.be_ready()
    caller = await house.caller("+33612345002")
    call = await caller.wait_in_line()
    await page.get_by_role("button", name="Répondre").click(timeout=30_000)
    await desk.shows_state("talking")
    await expect(page.locator(".story .guide")).to_have_text("Demandez la rue et le numéro le plus proche.")
    await expect(page.locator(".pressed")).to_contain_text("1 sujet → agent")

    await page.locator(".person summary", has_text="Noter le nom").click()
    await page.locator(".person").get_by_label("Nom").fill(f"Ana {EVIL}")
    await page.locator(".person").get_by_role("button", name="Enregistrer").click()
    await expect(page.locator(".person h2")).to_have_text(f"Ana {EVIL}")
    await expect(page.locator(".person")).to_contain_text("confirmée par un agent")

    await page.get_by_text("Nouvelle promesse").click()
    await page.get_by_label("Ce qui est promis").fill("Le formulaire par la poste")
    await page.get_by_label("Avant le").fill("2030-01-02T10:00")
    await page.get_by_role("button", name="Promettre").click()
    await expect(page.locator(".promises li")).to_contain_text("Le formulaire par la poste")
    await page.get_by_role("button", name="Tenue", exact=True).click()
    await expect(page.locator(".promises .tag")).to_have_text("Tenue")

    await page.get_by_text("Appelle pour quelqu’un d’autre").click()
    await page.get_by_label("Pour qui").fill("Luis")
    await page.get_by_label("Lien").fill("fils")
    await page.locator(".person form").filter(has_text="Pour qui").get_by_role("button").click()
    await expect(page.locator(".person")).to_contain_text("Appelle pour quelqu’un d’autre : fils")

    await page.get_by_text("Rattacher par le numéro").click()
    await page.get_by_label("Numéro de dossier").fill("12 34 56 78 91")
    await page.get_by_role("button", name="Rattacher l’appel").last.click()
    await expect(page.get_by_text("mal recopié")).to_be_visible()
    assert await look_at(desk, "10-call") == []

    await page.get_by_role("link", name=re.compile("Lire la fiche|Read the file")).last.click()
    await expect(page.locator(".reading h2")).to_have_text(f"Ana {EVIL}")
    await expect(page.locator(".reading h2")).to_be_focused()
    await desk.picture("11-person-in-a-call")
    await page.locator(".note textarea").fill("Deux copies.")
    await expect(page.get_by_text(re.compile("^(Enregistrée|Saved)$"))).to_be_visible()
    await call.hang_up()
    await desk.shows_state("wrap_up")
    await page.get_by_role("button", name=re.compile("Encore 1 min|1 min more")).click()
    await house.contact("+33612345002", lambda row: row["ended_at"])
    await page.reload()
    await expect(page.locator(".note textarea")).to_have_value("Deux copies.")
    assert desk.faults == []


async def test_the_microphone_is_tried_before_the_first_call_and_what_is_chosen_stays(
    house: House, chrome: Browser
) -> None:
    desk = await desk_of(house, chrome, "sacha")  # of whom no wrap-up is left
    page = desk.page
    await page.get_by_role("link", name="Testez votre micro").click()
    await page.get_by_role("button", name="Tester le micro").click()
    await expect(page.locator("meter")).not_to_have_js_property("value", 0)  # the tone of the browser's microphone
    await expect(page.get_by_text("Écoutez-vous")).to_be_visible(timeout=6_000)
    await expect(page.get_by_text("Le micro fonctionne.")).to_be_visible(timeout=6_000)
    assert await page.locator("[name=microphone] option").count() > 1
    await page.get_by_label("Volume").fill("0.5")
    assert await look_at(desk, "12-devices") == []
    await page.reload()
    await expect(page.get_by_label("Volume")).to_have_value("0.5")
    assert await page.evaluate("document.getElementById('caller').volume") == 0.5
    await page.get_by_role("link", name=re.compile("Retour|Back")).click()
    await expect(page.get_by_text("Testez votre micro")).not_to_be_visible()
    assert desk.faults == []


async def test_who_wishes_answers_without_touching_anything(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome, "dominique")
    await desk.page.goto(f"{desk.at}desk#/devices")
    await desk.page.get_by_label("Répondre tout seul").check()
    await desk.be_ready()
    caller = await house.caller()
    call = await caller.wait_in_line()
    await desk.shows_state("talking")
    call.play_tone(440)
    assert await desk.hears() == pytest.approx(440, abs=15)
    await call.hang_up()
    await desk.shows_state("wrap_up")
    await expect(desk.page.locator(".day")).to_contain_text("Appels pris1", timeout=30_000)
    assert desk.faults == []


async def test_who_has_a_desk_phone_takes_calls_there_with_the_story_on_the_page(house: House, chrome: Browser) -> None:
    phone = await house.agent("yannick", available=True)
    desk = await desk_of(house, chrome, "yannick")
    await desk.page.goto(f"{desk.at}desk#/devices")
    await desk.page.get_by_label("téléphone de bureau").check()
    await desk.page.get_by_role("link", name="Retour").click()
    await expect(desk.page.locator(".phone")).to_have_text("Téléphone de bureau")
    await desk.page.reload()  # it is kept
    caller = await house.caller()
    call = await caller.wait_in_line()
    theirs = await phone.answer()
    await hear_each_other(call, theirs)
    await desk.shows_state("talking")
    await expect(desk.page.locator(".call.live")).to_contain_text(caller.number)
    assert await desk.page.get_by_role("button", name="Répondre").count() == 0
    await call.hang_up()
    await desk.shows_state("wrap_up")
    assert desk.faults == []


async def test_a_person_is_found_and_read_and_the_auditor_sees_who_read(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome, "superviseur")
    page = desk.page
    await page.get_by_role("link", name="Chercher").click()
    await page.get_by_label("Nom, numéro, dossier").fill("ana")
    await desk.press("Enter")
    await expect(page.locator(".hits")).to_contain_text(f"Ana {EVIL}")
    assert await look_at(desk, "13-search") == []
    await page.locator(".hits a").first.click()
    await expect(page.locator(".reading")).to_contain_text("+33612345002")
    await expect(page.locator(".reading")).to_contain_text("Le formulaire par la poste")
    assert await look_at(desk, "14-person") == []
    await house.event("history.read", reader="superviseur", what="search_name")
    await house.event("history.read", reader="superviseur", what="person")

    aude = await auditor(house, chrome)
    await aude.page.get_by_role("link", name="Consultations").click()
    await expect(aude.page.locator(".reading tbody tr").first).to_contain_text("superviseur")
    await expect(aude.page.locator(".reading tbody")).to_contain_text(f"Ana {EVIL}")
    assert await look_at(aude, "15-audit") == []
    assert await aude.page.get_by_role("link", name="Chercher").count() == 0
    assert desk.faults == aude.faults == []


async def test_the_other_pages_look_well_everywhere(house: House, chrome: Browser) -> None:
    first = await Desk.open(chrome, house.own.facts["web"])
    faults = await look_at(first, "16-sign-in")
    desk = await desk_of(house, chrome, "sacha")
    await expect(desk.page.locator(".day")).to_be_visible()
    faults += await look_at(desk, "17-desk")
    await desk.press("?")
    await expect(desk.page.get_by_role("dialog")).to_be_visible()
    faults += await look_at(desk, "18-help")
    assert faults == desk.faults == []


async def test_supervisors_and_administrators_see_theirs_well_everywhere(house: House, chrome: Browser) -> None:
    desk = await desk_of(house, chrome, "superviseur")
    page = desk.page
    await expect(page.get_by_role("row", name="Sacha")).to_be_visible()
    faults = await look_at(desk, "19-board")
    await page.goto(f"{desk.at}desk#/accounts")
    await page.get_by_text(re.compile("Nouveau compte|New account")).click()
    await page.locator("[name=account]").fill("noa")
    await page.locator("[name=role][value=auditor]").check()
    await page.get_by_role("button", name=re.compile("Créer|Create")).click()
    told = page.locator(".made")
    await expect(told).to_contain_text("noa")
    faults += await look_at(desk, "20-accounts")
    password = (await told.inner_text()).split()[-1]
    noa = await Desk.open(chrome, house.own.facts["web"])
    await noa.sign_in("noa", password)
    await expect(noa.page.get_by_role("link", name="Consultations")).to_be_visible()
    assert faults == desk.faults == noa.faults == []
