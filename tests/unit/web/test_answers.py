"""The public pages of answers as a reader, a screen reader, or somebody with worse in mind meets them."""

import re
from collections.abc import AsyncIterator, Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientSession, web

from ivr.material.answer import AnswerFile
from tests.ports import own
from tests.unit.ivr.material.files import ANSWER, SERVICE, answer_of, service_of
from web.answers import Material
from web.server import make_app

HOST, PORT = "127.0.24.3", own(22521)
AT = f"http://{HOST}:{PORT}/answers"
PAGE = """
page:
  fr: |
    ## Où aller
    À la *mairie*, ou [en ligne](https://www.example/acte).
    <script>alert(1)</script> <img src=x onerror=alert(1)>
    [ici](javascript:alert(1)) ![x](https://evil.example/x.png)

    | jour | heure |
    |---|---|
    | lundi | 9 h |
documents: [{fr: Une pièce d'identité, en: An identity document}]
links: [{title: "Service public <b>", url: "https://www.example/?a=1&b=2"}]
"""
HOSTILE = ANSWER.replace("acte\n", "hostile\n", 1).replace("1203", "1204").replace(
    "Comment obtenir un acte de naissance ?", "\"<img src=x onerror=alert(1)> 'Où' ?\""
)  # fmt: skip


class Town:
    """What is published; a test publishes something else."""

    def __init__(self) -> None:
        self.answers: dict[str, AnswerFile] = {
            each.name: each for each in (answer_of(ANSWER + PAGE.lstrip("\n")), answer_of(HOSTILE))
        }
        self.services = {"ccas": service_of(SERVICE.replace("logement", "etat-civil"))}

    def live(self) -> Material:
        return self.answers, self.services


async def nothing() -> Mapping[str, Any]:
    return {}


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
async def browser(town: Town) -> AsyncIterator[ClientSession]:
    runner = web.AppRunner(make_app(nothing, material=town.live), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    async with ClientSession() as session:
        yield session
    await runner.cleanup()


async def page(browser: ClientSession, path: str = "", language: str = "fr") -> str:
    async with browser.get(f"{AT}{path}", headers={"Accept-Language": language}) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        return await response.text()


async def test_an_answer_has_a_page_in_the_readers_language(browser: ClientSession) -> None:
    french, english = await page(browser, "/acte"), await page(browser, "/acte", "en-GB,en;q=0.9")
    assert "<h1>Comment obtenir un acte de naissance ?</h1>" in french and '<html lang="fr">' in french
    assert "<h1>How do I get a birth certificate?</h1>" in english and '<html lang="en">' in english
    assert "<h1>How do I get" in await page(browser, "/acte?lang=en", "fr")
    assert "<h1>Comment" in await page(browser, "/acte?lang=xx", "fr")


async def test_it_says_what_one_needs_who_can_help_and_until_when_it_is_true(browser: ClientSession) -> None:
    html = await page(browser, "/acte")
    for said in ("<h2>Où aller</h2>", "<td>lundi</td>", "Une pièce d&#39;identité", "Le centre d&#39;action sociale",
                 'href="tel:+33299000001"', "<strong>1203</strong>", "État civil", "2027-01-31"):  # fmt: skip
        assert said in html, said


async def test_a_text_that_is_not_written_in_the_readers_language_says_which_one_it_is_in(
    browser: ClientSession,
) -> None:
    assert '<article lang="fr">' in await page(browser, "/acte", "en")


async def test_without_a_page_of_its_own_it_shows_what_is_spoken(browser: ClientSession) -> None:
    assert "<p>Ask the town hall.</p>" in await page(browser, "/hostile", "en")


class Code(HTMLParser):
    """Whatever in a page a browser would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "style", "object", "b"):
            self.found.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")


HOSTILE_PATHS = ["", "/acte", "/hostile", "?q=%3Cscript%3Ealert(1)%3C/script%3E", "?q=%22%20onfocus=alert(1)"]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
async def test_nothing_that_was_written_becomes_code(browser: ClientSession, path: str) -> None:
    code = Code()
    code.feed(await page(browser, path))
    assert code.found == []
    async with browser.get(f"{AT}{path}") as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script" not in policy and "unsafe" not in policy


async def test_the_index_lists_answers_by_topic_and_is_searched_without_regard_to_accents(
    browser: ClientSession,
) -> None:
    everything = await page(browser)
    assert "Etat civil</h2>" in everything and everything.count("<li>") == 2
    for search in ("NAISSANCE", "obtenir%20acte", "1203", "ou%20aller"):
        found = await page(browser, f"?q={search}")
        assert 'href="/answers/acte?lang=fr"' in found and found.count("<li>") == 1, search
        assert "1 réponse" in found
    assert "Aucune réponse ne correspond" in await page(browser, "?q=zzz")


async def test_what_was_published_is_seen_at_once(browser: ClientSession, town: Town) -> None:
    town.answers = {"acte": answer_of(ANSWER.replace("Comment obtenir un acte", "Où demander un acte"))}
    assert "Où demander un acte" in await page(browser, "/acte")
    assert "hostile" not in await page(browser)


@pytest.mark.parametrize("name", ["nowhere", "..%2f..%2fetc%2fpasswd", "ACTE", "acte%00", "a" * 60])
async def test_an_answer_that_is_not_there_is_not_found(browser: ClientSession, name: str) -> None:
    async with browser.get(f"{AT}/{name}") as response:
        assert response.status == 404
        assert await response.text() == "404 Not Found\n"


async def test_the_page_stands_on_its_own_for_a_screen_reader(browser: ClientSession) -> None:
    for path in ("", "/acte"):
        html = await page(browser, path)
        assert html.count("<h1>") == 1 and '<main id="main">' in html and 'href="#main"' in html
        assert re.search(r"<title>[^<]+</title>", html)
        for field in re.findall(r'<input id="(\w+)"', html):
            assert f'<label for="{field}">' in html
