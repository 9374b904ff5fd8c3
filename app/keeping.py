"""What is kept of people and for how long, wired to this house's settings: erasures, terms, sealed notes."""

import os
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from app.settings import Settings
from asterisk_conf.write import RECORDINGS
from core.clock import wall_clock
from core.errors import GuichetError
from core.ids import random_id
from history.access import Usual
from history.erasure import Erasures
from history.ledger import Ledger
from history.pseudonyms import Pseudonyms, load_key
from history.retention import Terms
from history.sealing import Sealing, read_keys

NOTES_KEY = "GUICHET_NOTES_KEY"


class Recordings:
    """The files that hold somebody's voice."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.asterisk_home / RECORDINGS

    def delete(self, name: str) -> None:
        """A file that is gone already is no fault. Raises OSError where it cannot be deleted."""
        if not name or name != Path(name).name:
            raise FileNotFoundError(f"{name!r} is no recording's name")
        for file in (self._folder / name, self._folder / f"{name}.wav"):
            file.unlink(missing_ok=True)


def pseudonyms(settings: Settings) -> Pseudonyms:
    return Pseudonyms(load_key(settings.pseudonym_key))


def ledger(settings: Settings) -> Ledger:
    return Ledger(settings.erasures_file or settings.state / "erasures.jsonl")


def erasures(settings: Settings, engine: AsyncEngine) -> Erasures:
    return Erasures(engine, ledger(settings), pseudonyms(settings), wall_clock, random_id, Recordings(settings).delete)


async def erased_again(settings: Settings, engine: AsyncEngine) -> None:
    """Before anybody asks a database that may have come from a backup and was not served with since: whoever was erased
    is gone from it."""
    if ledger(settings).file.exists():
        await erasures(settings, engine).apply_missing()


def terms(settings: Settings) -> Terms:
    return Terms(
        recordings=settings.keep_recordings_days,
        digits=settings.keep_digits_days,
        notes=settings.keep_notes_days,
        persons=settings.keep_persons_days,
        access=settings.keep_access_days,
        poison=settings.keep_poison_days,
    )


def usual(settings: Settings) -> Usual:
    return Usual(settings.reads_persons_an_hour, settings.reads_found_an_hour, settings.reads_readers_a_day)


def sealing(settings: Settings) -> Sealing:
    """With the keys of the variable GUICHET_NOTES_KEY or of the file in the settings; without any, notes are kept in
    clear."""
    text = os.environ.get(NOTES_KEY, "")
    if settings.notes_key_file:
        try:
            text += "\n" + settings.notes_key_file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise GuichetError(f"notes_key_file {settings.notes_key_file} cannot be read: {error}.") from None
    return Sealing(read_keys(text))
