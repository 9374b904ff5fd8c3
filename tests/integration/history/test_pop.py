"""The citizen's story on the agent's screen, from what agents and calls said before."""

from collections.abc import AsyncIterator
from random import Random

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from core.ids import counted_ids
from history.pop import Pop, ScreenPops
from history.recorder import Recorder
from history.sealing import UNREADABLE, Sealing, new_key
from history.statements import Statements
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES
from tests.unit.history.told import START, an_answered_call, arrived, ended, entered, told

MINE, THEIRS = "0612345678", "0699999999"
PATIENT_MS = 10_000
HOUR = 3_600_000


class Town:
    """A stream with its recorder, what agents state into it, and the screens."""

    def __init__(self, engine: AsyncEngine, sealing: Sealing | None = None) -> None:
        self.clock = HandClock(START + HOUR)
        self.store = MemoryStore(self.clock)
        self.say = Statements(self.store, self.clock, counted_ids("s"), Random(1), sealing)
        self.pops = ScreenPops(engine, sealing=sealing, limit_ms=PATIENT_MS, clock=self.clock)
        self._recorder = Recorder(self.store, engine, self.clock, RULES)

    async def happens(self, *events: Event) -> None:
        await self.store.emit(events)

    async def recorded(self) -> None:
        await self.store.join_group("history")
        while await self.store.group_lag("history"):
            await self._recorder.step(wait_ms=0)

    async def pop(self, call: str = "now", number: str = MINE, person: str = "") -> Pop:
        await self.recorded()
        return await self.pops.pop(call, number, person=person)


@pytest.fixture
async def town(engine: AsyncEngine) -> AsyncIterator[Town]:
    town = Town(engine)
    yield town
    await town.pops.close()


async def test_nobody_is_known_at_a_new_or_withheld_number(town: Town):
    for number in (MINE, "", "anonymous"):
        pop = await town.pop(number=number)
        assert (pop["person"], pop["confidence"], pop["contacts"], pop["today"]) == (None, "", [], [])


async def test_the_last_contacts_come_with_topic_outcome_and_agent(town: Town):
    await town.happens(*an_answered_call("first", MINE))
    await town.say.code("camille", "first", topic="naissance", code="done", settled=True)
    await town.say.note("camille", "first", "Wants two copies.\nSent today.")
    pop = await town.pop()
    assert pop["confidence"] == "number"
    (contact,) = pop["contacts"]
    assert (contact["topic"], contact["outcome"], contact["agent"]) == ("naissance", "answered", "camille")
    assert (contact["code"], contact["settled"], contact["for_somebody"]) == ("done", True, False)
    assert [(note["author"], note["text"]) for note in pop["notes"]] == [("camille", "Wants two copies.\nSent today.")]


async def test_todays_attempts_include_the_abandoned_and_not_this_call(town: Town):
    gave_up = [arrived("early", MINE, 1_000), entered(2_000, call="early", entry="e-early"), ended(9_000, call="early")]
    yesterday = [arrived("before", MINE, -30 * HOUR), ended(-29 * HOUR, call="before")]
    await town.happens(*gave_up, *yesterday, arrived("now", MINE, HOUR - 1_000))
    pop = await town.pop()
    assert [(attempt["id"], attempt["outcome"]) for attempt in pop["today"]] == [("early", "abandoned")]
    assert [contact["id"] for contact in pop["contacts"]] == ["early", "before"]


async def test_the_path_and_the_wait_of_this_call_so_far(town: Town):
    here = HOUR - 90_000
    chose = told("call.chose", here + 500, "now", step="sujet", digits="1", choice="acte")
    heard = told("call.answered", here + 900, "now", step="acte", answer="acte-de-naissance", solved=False)
    queued = Event("in-line", "entry.entered", START + here + 1_000, "now", {"entry": "e", "queue": "etat-civil",
        "since": START + here + 1_000, "requirement": [{"skills": {"etat-civil": 2}}]})  # fmt: skip
    await town.happens(arrived("now", MINE, here), chose, heard, queued)
    pop = await town.pop()
    this, waiting = pop["this"], pop["waiting"]
    assert this is not None
    assert waiting is not None
    assert (this["flow"], this["choices"][0]["choice"], this["answers"][0]["answer"]) == (
        "accueil",
        "acte",
        "acte-de-naissance",
    )
    assert this["requirement"] == [{"skills": {"etat-civil": 2}}]
    assert (waiting["queue"], pop["waited_ms"]) == ("etat-civil", 89_000)


async def test_open_cases_and_promises_with_their_outcome(town: Town):
    await town.happens(*an_answered_call("first", MINE))
    case, number = await town.say.open_case("camille", "Birth certificate", call="first", topic="naissance")
    done, _ = await town.say.open_case("camille", "An older thing", call="first")
    await town.say.change_case("camille", done, status="closed")
    kept = await town.say.promise("camille", "first", "callback", number="+33612345678", due_until=START + 2 * HOUR)
    town.clock.advance(1_000)
    await town.say.promise("camille", "first", "send", text="The form by post", case=case)
    await town.say.tried(kept, "no_answer")
    await town.say.end_promise("sacha", kept, "kept", contact="later")
    pop = await town.pop()
    assert [(c["number"], c["title"], c["status"]) for c in pop["cases"]] == [(number, "Birth certificate", "open")]
    assert [(p["kind"], p["tries"], p["outcome"], p["case_id"]) for p in pop["promises"]] == [
        ("send", 0, None, case),
        ("callback", 1, "kept", None),
    ]
    assert pop["contacts"][0]["case_id"] == done


async def test_what_they_asked_for_is_on_the_screen(town: Town):
    await town.happens(*an_answered_call("first", MINE))
    person = await town.say.confirm("camille", "first")
    await town.say.describe(
        "camille", person, name="Ada Lovelace", languages=["en", "fr"], preferences={"slow_speech": True}
    )
    pop = await town.pop(person=person)
    known = pop["person"]
    assert known is not None
    assert (known["name"], known["languages"], known["preferences"]) == (
        "Ada Lovelace",
        ["en", "fr"],
        {"slow_speech": True},
    )
    assert known["numbers"] == ["+33612345678"]


async def test_several_persons_at_one_number_are_kept_apart_and_both_shown(town: Town):
    await town.happens(*an_answered_call("ada", MINE), *an_answered_call("bob", MINE))
    ada, bob = await town.say.confirm("camille", "ada"), await town.say.confirm("sacha", "bob")
    await town.say.describe("camille", ada, name="Ada")
    await town.say.describe("sacha", bob, name="Bob")
    unsure = await town.pop()
    assert unsure["contacts"] == []
    assert {other["name"] for other in unsure["others"]} == {"Ada", "Bob"}
    sure = await town.pop(person=ada)
    assert [contact["id"] for contact in sure["contacts"]] == ["ada"]


async def test_one_person_at_several_numbers_is_one_after_a_merge_and_two_again_after_parting(town: Town):
    await town.happens(*an_answered_call("here", MINE), *an_answered_call("there", THEIRS))
    mine, theirs = RULES.pseudonyms.person("+33612345678"), RULES.pseudonyms.person("+33699999999")
    await town.say.merge("camille", theirs, mine, "gave the same date of birth")
    both = await town.pop()
    assert {contact["id"] for contact in both["contacts"]} == {"here", "there"}
    assert both["person"]
    assert both["person"]["numbers"] == ["+33612345678", "+33699999999"]
    assert {contact["id"] for contact in (await town.pop(number=THEIRS))["contacts"]} == {"here", "there"}
    town.clock.advance(1)
    await town.say.part("sacha", theirs, "a mistake")
    assert [contact["id"] for contact in (await town.pop())["contacts"]] == ["here"]
    assert [contact["id"] for contact in (await town.pop(number=THEIRS))["contacts"]] == ["there"]


async def test_two_people_taken_for_one_are_split(town: Town):
    await town.happens(*an_answered_call("a", MINE), *an_answered_call("b", MINE), *an_answered_call("c", THEIRS))
    mine, theirs = RULES.pseudonyms.person("+33612345678"), RULES.pseudonyms.person("+33699999999")
    await town.say.merge("camille", theirs, mine, "same name")
    town.clock.advance(1)
    other = await town.say.split("camille", mine, ["b"], [THEIRS], "father and son")
    assert [contact["id"] for contact in (await town.pop())["contacts"]] == ["a"]
    assert {contact["id"] for contact in (await town.pop(number=THEIRS))["contacts"]} == {"b", "c"}
    assert {contact["id"] for contact in (await town.pop(person=other))["contacts"]} == {"b", "c"}


async def test_who_calls_for_somebody_else_leaves_it_in_both_histories(town: Town):
    await town.happens(*an_answered_call("mother", MINE), *an_answered_call("worker", THEIRS))
    mother = await town.say.confirm("camille", "mother")
    await town.say.spoke_for("camille", "worker", mother, "social_worker")
    assert [(c["id"], c["for_somebody"]) for c in (await town.pop(person=mother))["contacts"]] == [
        ("mother", False),
        ("worker", True),
    ]
    pop = await town.pop("worker", THEIRS)
    assert pop["this"]
    assert (pop["this"]["for_person"], pop["this"]["relation"]) == (mother, "social_worker")


async def test_a_sealed_note_is_read_with_the_key_alone(engine: AsyncEngine):
    sealing = Sealing([new_key()])
    town = Town(engine, sealing)
    await town.happens(*an_answered_call("first", MINE))
    await town.say.note("camille", "first", "Very private")
    assert [note["text"] for note in (await town.pop())["notes"]] == ["Very private"]
    stranger = ScreenPops(engine, limit_ms=PATIENT_MS, clock=town.clock)
    assert [note["text"] for note in (await stranger.pop("now", MINE))["notes"]] == [UNREADABLE]
    await stranger.close()
    await town.pops.close()


async def test_hostile_names_and_notes_are_text(town: Town):
    evil = "</script><img src=x onerror=alert(1)> \u202e'); DROP TABLE contact;-- {{7*7}}\x00"
    await town.happens(*an_answered_call("first", MINE))
    person = await town.say.confirm("camille", "first", reason=evil)
    await town.say.describe("camille", person, name=evil)
    await town.say.note("camille", "first", evil)
    await town.say.open_case("camille", evil, person=person)
    pop = await town.pop(call=evil, person=person)
    clean = "</script><img src=x onerror=alert(1)> '); DROP TABLE contact;-- {{7*7}}"
    assert pop["person"]
    assert (pop["person"]["name"], pop["notes"][0]["text"], pop["cases"][0]["title"]) == (clean, clean, clean)
    assert (await town.pop(number=evil, person=evil))["person"] is None
