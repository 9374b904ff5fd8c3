from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.errors import GuichetError
from history.accounts import Accounts, new_password

PASSWORD = "abcdefgh12345678"


@pytest.fixture
def accounts(engine: AsyncEngine) -> Accounts:
    return Accounts(engine)


async def test_an_added_account_is_listed(accounts: Accounts):
    added = await accounts.add("noa", "1010", "Noa\n B.", PASSWORD, {"accueil": 2})
    assert await accounts.all() == [added]
    assert (added.name, added.skills, added.sip_password) == ("Noa B.", {"accueil": 2}, PASSWORD)


async def test_accounts_are_listed_by_extension(accounts: Accounts):
    for id, extension in (("b", "1002"), ("a", "1003"), ("c", "1001")):
        await accounts.add(id, extension, "", PASSWORD, {})
    assert [account.id for account in await accounts.all()] == ["c", "b", "a"]


@pytest.mark.parametrize(("id", "extension"), [("noa", "1011"), ("lou", "1010")])
async def test_an_id_and_an_extension_are_given_once(accounts: Accounts, id: str, extension: str):
    await accounts.add("noa", "1010", "Noa", PASSWORD, {})
    with pytest.raises(GuichetError, match="already"):
        await accounts.add(id, extension, "Other", PASSWORD, {})
    assert len(await accounts.all()) == 1


async def test_skills_are_replaced(accounts: Accounts):
    await accounts.add("noa", "1010", "Noa", PASSWORD, {"accueil": 2})
    changed = await accounts.set_skills("noa", {"voirie": 1})
    assert (changed.skills, (await accounts.all())[0].skills) == ({"voirie": 1}, {"voirie": 1})


async def test_skills_of_nobody_cannot_be_set(accounts: Accounts):
    with pytest.raises(GuichetError, match="no agent 'noa'"):
        await accounts.set_skills("noa", {"voirie": 1})


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"id": "Noa"}, "agent's id"),
        ({"id": "noa]\ntype=endpoint"}, "agent's id"),
        ({"extension": "1"}, "extension"),
        ({"extension": "10²1"}, "extension"),
        ({"sip_password": "short"}, "16 to 80"),
        ({"sip_password": "sixteen letters;"}, "16 to 80"),
        ({"skills": {"état civil": 1}}, "skill"),
        ({"skills": {"voirie": 0}}, "level"),
        ({"skills": {"voirie": True}}, "level"),
    ],
)
async def test_what_cannot_be_an_account_is_refused_in_a_sentence(accounts: Accounts, wrong: dict, sentence: str):
    with pytest.raises(GuichetError, match=sentence):
        await accounts.add(
            **{"id": "noa", "extension": "1010", "name": "", "sip_password": PASSWORD, "skills": {}, **wrong}
        )
    assert await accounts.all() == []


async def test_the_demo_has_four_agents_and_every_queue_is_served(accounts: Accounts):
    made = await accounts.make_demo(Random(7))
    assert await accounts.all() == made
    assert [account.extension for account in made] == ["1001", "1002", "1003", "1004"]
    assert all(
        len([account for account in made if queue in account.skills]) >= 2
        for queue in ("accueil", "etat-civil", "voirie")
    )
    assert made[0].id == "camille"
    assert made[0].skills.keys() == {"accueil", "etat-civil", "identite", "voirie"}


async def test_the_demo_is_made_only_where_there_is_no_account(accounts: Accounts):
    await accounts.add("noa", "1010", "Noa", PASSWORD, {})
    assert await accounts.make_demo(Random(7)) == []
    assert len(await accounts.all()) == 1


def test_a_password_is_long_and_only_letters_and_digits():
    password = new_password(Random(7))
    assert len(password) >= 16
    assert password.isascii()
    assert password.isalnum()


async def test_a_password_is_not_shown_by_accident(accounts: Accounts):
    assert PASSWORD not in repr(await accounts.add("noa", "1010", "Noa", PASSWORD, {}))
