from collections.abc import Callable
from random import Random

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.errors import GuichetError
from history.accounts import Accounts
from history.staff import (
    IDLE_MS,
    MOST_WRONG_ADDRESS,
    MOST_WRONG_HERE,
    SEEN_EVERY_MS,
    SESSION_MS,
    WINDOW_MS,
    Refused,
    Role,
    StaffAccounts,
)
from history.staff_models import SignIn

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
RIGHT, WRONG = "une phrase bien longue", "une autre phrase longue"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def staff(engine: AsyncEngine, clock: HandClock) -> StaffAccounts:
    await Accounts(engine).make_demo(Random(1))
    accounts = StaffAccounts(engine, clock, PasswordHasher(time_cost=1, memory_cost=64))
    await accounts.add("camille", "Camille", ["agent"], RIGHT, agent="camille")
    return accounts


async def guess(staff: StaffAccounts, times: int, id: str = "camille", address: str = HERE) -> Refused:
    for _ in range(times):
        with pytest.raises(Refused) as refused:
            await staff.sign_in(id, WRONG, address)
    return refused.value


async def test_the_right_password_opens_a_session_that_its_token_finds_again(staff: StaffAccounts):
    token, begun = await staff.sign_in("camille", RIGHT, HERE, "Firefox")
    found = await staff.session(token)
    assert found == begun
    assert found.staff.roles == {Role.AGENT}
    assert found.staff.agent == "camille"


async def test_neither_password_nor_token_is_in_the_database(staff: StaffAccounts, engine: AsyncEngine):
    token, _ = await staff.sign_in("camille", RIGHT, HERE)
    async with engine.connect() as connection:
        kept = [str((await connection.execute(text(f"SELECT * FROM {t}"))).all()) for t in ("staff", "staff_session")]  # noqa: S608
    assert not any(secret in rows for rows in kept for secret in (RIGHT, token))
    assert "$argon2id$" in kept[0]


@pytest.mark.parametrize("id", ["camille", "personne", "' OR 1=1 --", "", "camille\0"])
async def test_a_wrong_password_and_an_unknown_account_are_refused_alike(staff: StaffAccounts, id: str):
    refused = await guess(staff, 1, id)
    assert (str(refused), refused.wait_s) == ("the account and the password do not go together", 0)


async def test_after_a_few_wrong_tries_even_the_right_password_has_to_wait(staff: StaffAccounts, clock: HandClock):
    await guess(staff, MOST_WRONG_HERE)
    with pytest.raises(Refused) as refused:
        await staff.sign_in("camille", RIGHT, HERE)
    assert refused.value.wait_s == WINDOW_MS // 1000
    clock.advance(WINDOW_MS)
    await staff.sign_in("camille", RIGHT, HERE)


async def test_nobody_can_lock_an_agent_out_from_elsewhere(staff: StaffAccounts):
    await guess(staff, MOST_WRONG_HERE + 3, address=ELSEWHERE)
    await staff.sign_in("camille", RIGHT, HERE)


async def test_one_address_cannot_go_through_many_accounts(staff: StaffAccounts):
    for number in range(MOST_WRONG_ADDRESS):
        await guess(staff, 1, f"account-{number}")
    assert (await guess(staff, 1, "another")).wait_s > 0


@pytest.mark.parametrize("ms", [SESSION_MS, IDLE_MS])
async def test_a_session_ends_by_itself(staff: StaffAccounts, clock: HandClock, ms: int):
    token, _ = await staff.sign_in("camille", RIGHT, HERE)
    passed = 0
    while ms == SESSION_MS and passed + IDLE_MS < SESSION_MS:  # in use all the time
        passed += IDLE_MS - SEEN_EVERY_MS
        clock.advance(IDLE_MS - SEEN_EVERY_MS)
        if passed < SESSION_MS:
            assert await staff.session(token)
    clock.advance(ms - passed if ms == SESSION_MS else ms)
    assert await staff.session(token) is None


End = Callable[[StaffAccounts, str], object]


@pytest.mark.parametrize(
    "end",
    [
        lambda staff, digest: staff.end(digest),
        lambda staff, _: staff.end_all("camille"),
        lambda staff, _: staff.change("camille", barred=True),
        lambda staff, _: staff.change("camille", password="encore une autre phrase"),
    ],
    ids=["signed out", "all ended", "barred", "new password"],
)
async def test_a_session_is_over_at_once(staff: StaffAccounts, end: End):
    token, session = await staff.sign_in("camille", RIGHT, HERE)
    await end(staff, session.digest)  # type: ignore[misc]
    assert await staff.session(token) is None
    assert await staff.session_named(session.digest) is None


async def test_who_is_barred_does_not_sign_in(staff: StaffAccounts, engine: AsyncEngine):
    await staff.change("camille", barred=True)
    with pytest.raises(Refused):
        await staff.sign_in("camille", RIGHT, HERE)
    async with engine.connect() as connection:
        assert (await connection.scalars(select(SignIn.outcome))).all() == ["barred"]


async def test_a_change_of_roles_holds_for_sessions_in_course(staff: StaffAccounts):
    token, _ = await staff.sign_in("camille", RIGHT, HERE)
    await staff.change("camille", roles=["agent", "supervisor"])
    session = await staff.session(token)
    assert session and session.staff.roles == {Role.AGENT, Role.SUPERVISOR}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"id": "Camille M"}, "cannot be an account"),
        ({"id": "dominique", "password": "court"}, "A password has 12 to 200"),
        ({"id": "dominique", "password": "dominiquedominique"}, "own name"),
        ({"id": "dominique", "roles": ["king"]}, "roles are some of"),
        ({"id": "camille"}, "already"),
        ({"id": "dominique", "roles": ["agent"]}, "says which agent"),
        ({"id": "dominique", "agent": "nobody"}, "no such agent"),
        ({"id": "dominique", "agent": "camille"}, "one for that agent"),
    ],
)
async def test_what_cannot_be_an_account_is_told(staff: StaffAccounts, given: dict, sentence: str):
    wanted = {"name": "D", "roles": ["supervisor"], "password": RIGHT} | given
    with pytest.raises(GuichetError, match=sentence):
        await staff.add(**wanted)
    assert [each.id for each in await staff.all()] == ["camille"]


async def test_the_demo_has_a_supervisor_and_an_account_for_each_agent_with_passwords_of_their_own(
    engine: AsyncEngine, clock: HandClock
):
    agents = [(account.id, account.name) for account in await Accounts(engine).make_demo(Random(1))]
    staff = StaffAccounts(engine, clock, PasswordHasher(time_cost=1, memory_cost=64))
    passwords = await staff.make_demo(agents, Random(2))
    assert [*passwords] == ["camille", "dominique", "sacha", "yannick", "superviseur"]
    assert len(set(passwords.values())) == 5
    for id, password in passwords.items():
        await staff.sign_in(id, password, HERE)
    assert await staff.make_demo(agents, Random(3)) == {}
