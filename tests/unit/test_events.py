"""Events as everybody makes them."""

import pytest

from core.events import KINDS, Event
from queues.facts import OF_AGENT, OF_ENTRY


def test_an_event_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"unknown kind of event: 'entry\.vanished'"):
        Event("1", "entry.vanished", 0)


def test_each_event_has_data_of_its_own() -> None:
    assert Event("1", "call.ended", 0).data is not Event("2", "call.ended", 0).data


def test_commits_tell_known_kinds_of_events_only() -> None:
    assert {*OF_ENTRY, *OF_AGENT} <= {*KINDS}
