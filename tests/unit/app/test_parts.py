"""What a house has for its flows."""

from pathlib import Path

from app.parts import make_parts, parts_of
from app.settings import Settings, load
from core.clock import HandClock
from core.ids import counted_ids, random_id
from ivr.acts import Lookup, Refused
from ivr.model import PARTS
from queues.store.memory import MemoryStore
from telephony.parts import Parts
from tests.unit.telephony.town import flow, house_of

NUMBER = "+33809401401"


class NoCases:
    async def look_up(self, act: Lookup, call: str) -> Refused:
        return Refused("missing")


def parts(settings: Settings) -> Parts:
    towns = house_of(flow(start={"say": "Yes.", "then": "hangup"})).towns
    return make_parts(settings, towns, MemoryStore(HandClock(), counted_ids("event")), NoCases())


def test_a_house_without_a_carrier_puts_nobody_through(tmp_path: Path) -> None:
    settings = load(state=tmp_path, transfers=[NUMBER])
    assert parts(settings).transfers is None
    assert parts_of(settings) == {"answers", "directory", "hours", "lookups", "prompts", "recordings"}


def test_the_parts_that_are_told_are_those_that_are_there(tmp_path: Path) -> None:
    for settings in (load(state=tmp_path), load(state=tmp_path, trunks=["192.0.2.1"])):
        made = parts(settings)
        assert parts_of(settings) == {name for name in PARTS if getattr(made, name) is not None}


def test_only_the_numbers_of_the_settings_are_dialled(tmp_path: Path) -> None:
    settings = load(state=tmp_path, trunks=["192.0.2.1"], transfers=[NUMBER])
    transfers = parts(settings).transfers
    assert transfers is not None
    assert transfers.allowed(NUMBER)
    assert not transfers.allowed(f"{NUMBER}0")
    assert not transfers.allowed("0809401401")
    assert "transfers" in parts_of(settings)


def test_words_are_kept_where_asterisk_writes(tmp_path: Path) -> None:
    settings = load(state=tmp_path)
    recordings = parts(settings).recordings
    assert recordings is not None
    assert recordings.fresh(random_id()).is_relative_to(settings.asterisk_home)
