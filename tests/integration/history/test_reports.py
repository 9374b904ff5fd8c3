import json

from sqlalchemy.ext.asyncio import AsyncEngine

from history.reports import contacts_of
from tests.integration.history.test_lookup import record
from tests.unit.history.told import an_answered_call, arrived


async def test_the_contacts_of_a_number_come_newest_first(engine: AsyncEngine):
    await record(
        engine, *an_answered_call("first"), arrived("second", after_ms=100_000), arrived("other", "0699999999")
    )
    found = await contacts_of(engine, "06 12 34 56 78", "FR")
    assert [contact["id"] for contact in found] == ["second", "first"]
    assert (found[1]["queue"], found[1]["path"]) == ("accueil", ["bonjour", "sujet"])


async def test_a_contact_can_be_written_as_json(engine: AsyncEngine):
    await record(engine, *an_answered_call())
    found = await contacts_of(engine, "0612345678", "FR")
    assert json.loads(json.dumps(found)) == found


async def test_nobody_is_shown_for_a_withheld_number(engine: AsyncEngine):
    await record(engine, arrived("a", "anonymous"))
    assert await contacts_of(engine, "anonymous", "FR") == []
