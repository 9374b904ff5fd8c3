"""What the desk reads of the history beside the screen-pop: a person's page, an agent's own day, who read what."""

from sqlalchemy.ext.asyncio import AsyncEngine

from core.events import Event
from history.access import readings
from history.known import cases_numbered, has_case, has_person, has_promise
from history.own_day import own_day
from history.person_page import MOST_CONTACTS, person_page
from history.reports import matter_of
from history.sealing import Sealing, new_key
from tests.integration.history.helping import recorded

T = 1_764_000_000_000
"""A moment, ms since 1970."""
OPEN = Sealing([])
SEALED = Sealing([new_key()])
ARRIVED = {"number": "+33612345678", "name": "", "dialled": "3939", "flow": "accueil", "version": "v", "language": "fr"}


def said(id: str, kind: str, at: int, call: str = "", /, **data: object) -> Event:
    return Event(id, kind, T + at, call, {"author": "camille", **data})


def called(call: str, at: int) -> list[Event]:
    return [Event(f"{call}-in", "call.arrived", T + at, call, ARRIVED),
            Event(f"{call}-out", "call.ended", T + at + 9, call, {"reason": "caller_hung_up"})]  # fmt: skip


async def test_a_page_tells_of_all_that_were_merged_into_one(engine: AsyncEngine) -> None:
    await recorded(
        engine,
        [
            *called("c1", 0),
            *called("c2", 1_000),
            said("p1", "person.confirmed", 10, "c1", person="ana"),
            said("p2", "person.confirmed", 1_010, "c2", person="anna"),
            said("p3", "person.described", 20, person="ana", name="Ana Ruiz"),
            said("n", "contact.noted", 1_020, "c2", note="n", text=SEALED.seal("Deux copies."), sealed=True),
            said("k", "case.opened", 30, "c1", case="k", number="1234567817", title="Le trou", status="open"),
            said("r", "promise.made", 1_030, "c2", promise="r", kind="send", text="Par la poste"),
            said("m", "person.merged", 2_000, person="anna", other="ana", reason="same"),
        ],
    )
    page = await person_page(engine, SEALED, key="anna")
    assert page is not None
    assert (page["person"], page["name"], page["numbers"]) == ("ana", "Ana Ruiz", ["+33612345678"])
    assert [(contact["id"], [note["text"] for note in contact["notes"]]) for contact in page["contacts"]] == [
        ("c2", ["Deux copies."]),
        ("c1", []),
    ]
    assert ([case["id"] for case in page["cases"]], [made["id"] for made in page["promises"]]) == (["k"], ["r"])
    assert {decision["change"] for decision in page["decisions"]} == {"assigned", "merged"}
    assert await person_page(engine, SEALED, id=page["id"]) == page
    assert await person_page(engine, SEALED, key="nobody") is None


async def test_a_page_shows_calls_that_others_made_for_them_and_is_bounded(engine: AsyncEngine) -> None:
    many = [event for n in range(MOST_CONTACTS + 5) for event in called(f"c{n}", n * 100)]
    await recorded(engine, [*many, said("s", "contact.spoke_for", 99_000, "c104", person="luis", relation="fils"),
                            said("d", "person.described", 99_000, person="luis", name="Luis")])  # fmt: skip
    luis = await person_page(engine, OPEN, key="luis")
    assert luis is not None
    assert [(each["id"], each["for_somebody"], each["relation"]) for each in luis["contacts"]] == [
        ("c104", True, "fils")
    ]
    found = await readings(engine)
    assert found == []
    caller = await person_page(engine, OPEN, id=1) or await person_page(engine, OPEN, id=2)
    assert caller is not None and len(caller["contacts"]) <= MOST_CONTACTS


async def test_readings_are_told_by_reader_by_person_and_before_a_moment(engine: AsyncEngine) -> None:
    def read(id: str, at: int, reader: str, person: str) -> Event:
        return Event(id, "history.read", T + at, "", {"reader": reader, "what": "person", "person": person})

    named = said("d", "person.described", 0, person="ana", name="Ana")
    await recorded(
        engine, [named, read("r1", 1, "camille", "ana"), read("r2", 2, "chef", "luis"), read("r3", 3, "chef", "ana")]
    )
    assert [row["at"] - T for row in await readings(engine)] == [3, 2, 1]
    assert [row["at"] - T for row in await readings(engine, reader="chef")] == [3, 2]
    assert [(row["at"] - T, row["name"]) for row in await readings(engine, person="ana")] == [(3, "Ana"), (1, "Ana")]
    assert [row["at"] - T for row in await readings(engine, before=T + 2)] == [1]


async def test_what_is_named_is_known_once_it_is_recorded(engine: AsyncEngine) -> None:
    assert not await has_case(engine, "k") and await cases_numbered(engine, "1234567817") == []
    await recorded(
        engine,
        [
            *called("c1", 0),
            said("k", "case.opened", 30, "c1", case="k", number="1234567817", title="Le trou", status="open"),
            said("r", "promise.made", 40, "c1", promise="r", kind="send"),
            said("p", "person.confirmed", 50, "c1", person="ana"),
        ],
    )
    assert await cases_numbered(engine, "1234567817") == ["k"]
    assert await has_case(engine, "k") and await has_promise(engine, "r") and await has_person(engine, "ana")
    assert not await has_person(engine, "nobody") and not await has_promise(engine, "k")


async def test_ones_own_day_counts_pauses_to_this_moment_and_two_reasons_as_one(engine: AsyncEngine) -> None:
    def chose(id: str, at: int, status: str, agent: str = "camille") -> Event:
        return Event(id, "agent.status", T + at, "", {"agent": agent, "status": status, "reason": "", "author": agent})

    await recorded(
        engine,
        [
            chose("s1", -5_000, "paused"),  # before the day began
            chose("s2", 1_000, "available"),
            chose("s3", 4_000, "paused"),
            chose("s4", 5_000, "paused"),  # for another reason
            chose("s5", 6_000, "available"),
            chose("s6", 9_000, "paused"),
            chose("o1", 0, "paused", "sacha"),
        ],
    )
    day = await own_day(engine, "camille", T, T + 10_000)
    assert (day["pauses"], day["pause_ms"]) == (3, 1_000 + 2_000 + 1_000)
    assert (day["answered"], day["talk_ms"], day["idle_ms"]) == (0, 0, 3_000 + 3_000)
    nobody = await own_day(engine, "nobody", T, T + 10_000)
    assert (nobody["pauses"], nobody["pause_ms"], nobody["idle_ms"]) == (0, 0, 0)


async def test_what_a_contact_is_about_is_its_topic_and_the_number_of_its_case(engine: AsyncEngine) -> None:
    await recorded(
        engine,
        [
            *called("c1", 0), *called("c2", 100), *called("c3", 200),
            said("k", "case.opened", 30, "c1", case="k", number="1234567817", title="Le trou", status="open"),
            said("l", "contact.linked", 40, "c1", case="k"),
            said("t1", "contact.coded", 50, "c1", topic="chaussee"),
            said("t2", "contact.coded", 150, "c2", topic="eau"),
        ],
    )  # fmt: skip
    told = [await matter_of(engine, call) for call in ("c1", "c2", "c3", "nobody")]
    assert told == [{"topic": "chaussee", "case": "1234567817"}, {"topic": "eau"}, {}, {}]
