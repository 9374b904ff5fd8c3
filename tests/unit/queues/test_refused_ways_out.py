"""A way out of the line that is refused: the caller waits on, and what a rule below says is done."""

import pytest

from tests.unit.queues.test_overflows import MINUTE, House
from tests.unit.queues.test_rules import told

REFUSABLE = ['transfer: "3939"', "then: callback"]
SURE = ["then: voicemail", "then: end", "move: other"]


def queues(first: str) -> dict[str, str]:
    rules = f"{{when: waited > 5m, {first}}}, {{when: waited > 5m, then: voicemail}}"
    return {"q": f"queue: q\noverflow: [{rules}]", "other": "queue: other"}


@pytest.mark.parametrize("first", REFUSABLE)
async def test_whoever_is_not_taken_away_comes_to_the_rule_below(first: str) -> None:
    house = House(f"  - {{when: waited > 5m, {first}}}\n  - {{when: waited > 5m, then: voicemail}}")
    await house.caller("e1")
    await house.later(6 * MINUTE)
    assert await house.followed() == [("e1", "1", 301)]
    await house.store.come_back("e1", house.clock())
    await house.turn()
    assert [rule for _, rule, _ in await house.followed()] == ["1", "2"]
    assert (await house.entry("e1")).pending == {"then": "voicemail"}
    assert told(queues(first)) == "", "and the checker has nothing against it"


@pytest.mark.parametrize("first", SURE)
def test_below_what_takes_everybody_away_a_rule_is_for_nobody(first: str) -> None:
    assert "[unreachable-rule]" in told(queues(first))
