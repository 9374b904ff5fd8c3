"""The pages by TLS, and the way to them."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar, TCPConnector, web

from app.certificates import Certificate, make
from history.staff import StaffAccounts
from tests.integration.web.conftest import PASSWORD
from tests.ports import own
from web.desk.door import COOKIE, Door
from web.server import make_app
from web.to_tls import make_redirector

HOST, PORT, PLAIN_PORT = "127.0.24.5", own(22550), own(22551)
AT = f"https://{HOST}:{PORT}"


async def look() -> dict[str, object]:
    return {}


@asynccontextmanager
async def served(staff: StaffAccounts, folder: Path, *, hsts: bool = False) -> AsyncIterator[ClientSession]:
    chain, key = folder / "chain.pem", folder / "key.pem"
    make(chain, key, [HOST], datetime.now(UTC))
    app = make_app(look, more=[Door(staff, secure=True).add_to], hsts=hsts)
    runners = [web.AppRunner(each, access_log=None) for each in (app, make_redirector(PORT))]
    for runner, port, context in zip(runners, (PORT, PLAIN_PORT), (Certificate(chain, key).context, None), strict=True):
        await runner.setup()
        await web.TCPSite(runner, HOST, port, ssl_context=context).start()
    trusts = TCPConnector(ssl=ssl.create_default_context(cafile=str(chain)))
    async with ClientSession(connector=trusts, cookie_jar=CookieJar(unsafe=True)) as browser:
        yield browser
    for runner in runners:
        await runner.cleanup()


async def test_who_signs_in_by_tls_gets_a_cookie_that_goes_by_tls_alone(staff: StaffAccounts, tmp_path: Path) -> None:
    async with served(staff, tmp_path) as browser:
        given = {"account": "camille", "password": PASSWORD}
        async with browser.post(f"{AT}/api/session", json=given, headers={"Origin": AT}) as answer:
            assert answer.status == 200
            cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}=") and "Secure" in cookie and "HttpOnly" in cookie
        async with browser.get(f"{AT}/api/session") as answer:
            assert answer.status == 200
        async with browser.delete(f"{AT}/api/session", headers={"Origin": AT.replace("https", "http")}) as answer:
            assert answer.status == 403


async def test_a_browser_that_asks_without_is_sent_on(staff: StaffAccounts, tmp_path: Path) -> None:
    async with served(staff, tmp_path) as browser:
        plain = f"http://{HOST}:{PLAIN_PORT}/desk?call=1"
        async with browser.get(plain, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, f"{AT}/desk?call=1")
        async with browser.get(plain, allow_redirects=False, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 421
        async with browser.post(plain, allow_redirects=False) as answer:
            assert answer.status == 405


@pytest.mark.parametrize("hsts", [True, False])
async def test_only_a_real_certificate_binds_browsers_to_tls(staff: StaffAccounts, tmp_path: Path, hsts: bool) -> None:
    async with served(staff, tmp_path, hsts=hsts) as browser, browser.get(f"{AT}/api/session") as answer:
        assert answer.headers.get("Strict-Transport-Security") == ("max-age=31536000" if hsts else None)


async def test_behind_a_proxy_that_speaks_tls_its_own_origin_counts(staff: StaffAccounts) -> None:
    door = Door(staff, secure=True, origin="https://service.example")
    app = web.Application()
    door.add_to(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PLAIN_PORT).start()
    given = {"account": "camille", "password": PASSWORD}
    try:
        async with ClientSession() as browser:
            for origin, status in (("https://service.example", 200), ("https://other.example", 403), ("", 403)):
                at, headers = f"http://{HOST}:{PLAIN_PORT}/api/session", {"Origin": origin}
                async with browser.post(at, json=given, headers=headers) as answer:
                    assert answer.status == status
    finally:
        await runner.cleanup()
