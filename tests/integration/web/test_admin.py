"""An administrator keeps the accounts from the page; nobody else does, and nobody locks themselves out."""

from typing import Any

import pytest
from aiohttp import ClientSession

from history.staff import StaffAccounts
from tests.integration.web.conftest import AT, NEW_PASSWORD, OURS, PASSWORD, Desktop, Line
from tests.integration.web.test_reading import post


async def accounts(session: ClientSession) -> dict[str, Any]:
    status, told = await post(session, "accounts")
    assert status == 200
    return {each["account"]: each for each in told["accounts"]}


async def test_a_new_account_signs_in_with_the_password_that_was_told_once(desktop: Desktop, line: Line) -> None:
    admin = await desktop.signed_in("admin")
    status, made = await post(admin, "accounts/add", account="noa", name="Noa <b>", roles=["auditor"], language="en")
    assert (status, made["password"]) == (200, NEW_PASSWORD)
    assert (await accounts(admin))["noa"]["name"] == "Noa <b>"
    assert "password" not in str(await accounts(admin))
    await desktop.signed_in("noa", NEW_PASSWORD)


async def test_roles_a_new_password_barring_and_admitting(desktop: Desktop, line: Line) -> None:
    admin, chef = await desktop.signed_in("admin"), await desktop.signed_in("chef")
    assert (await post(admin, "accounts/change", account="chef", roles=["auditor", "supervisor"]))[0] == 200
    assert (await post(chef, "audit"))[0] == 200  # at once
    assert (await post(admin, "accounts/change", account="chef", password=True))[1]["password"] == NEW_PASSWORD
    assert (await post(chef, "audit"))[0] == 401  # the old session has ended
    chef = await desktop.signed_in("chef", NEW_PASSWORD)
    assert (await post(admin, "accounts/change", account="chef", sign_out=True)) == (200, {"ended": 1})
    assert (await post(chef, "audit"))[0] == 401
    assert (await post(admin, "accounts/change", account="chef", barred=True))[1]["barred"] is True
    given = {"account": "chef", "password": NEW_PASSWORD}
    async with ClientSession() as session, session.post(f"{AT}/api/session", json=given, headers=OURS) as answer:
        assert answer.status == 401
    assert (await post(admin, "accounts/change", account="chef", barred=False))[1]["barred"] is False
    await desktop.signed_in("chef", NEW_PASSWORD)


@pytest.mark.parametrize("change", [{"barred": True}, {"roles": ["agent"]}])
async def test_nobody_takes_the_accounts_away_from_themselves(
    desktop: Desktop, line: Line, change: dict[str, Any]
) -> None:
    admin = await desktop.signed_in("admin")
    assert await post(admin, "accounts/change", account="admin", **change) == (400, {"error": "own_account"})
    assert "admin" in (await accounts(admin))["admin"]["roles"]


@pytest.mark.parametrize(
    ("path", "given", "error"),
    [
        ("add", {"account": "Noa!", "roles": ["auditor"]}, "account"),
        ("add", {"account": "noa", "roles": ["agent"]}, "account"),
        ("add", {"account": "noa", "roles": ["agent"], "agent": "nobody"}, "account"),
        ("add", {"account": "camille", "roles": ["auditor"]}, "account"),
        ("add", {"account": "noa", "roles": ["king"]}, "unreadable"),
        ("add", {"account": "noa", "roles": []}, "unreadable"),
        ("change", {"account": "nobody", "barred": True}, "account"),
        ("change", {"account": "chef"}, "account"),
        ("change", {"account": "chef", "more": 1}, "unreadable"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_changed(
    desktop: Desktop, line: Line, staff: StaffAccounts, path: str, given: dict[str, Any], error: str
) -> None:
    before = await staff.all()
    status, told = await post(await desktop.signed_in("admin"), f"accounts/{path}", **given)
    assert (status, told["error"]) == (400, error)
    assert await staff.all() == before


@pytest.mark.parametrize("account", ["camille", "chef", "audit"])
@pytest.mark.parametrize("path", ["accounts", "accounts/add", "accounts/change"])
async def test_only_administrators_keep_accounts(desktop: Desktop, line: Line, account: str, path: str) -> None:
    assert (await post(await desktop.signed_in(account), path, account=account, barred=True))[0] == 403


async def test_foreign_pages_change_no_account(desktop: Desktop, line: Line) -> None:
    admin = await desktop.signed_in("admin")
    foreign = {"Origin": "http://elsewhere.example"}
    given = {"account": "chef", "barred": True}
    async with admin.post(f"{AT}/api/accounts/change", json=given, headers=foreign) as answer:
        assert answer.status == 403
    await desktop.signed_in("chef", PASSWORD)
