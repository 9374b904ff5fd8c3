"""Signing in by OpenID Connect, with an issuer that is well, and with one that is not."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import wall_clock
from core.errors import GuichetError
from history.database import make_engine
from history.staff import Role, StaffAccounts
from history.staff_subjects import StaffSubjects
from tests.integration.web.fake_issuer import CLIENT, SECRET, URL, FakeIssuer, fake_issuer
from tests.ports import own
from web.desk.door import Door
from web.desk.issuer import Issuer
from web.desk.oidc import OpenIdDoor, Terms

HOST, PORT = "127.0.24.6", own(22560)
AT = f"http://{HOST}:{PORT}"
ROLES = {"desk": "agent", "chiefs": "supervisor"}


@pytest.fixture
async def issuer() -> AsyncIterator[FakeIssuer]:
    async with fake_issuer() as running:
        yield running


@pytest.fixture
async def subjects(staff: StaffAccounts, engine: AsyncEngine) -> StaffSubjects:
    known = StaffSubjects(engine, wall_clock)
    await known.link("camille", URL, "subject-of-camille")
    await known.link("chef", URL, "subject-of-chef")
    return known


class Clock:
    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return wall_clock() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def terms() -> Terms:
    return Terms()


async def desk(_: web.Request) -> web.Response:
    return web.Response(text="the desk")


@pytest.fixture
async def browser(
    staff: StaffAccounts, subjects: StaffSubjects, terms: Terms, clock: Clock
) -> AsyncIterator[ClientSession]:
    app, door = web.Application(), Door(staff, secure=False, others=["oidc"])
    door.add_to(app)
    OpenIdDoor(door, staff, subjects, Issuer(URL, CLIENT, SECRET, clock), terms, clock).add_to(app)
    app.router.add_get("/desk", desk)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Accept-Language": "en"}) as session:
        yield session
    await runner.cleanup()


async def comes(browser: ClientSession) -> tuple[int, str]:
    """Begin, be sent to the issuer and back: the last answer's status and text."""
    async with browser.get(f"{AT}/oidc/begin") as answer:
        return answer.status, await answer.text()


async def who(browser: ClientSession) -> dict[str, Any] | None:
    async with browser.get(f"{AT}/api/session") as answer:
        return await answer.json() if answer.status == 200 else None


async def test_who_is_linked_is_signed_in_and_the_page_knows_the_way(
    browser: ClientSession, issuer: FakeIssuer
) -> None:
    async with browser.get(f"{AT}/api/session") as answer:
        assert (await answer.json())["ways"] == ["oidc"]
    assert await comes(browser) == (200, "the desk")
    told = await who(browser)
    assert told is not None and (told["account"], told["roles"]) == ("camille", ["agent"])


async def test_what_goes_to_the_issuer_is_another_thing_each_time(browser: ClientSession, issuer: FakeIssuer) -> None:
    seen = []
    for _ in range(2):
        async with browser.get(f"{AT}/oidc/begin", allow_redirects=False) as answer:
            assert answer.status == 302
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/oidc" in cookie
            seen.append(answer.headers["Location"])
    assert seen[0] != seen[1] and all(each.startswith(f"{URL}/authorize?") for each in seen)


@pytest.mark.parametrize(
    ("claims", "status", "sentence"),
    [
        ({"sub": "somebody"}, 403, "somebody"),
        ({"sub": "<script>alert(1)</script>"}, 403, "&lt;script&gt;"),
        ({"sub": ""}, 403, "not valid"),
    ],
)
async def test_an_identity_that_is_not_linked_opens_nothing_and_is_shown_to_be_told(
    browser: ClientSession, issuer: FakeIssuer, claims: dict[str, Any], status: int, sentence: str
) -> None:
    issuer.claims = claims
    found, text = await comes(browser)
    assert found == status and sentence in text
    assert await who(browser) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-client"}, {"aud": [CLIENT, "another"]}, {"iss": f"{URL}/other"},
        {"exp": 1_000_000_000}, {"exp": None}, {"iat": 4_000_000_000}, {"nonce": "of another"}, {"nonce": None},
        {"azp": "another-client"}, {"sub": None},
    ],
)  # fmt: skip
async def test_a_token_for_others_of_others_or_of_another_time_is_refused(
    browser: ClientSession, issuer: FakeIssuer, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    issuer.changes = changes
    status, text = await comes(browser)
    assert status == 403 and "not valid" in text
    assert await who(browser) is None
    assert "refused: the token" in caplog.text


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_that_no_key_of_the_issuer_signed_is_refused(
    browser: ClientSession, issuer: FakeIssuer, algorithm: str
) -> None:
    issuer.algorithm = algorithm
    assert (await comes(browser))[0] == 403
    assert await who(browser) is None


async def test_a_key_of_somebody_else_under_the_issuers_name_is_refused(
    browser: ClientSession, issuer: FakeIssuer
) -> None:
    assert (await comes(browser))[0] == 200
    kid = issuer.kid
    issuer.renew_key()
    issuer.kid = kid
    browser.cookie_jar.clear()
    assert (await comes(browser))[0] == 403


async def test_keys_are_kept_and_a_new_one_is_looked_for_now_and_then(
    browser: ClientSession, issuer: FakeIssuer, clock: Clock
) -> None:
    for _ in range(3):
        assert (await comes(browser))[0] == 200
    assert issuer.asked_for_keys == 1
    issuer.renew_key()
    status, text = await comes(browser)
    assert status == 502 and "Try again" in text
    assert issuer.asked_for_keys == 1, "anybody could make us ask"
    clock.ahead = 61_000
    assert (await comes(browser))[0] == 200
    assert issuer.asked_for_keys == 2


async def go(browser: ClientSession, change: str) -> ClientResponse:
    """Begin, and come back otherwise than the issuer sent one."""
    async with browser.get(f"{AT}/oidc/begin", allow_redirects=False) as began:
        at = began.headers["Location"]
    async with browser.get(at, allow_redirects=False) as sent:
        back = sent.headers["Location"]
    if change == "another browser":
        browser.cookie_jar.clear()
    back = back.replace("state=", "state=x") if change == "another state" else back
    back = back.replace("code=", "kode=") if change == "no code" else back
    back = f"{back}&iss=http://evil.example" if change == "another issuer" else back
    if change == "twice":
        async with browser.get(back):
            browser.cookie_jar.clear()
    async with browser.get(back) as answer:
        await answer.read()
        return answer


@pytest.mark.parametrize("change", ["another browser", "another state", "no code", "another issuer", "twice"])
async def test_who_comes_back_otherwise_than_they_went_is_not_signed_in(
    browser: ClientSession, issuer: FakeIssuer, change: str
) -> None:
    answer = await go(browser, change)
    assert answer.status in (400, 403)
    assert await who(browser) is None


async def test_a_sign_in_that_took_too_long_begins_anew(
    browser: ClientSession, issuer: FakeIssuer, clock: Clock
) -> None:
    async with browser.get(f"{AT}/oidc/begin", allow_redirects=False) as began:
        at = began.headers["Location"]
    clock.ahead = 601_000
    async with browser.get(at) as answer:
        assert answer.status == 400 and "Begin again" in await answer.text()


async def test_an_issuer_that_refuses_or_is_broken_is_told_as_such(browser: ClientSession, issuer: FakeIssuer) -> None:
    issuer.denies = "access_denied"
    status, text = await comes(browser)
    assert status == 403 and "refused to sign you in" in text
    issuer.denies, issuer.token_status = "", 500
    status, text = await comes(browser)
    assert status == 502 and "does not answer" in text


async def test_our_own_database_that_is_away_is_told_as_such(
    browser: ClientSession, issuer: FakeIssuer, subjects: StaffSubjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert issuer
    away = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(subjects, "_engine", away)
    status, text = await comes(browser)
    assert status == 503 and "cannot look up accounts right now" in text
    await away.dispose()


async def test_an_issuer_that_is_away_is_told_as_such(browser: ClientSession) -> None:
    status, text = await comes(browser)
    assert status == 503 and "does not answer" in text


async def test_an_issuer_that_speaks_for_another_one_is_not_believed(
    browser: ClientSession, issuer: FakeIssuer
) -> None:
    issuer.says_it_is = "https://another.example"
    assert (await comes(browser))[0] == 503


async def test_a_barred_account_stays_barred(browser: ClientSession, issuer: FakeIssuer, staff: StaffAccounts) -> None:
    await staff.change("camille", barred=True)
    status, text = await comes(browser)
    assert status == 403 and "closed" in text


class TestRoles:
    """The settings say what the issuer's words mean."""

    @pytest.fixture
    def terms(self) -> Terms:
        return Terms(claim="realm_access.roles", roles=ROLES)

    async def test_roles_are_the_claims(self, browser: ClientSession, issuer: FakeIssuer, staff: StaffAccounts) -> None:
        issuer.claims["realm_access"] = {"roles": ["desk", "chiefs", "gardeners"]}
        assert (await comes(browser))[0] == 200
        told = await who(browser)
        assert told is not None and told["roles"] == ["agent", "supervisor"]
        issuer.claims["realm_access"] = {"roles": "desk"}
        assert (await comes(browser))[0] == 200
        assert {each.id: each.roles for each in await staff.all()}["camille"] == {Role.AGENT}

    @pytest.mark.parametrize("said", [None, {"roles": ["gardeners"]}, {"roles": [7, {}]}, "desk"])
    async def test_without_any_role_nobody_comes_in(
        self, browser: ClientSession, issuer: FakeIssuer, said: Any
    ) -> None:
        issuer.claims["realm_access"] = said
        status, text = await comes(browser)
        assert status == 403 and "no role" in text

    async def test_an_agent_without_a_phone_is_told_so(self, browser: ClientSession, issuer: FakeIssuer) -> None:
        issuer.claims = {"sub": "subject-of-chef", "realm_access": {"roles": ["desk"]}}
        status, text = await comes(browser)
        assert status == 403 and "no agent" in text


async def test_an_identity_is_of_one_account_and_an_account_has_one(
    staff: StaffAccounts, subjects: StaffSubjects
) -> None:
    with pytest.raises(GuichetError, match="linked"):
        await subjects.link("sacha", URL, "subject-of-camille")
    with pytest.raises(GuichetError, match="no account"):
        await subjects.link("nobody", URL, "x")
    await subjects.link("camille", URL, "newer")
    assert await subjects.whose(URL, "subject-of-camille") is None
    assert await subjects.unlink("camille") and not await subjects.unlink("camille")
