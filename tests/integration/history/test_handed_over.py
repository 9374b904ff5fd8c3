"""What is handed over to a person is theirs, can be read, and tells nothing of whoever called for them."""

import json
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from core.events import Event
from history.database import writing
from history.export import export, page, persons_at
from history.models import Change, PersonPhone, PromiseOutcome
from history.models.cases import CaseStatus
from history.page_words import NAMES, WORDS
from history.people import NoSuchPerson
from history.reports import contacts_of_person
from history.sealing import UNREADABLE, Sealing, new_key, read_keys
from history.statements import PROMISES, READS
from tests.integration.history.helping import RULES, recorded
from tests.unit.history.told import START, arrived, ended

ADA, SON = "+33612345601", "+33699999999"
ADAS_KEY = RULES.pseudonyms.person(ADA)
SEALING = Sealing(read_keys(new_key()))


def said(kind: str, after: int, call: str = "", /, **data: Any) -> Event:
    return Event(f"{kind}-{after}", kind, START + after, call, {"author": "camille", **data})


def what_happened() -> list[Event]:
    """Ada called once; her son called for her, keyed in his own case, and is to be called back."""
    choice = {"step": "dossier", "digits": "4242", "choice": "ok"}
    return [
        arrived("ada", ADA), ended(9, "flow_ended", call="ada"),
        arrived("son", SON, name="Byron"), said("call.chose", 5, "son", **choice), ended(9, call="son"),
        said("contact.noted", 10, "ada", note="n1", text=SEALING.seal("Needs a nurse"), sealed=True),
        said("contact.spoke_for", 20, "son", person=ADAS_KEY, relation="child"),
        said("promise.made", 30, "son", promise="p1", kind="callback", text="a nurse", number=SON, person=ADAS_KEY),
        said("promise.made", 31, "son", promise="p2", kind="callback", text="again", number=ADA, person=ADAS_KEY),
    ]  # fmt: skip


async def test_who_called_for_them_is_not_told(engine: AsyncEngine):
    await recorded(engine, what_happened())
    found = await export(engine, ADAS_KEY, SEALING)
    (spoken_for,) = found["spoken_for"]
    assert spoken_for["relation"] == "child"
    assert [promise["number"] for promise in found["promises"]] == ["", ADA]
    told = json.dumps(found) + page(found, "fr") + page(found, "en")
    assert [trace for trace in ("699999999", "Byron", "4242") if trace in told] == []


async def test_sealed_notes_are_opened_in_the_facts_behind_them_too(engine: AsyncEngine):
    await recorded(engine, what_happened())

    async def texts(sealing: Sealing) -> list[str]:
        found = await export(engine, ADAS_KEY, sealing)
        return [event["data"]["text"] for event in found["events"] if event["kind"] == "contact.noted"]

    assert await texts(SEALING) == ["Needs a nurse"]
    assert await texts(Sealing([])) == [UNREADABLE]


async def test_the_page_is_french_in_french(engine: AsyncEngine):
    await recorded(engine, what_happened())
    found = await export(engine, ADAS_KEY, SEALING)
    html = page(found, "fr")
    assert [word for word in ("self_service", "callback", "relative") if word in html] == []
    assert "sans agent" in html
    assert "rappel" in html
    assert "without an agent" in page(found, "en")


def test_every_word_of_the_history_that_the_page_may_show_is_known_in_french():
    shown = {*PromiseOutcome, *CaseStatus, *PROMISES, *READS, *Change} - {Change.NAMED}
    shown |= {"answered", "abandoned", "self_service", "left", "failed", "voicemail", "recording", "conversation"}
    assert {str(word) for word in shown} - NAMES["fr"].keys() == set()
    assert NAMES["en"].keys() <= NAMES["fr"].keys()
    assert WORDS["en"].keys() == WORDS["fr"].keys()


async def test_ones_contacts_are_ones_own_after_all_merging_and_nobody_elses(engine: AsyncEngine):
    await recorded(engine, what_happened())
    await recorded(engine, [arrived("hidden", "", 40), ended(49, call="hidden"), arrived("bobs", ADA, 50)])
    other = RULES.pseudonyms.person(SON)
    decided = [
        said("person.confirmed", 60, "hidden", person=ADAS_KEY),
        said("person.confirmed", 61, "bobs", person="bob"),
        said("person.merged", 62, person=ADAS_KEY, other=other, reason="the same"),
    ]
    await recorded(engine, decided)
    for key in (ADAS_KEY, other):
        shown, contacts = await contacts_of_person(engine, key)
        assert (shown, {contact["id"] for contact in contacts}) == (other, {"ada", "son", "hidden"})
    assert [contact["id"] for contact in (await contacts_of_person(engine, "bob"))[1]] == ["bobs"]
    with pytest.raises(NoSuchPerson):
        await contacts_of_person(engine, "nobody")


async def test_in_a_history_older_than_who_was_met_where_a_number_is_its_owners(engine: AsyncEngine):
    await recorded(engine, what_happened())
    async with writing(engine) as connection:
        await connection.execute(delete(PersonPhone))
    assert [person["key"] for person in await persons_at(engine, ADA, "FR")] == [ADAS_KEY]
    assert (await export(engine, ADAS_KEY, SEALING))["person"]["numbers"] == [ADA]
