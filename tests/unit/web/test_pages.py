"""The pages as a browser, or somebody with worse in mind, meets them."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import ClientSession, web

from tests.ports import own
from web.server import make_app

HOST, PORT = "127.0.24.2", own(22520)
AT = f"http://{HOST}:{PORT}"

BOARD: dict[str, Any] = {
    "at": 1,
    "numbers": ["3939"],
    "queues": [
        {"name": "voirie", "title": {"fr": "Voirie & <b>"}, "waiting": 2, "longest_wait_ms": 95_000, "talking": 1}
    ],
    "agents": [{"extension": "1001", "doing": "wrap_up"}],
}


class Away(Exception):
    pass


class House:
    """What is looked at. `broken`: what looking raises."""

    def __init__(self) -> None:
        self.looked = 0
        self.broken: Exception | None = None

    async def look(self) -> Mapping[str, Any]:
        self.looked += 1
        await asyncio.sleep(0)
        if self.broken:
            raise self.broken
        return BOARD


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[ClientSession]:
    runner = web.AppRunner(make_app(house.look, {"guichet.test"}, (Away,)), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    async with ClientSession() as session:
        yield session
    await runner.cleanup()


async def page(browser: ClientSession, language: str = "fr") -> str:
    async with browser.get(f"{AT}/", headers={"Accept-Language": language}) as answer:
        assert answer.status == 200 and answer.headers["Content-Language"] == language
        return await answer.text()


async def test_the_page_shows_the_number_the_queues_and_the_agents(browser: ClientSession) -> None:
    text = re.sub(r"\s+", " ", await page(browser))
    assert "Appelez le <strong>3939</strong>" in text
    assert '<td class="figure">2</td> <td class="figure">1:35</td> <td class="figure">1</td>' in text
    assert "Fin de dossier" in text


async def test_the_page_speaks_english_to_those_who_ask_for_it(browser: ClientSession) -> None:
    text = await page(browser, "en")
    assert '<html lang="en">' in text and "Wrapping up" in text and "Fin de dossier" not in text


async def test_what_admins_write_is_text_not_html(browser: ClientSession) -> None:
    text = await page(browser)
    assert "Voirie &amp; &lt;b&gt;" in text and "<b>" not in text


async def test_nothing_in_the_page_needs_inline_code_or_style(browser: ClientSession) -> None:
    text = await page(browser)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:", text)


async def test_every_answer_has_the_security_headers(browser: ClientSession) -> None:
    for path in ("/", "/api/status", "/healthz", "/static/board.js", "/nothing"):
        async with browser.get(AT + path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Server"] == "guichet"


async def test_the_status_is_json(browser: ClientSession) -> None:
    async with browser.get(f"{AT}/api/status") as answer:
        assert await answer.json() == BOARD
        assert answer.headers["Cache-Control"] == "no-store"


async def test_however_many_watch_the_store_is_asked_once(browser: ClientSession, house: House) -> None:
    async def watch() -> int:
        async with browser.get(f"{AT}/api/status") as answer:
            return answer.status

    assert await asyncio.gather(*(watch() for _ in range(20))) == [200] * 20
    assert house.looked == 1


async def test_without_the_store_the_page_says_that_nothing_is_known(browser: ClientSession, house: House) -> None:
    house.broken = Away("no store")
    assert "Les données n&#39;arrivent plus" in (await page(browser)).replace("'", "&#39;")
    for path, status in (("/api/status", 503), ("/healthz", 503)):
        async with browser.get(AT + path) as answer:
            assert answer.status == status


async def test_a_fault_of_ours_tells_nothing(browser: ClientSession, house: House) -> None:
    house.broken = RuntimeError("secret detail")
    async with browser.get(f"{AT}/api/status") as answer:
        assert (answer.status, await answer.text()) == (500, "500 Internal Server Error\n")


@pytest.mark.parametrize("path", ["/nothing", "/static/", "/static/../server.py", "/static/%2e%2e/server.py", "/%00"])
async def test_what_is_not_there_is_not_explained(browser: ClientSession, path: str) -> None:
    async with browser.get(AT + path) as answer:
        assert answer.status == 404
        assert await answer.text() == "404 Not Found\n"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"])
async def test_only_get_is_allowed(browser: ClientSession, method: str) -> None:
    async with browser.request(method, f"{AT}/api/status") as answer:
        assert answer.status == 405


@pytest.mark.parametrize("name", [HOST, "localhost", "127.0.0.1:8080", "[::1]:8080", "GUICHET.test", "guichet.test:1"])
async def test_names_of_ours_are_answered(browser: ClientSession, name: str) -> None:
    async with browser.get(f"{AT}/healthz", headers={"Host": name}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8080", "guichet.test.evil.example", "127.0.0.9", "", "["]
)
async def test_a_foreign_name_that_points_here_is_not_answered(browser: ClientSession, name: str) -> None:
    async with browser.get(f"{AT}/api/status", headers={"Host": name}) as answer:
        assert answer.status == 421
        assert "3939" not in await answer.text()
