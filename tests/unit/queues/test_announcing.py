"""What waiting callers are told of the wait: when, what, and never without knowing."""

from typing import Any

import pytest

from queues.model import Status
from tests.unit.queues.test_overflows import MINUTE, House

ANNOUNCE = "announce: {position: true, wait: true, every: 30s}"


def house(head: str = ANNOUNCE, rules: str = "  []") -> House:
    return House(rules, head=head)


async def told(house: House) -> list[tuple[str, float, dict[str, Any]]]:
    """Entry, seconds since the beginning, and what the caller hears."""
    heard = []
    for event in await house.events("entry.announced"):
        said = {
            name: value for name, value in event.data.items() if name in ("position", "from_min", "to_min", "longer")
        }
        heard.append((event.data["entry"], (event.at - house.began) / 1000, said))
    return heard


async def served(house: House, times: int = 5, talk_ms: int = MINUTE) -> None:
    """So many calls are answered, one after the other, by `a1`, who then takes a break."""
    for number in range(times):
        await house.caller(f"served{number}")
        entry = await house.entry(f"served{number}")
        await house.store.answer(entry.id, entry.offer, house.clock())
        await house.later(talk_ms)
        await house.store.finish(entry.id, talk_ms, house.clock())
        await house.later(31_000)
    await house.caller("last")
    entry = await house.entry("last")
    await house.store.answer(entry.id, entry.offer, house.clock())
    await house.turn()
    house.began = house.clock()


async def test_a_caller_is_told_the_place_after_five_seconds_and_then_every_so_often() -> None:
    at = house()
    await at.caller("e1")
    await at.caller("e2")
    await at.later(70_000)
    assert [(entry, when, said) for entry, when, said in await told(at) if entry == "e2"] == [
        ("e2", 5.0, {"position": 2}), ("e2", 35.0, {"position": 2}), ("e2", 65.0, {"position": 2}),
    ]  # fmt: skip
    await at.sound()


async def test_nothing_is_said_of_a_wait_that_nobody_can_foretell() -> None:
    at = house("announce: {wait: true, every: 30s}")
    await at.caller("e1")
    await at.later(70_000)
    assert await told(at) == [], "nobody was served yet"


async def test_the_wait_is_told_once_enough_is_known() -> None:
    at = house()
    await at.agent("a1")
    await served(at)
    await at.caller("e1")
    await at.later(6_000)
    [(_, _, said)] = [each for each in await told(at) if each[0] == "e1"]
    # the talk of a minute and half a minute's notes, five times, and five times the usual three minutes: 2 min 15 s
    assert said == {"position": 1, "from_min": 1, "to_min": 3, "longer": False}
    [event] = [event for event in await at.events("entry.announced") if event.data["entry"] == "e1"]
    assert 120_000 < event.data["expected_ms"] < 140_000
    await at.sound()


async def test_a_later_figure_is_not_larger_without_a_reason() -> None:
    at = house()
    for name in ("a1", "a2", "a3"):
        await at.agent(name)
    await served(at)
    for name in ("a2", "a3"):
        await at.store.set_status(name, Status.PAUSED, "lunch", name, at.clock())
    for number in range(4):
        await at.caller(f"e{number}", priority=0)
    await at.later(6_000)
    before = [said for entry, _, said in await told(at) if entry == "e3"][-1]
    for number in range(4):
        await at.caller(f"urgent{number}", priority=20)
    await at.later(31_000)
    after = [said for entry, _, said in await told(at) if entry == "e3"][-1]
    assert before["position"] == 4 and "position" not in after, "others were let past: nothing is said of the place"
    assert after["to_min"] == before["to_min"] and not after["longer"]
    await at.sound()


async def test_a_longer_wait_is_told_as_such_where_agents_went() -> None:
    at = house()
    for name in ("a1", "a2", "a3"):
        await at.agent(name)
    await served(at)
    for name in ("a2", "a3"):
        await at.store.set_status(name, Status.PAUSED, "", name, at.clock())
    await at.turn()
    for number in range(6):
        await at.caller(f"e{number}")
    await at.later(6_000)
    before = [said for entry, _, said in await told(at) if entry == "e5"][-1]
    for name in ("a2", "a3"):
        await at.store.set_status(name, Status.OFFLINE, "", name, at.clock())
    for number in range(6):
        await at.caller(f"urgent{number}", priority=20)
    await at.later(31_000)
    after = [said for entry, _, said in await told(at) if entry == "e5"][-1]
    assert after["to_min"] > before["to_min"] or after["to_min"] == 0
    assert after["longer"]


@pytest.mark.parametrize("by_rule", [True, False])
async def test_in_another_queue_a_caller_is_told_the_place_there_though_it_is_a_later_one(by_rule: bool) -> None:
    announce = "announce: {position: true, every: 30s}"
    rules = "  - {when: waited > 100s, move: general}" if by_rule else "  []"
    at = House(rules, f"queue: general\n{announce}", head=announce)
    for number in range(6):
        await at.caller(f"g{number}", "general", priority=30)
    await at.caller("e1")
    await at.later(101_000)
    if not by_rule:
        await at.store.move("e1", "general", at.queues["general"].terms({}), True, "", "boss", at.clock())
    await at.later(76_000)
    heard = [(when, said["position"]) for entry, when, said in await told(at) if entry == "e1"]
    assert heard == [(5, 1), (35, 1), (65, 1), (95, 1), (110, 7), (140, 7), (170, 7)], "15 s apart at least"
    await at.sound()


async def test_in_another_queue_the_wait_is_told_as_it_is_there() -> None:
    at = House("  []", "queue: general\nannounce: {wait: true, every: 30s}", head="announce: {wait: true, every: 30s}")
    await at.agent("a1")
    await served(at)
    await at.caller("e1")
    await at.later(6_000)
    short = [said for entry, _, said in await told(at) if entry == "e1"][-1]["to_min"]
    for number in range(12):
        await at.caller(f"q{number}", priority=60)
    await at.later(30_000)
    assert [said for entry, _, said in await told(at) if entry == "e1"][-1]["to_min"] == short
    await at.store.move("e1", "general", at.queues["general"].terms({}), True, "", "boss", at.clock())
    await at.later(1_000)
    await at.store.move("e1", "q", at.queues["q"].terms({}), True, "", "boss", at.clock())
    await at.later(31_000)
    assert [said for entry, _, said in await told(at) if entry == "e1"][-1]["to_min"] != short


async def test_a_caller_who_is_moved_there_and_back_is_not_told_twice_as_often() -> None:
    announce = "announce: {position: true, every: 60s}"
    at = House("  []", f"queue: general\n{announce}", head=announce)
    await at.caller("e1")
    await at.later(10_000)
    for queue in ("general", "q"):
        await at.store.move("e1", queue, at.queues[queue].terms({}), True, "", "boss", at.clock())
        await at.later(20_000)
    await at.later(130_000)
    assert [when for _, when, _ in await told(at)] == [5, 20, 35, 95, 155]


async def test_two_things_are_not_said_within_fifteen_seconds() -> None:
    at = house(rules="  - {when: waited > 3s, say: Patience.}\n  - {when: waited > 33s, say: Encore.}")
    await at.caller("e1")
    await at.later(2 * MINUTE)
    announced = [when for _, when, _ in await told(at)]
    said = [(event.at - at.began) / 1000 for event in await at.events()]
    assert said == [4.0, 34.0]
    assert announced[:2] == [19.0, 49.0]
    assert all(abs(one - other) >= 15 for one in announced for other in said)


async def test_who_is_aside_or_offered_is_told_nothing() -> None:
    at = house()
    await at.caller("e1")
    await at.store.step_aside("e1", "callback", at.clock())
    await at.later(40_000)
    assert await told(at) == []
    await at.store.come_back("e1", at.clock())
    await at.later(40_000)
    assert [entry for entry, _, _ in await told(at)] == ["e1"]
    await at.sound()


async def test_a_new_dispatcher_keeps_the_times_and_knows_what_was_gone_through() -> None:
    at = house()
    await at.agent("a1")
    await served(at)
    await at.caller("e1")
    await at.later(6_000)
    first = (await told(at))[-1]
    await at.store.release_lease("dispatcher", "d1")
    at.dispatcher = at.another("d2")
    await at.later(31_000)
    second = (await told(at))[-1]
    assert second[1] - first[1] == 30.0
    assert second[2]["to_min"] <= first[2]["to_min"]
