"""Who closed the browser and did not log out is waited for no longer than a phone may be lost by chance."""

from queues.away import AWAY_AFTER_MS
from queues.control import LiveControl
from queues.model import Device, EntryState, Status
from tests.unit.queues.test_overflows import MINUTE, House

EXPERT_FIRST = "require: [{skills: {q: 3}, for: 10m}, {skills: {q: 1}}]"
NOBODY_THERE = "  - {when: staffed == 0, then: voicemail}"


async def house_of_an_expert() -> House:
    """Their phone is lost, and e1 waits for them."""
    house = House(NOBODY_THERE, head=EXPERT_FIRST)
    await house.agent("expert", q=3)
    await house.store.set_device("expert", Device.UNREACHABLE, house.clock())
    await house.turn()
    await house.caller("e1")
    return house


def after_s() -> int:
    return AWAY_AFTER_MS // 1000


async def state_of(house: House, entry: str) -> EntryState:
    return (await house.entry(entry)).state


async def test_a_step_is_skipped_when_the_only_one_who_meets_it_was_out_of_reach_for_so_long() -> None:
    house = await house_of_an_expert()
    await house.agent("junior", q=1)
    await house.later(AWAY_AFTER_MS - 1_000)
    assert await state_of(house, "e1") is EntryState.WAITING
    await house.later(2_000)
    assert (await house.entry("e1")).agent == "junior"
    await house.sound()


async def test_nobody_is_staffed_when_all_were_out_of_reach_for_so_long() -> None:
    house = await house_of_an_expert()
    await house.later(AWAY_AFTER_MS - 1_000)
    assert await house.followed() == []
    await house.later(MINUTE)
    assert await house.followed() == [("e1", "1", after_s())]
    await house.sound()


async def test_a_phone_that_is_lost_for_a_moment_sends_nobody_away() -> None:
    house = await house_of_an_expert()
    for _ in range(4):
        await house.later(AWAY_AFTER_MS - 1_000)
        await house.store.set_device("expert", Device.BUSY, house.clock())
        await house.turn()
        await house.store.set_device("expert", Device.UNREACHABLE, house.clock())
        await house.turn()
    assert await house.followed() == []


async def test_whose_phone_is_back_counts_again() -> None:
    house = await house_of_an_expert()
    await house.agent("junior", q=1, status=Status.PAUSED)
    await house.later(AWAY_AFTER_MS + 1_000)
    await house.store.set_device("expert", Device.BUSY, house.clock())
    await house.store.set_status("junior", Status.OFFLINE, "", "junior", house.clock())
    await house.caller("e2")
    await house.later(AWAY_AFTER_MS)
    assert await house.followed() == []
    await house.store.set_device("expert", Device.FREE, house.clock())
    await house.turn()
    assert (await house.entry("e1")).agent == "expert"


async def test_a_break_is_a_break_wherever_the_phone_is() -> None:
    house = await house_of_an_expert()
    await house.store.set_status("expert", Status.PAUSED, "lunch", "expert", house.clock())
    await house.later(9 * MINUTE)
    assert await house.followed() == []


async def test_another_dispatcher_waits_anew_as_it_cannot_know_since_when() -> None:
    house = await house_of_an_expert()
    await house.later(AWAY_AFTER_MS - 1_000)
    house.dispatcher = house.another("d2")
    house.clock.advance(3_600_000)  # the lease of the one before is over
    began = house.clock()
    await house.turn()
    await house.later(AWAY_AFTER_MS - 1_000)
    assert await house.followed() == []
    await house.later(2_000)
    assert [(await house.events())[0].at - began] == [AWAY_AFTER_MS]


async def test_the_list_of_queues_leaves_out_whose_phone_is_lost() -> None:
    house = await house_of_an_expert()
    control = LiveControl(house.store, lambda: house.queues, house.clock)
    assert [queue.staffed for queue in await control.queues()] == [0]
