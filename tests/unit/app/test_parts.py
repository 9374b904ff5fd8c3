"""What a house has for its flows."""

from pathlib import Path
from typing import Any

from app.parts import make_parts, parts_of
from app.settings import load
from core.ids import random_id

NUMBER = "+33809401401"
NO_TOWNS: Any = None
"""Nothing is asked of them here."""


def test_a_house_without_a_carrier_puts_nobody_through(tmp_path: Path) -> None:
    settings = load(state=tmp_path, transfers=[NUMBER])
    assert make_parts(settings, NO_TOWNS).transfers is None
    assert parts_of(settings) == {"answers", "directory", "prompts", "recordings"}


def test_only_the_numbers_of_the_settings_are_dialled(tmp_path: Path) -> None:
    settings = load(state=tmp_path, trunks=["192.0.2.1"], transfers=[NUMBER])
    transfers = make_parts(settings, NO_TOWNS).transfers
    assert transfers is not None
    assert transfers.allowed(NUMBER)
    assert not transfers.allowed(f"{NUMBER}0")
    assert not transfers.allowed("0809401401")
    assert "transfers" in parts_of(settings)


def test_words_are_kept_where_asterisk_writes(tmp_path: Path) -> None:
    settings = load(state=tmp_path)
    recordings = make_parts(settings, NO_TOWNS).recordings
    assert recordings is not None
    assert recordings.fresh(random_id()).is_relative_to(settings.asterisk_home)
