"""What is refused at the door, or after it, is in the log: by whom, what, and why."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from history.staff import StaffAccounts
from tests.integration.web.conftest import AT, OURS, Desktop, Line
from web.desk.door import COOKIE

Logged = Callable[[str, str], bool]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    """Whether one line has both texts."""
    caplog.set_level("INFO")

    def has(one: str, other: str) -> bool:
        return any(one in record.getMessage() and other in record.getMessage() for record in caplog.records)

    return has


async def test_an_old_session_opens_nothing(desktop: Desktop, staff: StaffAccounts, logged: Logged) -> None:
    session = await desktop.signed_in("camille")
    token = next(cookie.value for cookie in session.cookie_jar if cookie.key == COOKIE)
    async with session.delete(f"{AT}/api/session", headers=OURS) as answer:
        assert answer.status == 204
    async with ClientSession(cookies={COOKIE: token}) as thief:
        with pytest.raises(WSServerHandshakeError) as refused:
            await thief.ws_connect(f"{AT}/desk/socket", headers=OURS)
    assert refused.value.status == 401
    assert logged("/desk/socket", "its session has ended")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", AT + ".evil.example", AT.replace("http", "https")],
    ids=["another", "none", "longer", "https"],
)
async def test_a_foreign_origin_opens_no_socket_with_a_good_session(
    desktop: Desktop, logged: Logged, origin: str
) -> None:
    session = await desktop.signed_in("camille")
    with pytest.raises(WSServerHandshakeError) as refused:
        await session.ws_connect(f"{AT}/desk/socket", headers={"Origin": origin})
    assert refused.value.status == 403
    assert logged("/desk/socket", origin)


@pytest.mark.parametrize("how", ["ended", "barred"])
async def test_a_session_that_the_admin_ends_ends_the_open_socket(
    desktop: Desktop, line: Line, staff: StaffAccounts, logged: Logged, how: str
) -> None:
    await line.agent("camille")
    page = await desktop.page("camille")
    if how == "ended":
        assert await staff.end_all("camille") == 1
    else:
        await staff.change("camille", barred=True)
    await page.told("bye", reason="signed_out")
    assert await page.is_closed()
    async with asyncio.timeout(20):
        while not logged("camille", "has ended"):  # noqa: ASYNC110 — the line comes beside the message
            await asyncio.sleep(0.01)
