"""Who is who, whatever was recorded first: the same decisions give the same rows, and never mix two people."""

from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy.ext.asyncio import AsyncEngine

from core.events import Event
from history.models import (
    Access,
    Base,
    Case,
    Contact,
    Entry,
    Erasure,
    IdentityChange,
    Note,
    Offer,
    Person,
    PersonPhone,
    Phone,
    Promise,
    RecordedEvent,
)
from history.projection.identity import shown_under
from tests.integration.history.helping import RULES, emptied, erasures, recorded, rows
from tests.integration.history.test_recorder import Stream, record_all
from tests.unit.history.told import START, an_answered_call, arrived, ended, told

NUMBERS = ("+33612345601", "+33612345602", "+33612345603")
CALLS = tuple(f"call-{n}" for n in range(6))
KEYS = (*(RULES.pseudonyms.person(number) for number in NUMBERS), "somebody", "someone-else")


async def picture(engine: AsyncEngine) -> dict[str, Any]:
    """All rows, with persons and phones by what they are known by in place of ids that differ between databases."""
    keys = {row["id"]: row["key"] for row in await rows(engine, Person)}
    numbers = {row["id"]: row["number"] for row in await rows(engine, Phone)}
    seen: dict[str, Any] = {}
    models: Sequence[type[Base]] = (
        *(
            Person,
            Phone,
            PersonPhone,
            Contact,
            Entry,
            Offer,
            Note,
            Case,
            Promise,
            IdentityChange,
            Access,
            RecordedEvent,
        ),
    )
    for model in models:
        table = []
        for row in await rows(engine, model):
            if model in (Person, Phone):
                del row["id"]
            for name in [name for name in row if name.endswith("person_id") or name == "merged_into_id"]:
                row[name] = keys.get(row[name])
            for name in [name for name in row if name == "phone_id"]:
                row[name] = numbers.get(row[name])
            table.append(row)
        seen[model.__tablename__] = sorted(table, key=repr)
    return seen


def decision(kind: str, after: int, call: str = "", /, **data: Any) -> Event:
    return Event(f"{kind}-{after}", kind, START + after, call, {"author": "camille", **data})


@some.composite
def decisions(draw: Any, after: int) -> Event:
    """One thing that somebody says about who is who, or about what is theirs."""
    person, other = draw(some.permutations(KEYS))[:2]
    call, number = draw(some.sampled_from(CALLS)), draw(some.sampled_from(NUMBERS))
    kind = draw(some.sampled_from(MADE))
    match kind:
        case "person.confirmed":
            return decision(kind, after, call, person=person, reason="asked")
        case "call.identified":
            return decision(kind, after, call, person=person, case="case-1", confidence="code")
        case "person.merged":
            return decision(kind, after, person=person, other=other, reason="same name")
        case "person.parted":
            return decision(kind, after, person=person, reason="a mistake")
        case "person.split":
            return decision(kind, after, person=person, other=other, calls=[call], numbers=[number], reason="two")
        case "person.numbered":
            return decision(kind, after, person=person, number=number)
        case "person.described":
            return decision(kind, after, person=person, name=f"Name {after}")
        case "contact.spoke_for":
            return decision(kind, after, call, person=person, relation="relative")
        case "contact.noted":
            return decision(kind, after, call, note=f"note-{after % 3}-{call}", text=f"version {after}")
        case "history.read":
            return decision(
                kind, after, draw(some.sampled_from(("", call))), reader="sacha", what="person", person=person
            )
        case "a promise to somebody":
            said = {"promise": f"promise-{after}", "kind": "send", "text": "a form", "person": person}
            return decision("promise.made", after, call, **said)
        case "case.opened":
            return decision(kind, after, call, case=f"case-{after}", number="1234567802", title="A thing")
        case _:
            return decision("promise.made", after, call, promise=f"promise-{after}", kind="callback")


MADE = (
    *("person.confirmed", "call.identified", "person.merged", "person.merged", "person.parted", "person.split"),
    *("person.numbered", "person.described", "contact.spoke_for", "contact.noted", "case.opened", "promise.made"),
    *("history.read", "a promise to somebody"),
)


def all_calls() -> list[Event]:
    """Six calls from three numbers; two of them answered, with what the agent did."""
    events: list[Event] = []
    for place, call in enumerate(CALLS):
        at, number = place * 100_000, NUMBERS[place % len(NUMBERS)]
        if place < 2:
            events += [
                Event(event.id, event.kind, event.at + at, call, {**event.data, **_own(event, place)})
                for event in an_answered_call(call, number)
            ]
            events += agent_of(place, at)
        else:
            events += [arrived(call, number, at), ended(at + 5_000, call=call)]
    return events


def _own(event: Event, place: int) -> dict[str, Any]:
    return {name: f"{event.data[name]}-{place}" for name in ("entry", "offer") if name in event.data}


def agent_of(place: int, at: int) -> list[Event]:
    moves = [(20_000, "talking", "hold"), (23_000, "hold", "talking"), (52_000, "talking", "wrap_up"),
             (59_000, "wrap_up", "idle")]  # fmt: skip
    return [
        told(
            "agent.state", at + after, "", agent="camille", offer=str(place), **{"from": before, "to": then}, cause="x"
        )
        for after, before, then in moves
    ]


histories = some.integers(1, 12).flatmap(
    lambda count: some.tuples(*(decisions(200_000 + 1_000 * place) for place in range(count)))
)
ANY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])


@ANY
@given(said=histories, data=some.data())
async def test_any_order_repetition_and_crash_gives_the_same_picture(
    engine: AsyncEngine, said: tuple[Event, ...], data: Any
):
    events = [*all_calls(), *said]
    await emptied(engine)
    await recorded(engine, events)
    expected = await picture(engine)
    order = data.draw(some.permutations(events))
    again = data.draw(some.lists(some.sampled_from(events), max_size=10))
    await emptied(engine)
    stream = await Stream([*order, *again]).begin()
    stream.most = data.draw(some.integers(1, 40))
    stream.crashes = data.draw(some.lists(some.booleans(), max_size=10))
    await record_all(stream, engine)
    assert await picture(engine) == expected


@ANY
@given(said=histories)
async def test_a_contact_is_always_shown_under_whom_the_decisions_say_and_nobody_else(
    engine: AsyncEngine, said: tuple[Event, ...]
):
    await emptied(engine)
    await recorded(engine, [*all_calls(), *said])
    seen = await picture(engine)
    merges = [line for line in seen["identity_change"] if line["change"] in ("merged", "parted")]
    above = shown_under(merges)
    owners = {phone["number"]: phone["person_id"] for phone in seen["phone"]}
    for contact in seen["contact"]:
        own = contact["assigned_person_id"] or owners[contact["phone_id"]]
        assert contact["person_id"] == above.get(own, own)
    for case in seen["case"]:
        contact = next(c for c in seen["contact"] if c["id"] == case["opened_in"])
        assert case["person_id"] == contact["person_id"]


@ANY
@given(said=histories, who=some.sampled_from(KEYS))
async def test_erasing_one_person_leaves_everybody_elses_history_as_it_was(
    engine: AsyncEngine, said: tuple[Event, ...], who: str, tmp_path_factory: Any
):
    await emptied(engine)
    await recorded(engine, [*all_calls(), *said])
    before = await picture(engine)
    if who not in {person["key"] for person in before["person"]}:
        return
    top = {person["key"]: person["merged_into_id"] or person["key"] for person in before["person"]}[who]
    theirs = {contact["id"] for contact in before["contact"] if contact["person_id"] == top}
    await erasures(engine, tmp_path_factory.mktemp("erased")).erase(who, "test")
    after = await picture(engine)
    selves = {
        key for key, merged in ((p["key"], p["merged_into_id"]) for p in before["person"]) if top in (key, merged)
    }
    assert not selves & {person["key"] for person in after["person"]}
    for was, now in zip(by_id(before, "contact"), by_id(after, "contact"), strict=True):
        if was["id"] in theirs:
            assert (now["number"], now["name"], now["phone_id"], now["erased_at"] is None) == ("", "", None, False)
            assert [choice["digits"] for choice in now["choices"]] == [""] * len(was["choices"])
        else:
            for name in ("for_person_id", "relation"):
                was[name] = None if was["for_person_id"] in selves else was[name]
            assert {**now, "for_person_id": was["for_person_id"], "relation": was["relation"]} == was
    for table in ("entry", "offer"):
        assert after[table] == before[table]
    assert [key for key in selves if key in repr(after)] == []
    assert [promise for promise in after["promise"] if promise["text"]] == [
        promise for promise in before["promise"] if promise["text"] and promise["person_id"] not in {*selves, top}
    ]
    others = [call for call in CALLS if call not in theirs]
    await recorded(engine, [decision("contact.coded", 900_000 + at, call, code="x") for at, call in enumerate(others)])
    again = await picture(engine)
    assert [key for key in selves if key in repr(again)] == []
    assert {**whose(again), **dict.fromkeys(theirs)} == {**whose(after), **dict.fromkeys(theirs)}
    stones = await rows(engine, Erasure)
    assert set(stones[0]["contacts"]) == theirs
    for event in after["event"]:
        others = event["kind"] == "promise.made" and event["data"].get("person")  # a promise to somebody else is theirs
        if event["call"] in theirs and not others:
            assert not {"number", "name", "digits", "text", "person"} & {
                key for key, value in event["data"].items() if value
            }


def whose(seen: dict[str, Any]) -> dict[str, Any]:
    return {contact["id"]: contact["person_id"] for contact in seen["contact"]}


def by_id(seen: dict[str, Any], table: str) -> list[dict[str, Any]]:
    return sorted(seen[table], key=lambda row: row["id"])
