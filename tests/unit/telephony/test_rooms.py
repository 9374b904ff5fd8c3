"""What Asterisk is told when an agent's phone is taken out of a conversation."""

from typing import Any

import pytest

from telephony.asterisk.ami import AmiAway, AmiRefused
from telephony.asterisk.rooms import Rooms

CALLER, AGENT, OTHER = "PJSIP/anonymous-1", "PJSIP/1001-web-2", "PJSIP/1003-3"


class Manager:
    """AMI: `bridges` says who talks with whom; what was asked is written down."""

    def __init__(self, *bridges: tuple[str, ...], refuses: str = "", away: bool = False) -> None:
        self.asked: list[dict[str, str]] = []
        self._bridges, self._refuses, self._away = bridges, refuses, away

    async def list_of(self, name: str) -> list[dict[str, str]]:
        if self._away:
            raise AmiAway("away")
        return [
            {"Channel": channel, "Uniqueid": f"id of {channel}", "BridgeId": f"bridge {number}"}
            for number, bridge in enumerate(self._bridges)
            for channel in bridge
        ]

    async def action(self, name: str, **fields: str) -> dict[str, str]:
        if name == self._refuses:
            raise AmiRefused("no such channel")
        self.asked.append({"Action": name, **fields})
        return {}

    def said(self, action: str) -> list[dict[str, str]]:
        return [{k: v for k, v in each.items() if k != "Action"} for each in self.asked if each["Action"] == action]


def rooms(manager: Any) -> Rooms:
    return Rooms(manager, f"id of {CALLER}", CALLER)


def marked(manager: Manager, channel: str) -> dict[str, str]:
    return {each["Variable"]: each["Value"] for each in manager.said("Setvar") if each["Channel"] == channel}


async def test_whoever_talks_with_the_caller_hangs_up_and_nobody_else() -> None:
    manager = Manager((CALLER, AGENT), ("PJSIP/x-1", "PJSIP/y-1"))
    await rooms(manager).part()
    assert manager.said("Hangup") == [{"Channel": AGENT, "Cause": "16"}]


async def test_a_caller_who_talks_with_nobody_is_left_alone() -> None:
    manager = Manager((AGENT, OTHER))
    await rooms(manager).part()
    assert manager.asked == []


async def test_the_agent_goes_to_ask_somebody_under_their_entry() -> None:
    manager = Manager((CALLER, AGENT))
    assert await rooms(manager).send_off("e1") == AGENT
    assert marked(manager, AGENT) == {"GUICHET_LEG": "e1", "GUICHET_ROOM": "", "GUICHET_END": ""}
    assert manager.said("Redirect") == [
        {"Channel": AGENT, "Context": "desk", "Exten": "consult", "Priority": "1"},
    ]


async def test_nobody_goes_to_ask_from_among_three() -> None:
    manager = Manager((CALLER, AGENT, OTHER))
    assert await rooms(manager).send_off("e1") == ""
    assert manager.said("Redirect") == []


async def test_whom_the_agent_talks_with_comes_into_the_room() -> None:
    manager = Manager((AGENT, OTHER))
    assert await rooms(manager).fetch(AGENT, "e2", "room-1") == OTHER
    assert marked(manager, OTHER) == {"GUICHET_LEG": "e2", "GUICHET_ROOM": "room-1", "GUICHET_END": ""}
    assert [each["Channel"] for each in manager.said("Redirect")] == [OTHER]


async def test_both_come_in_one_piece_so_that_neither_hangs_up_on_the_other() -> None:
    manager = Manager((AGENT, OTHER))
    assert await rooms(manager).fetch_both(AGENT, "e1", "e2", "room-1")
    assert marked(manager, AGENT)["GUICHET_LEG"] == "e1" and marked(manager, OTHER)["GUICHET_LEG"] == "e2"
    (redirected,) = manager.said("Redirect")
    assert (redirected["Channel"], redirected["ExtraChannel"]) == (OTHER, AGENT)
    assert redirected["Exten"] == redirected["ExtraExten"] == "room"


@pytest.mark.parametrize("manager", [Manager((CALLER, AGENT), refuses="Redirect"), Manager(away=True)])
async def test_what_cannot_be_done_is_said_and_never_raised(manager: Manager) -> None:
    assert await rooms(manager).send_off("e1") == ""
    assert not await rooms(manager).fetch_both(AGENT, "e1", "e2", "room-1")
    await rooms(manager).part()
