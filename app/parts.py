"""The parts of this house that flows may use. What is not here is told to flows as not available."""

from collections.abc import Collection
from pathlib import Path

from app.outside import services
from app.settings import Settings
from app.town import PROMPTS
from asterisk_conf.write import RECORDINGS
from core.ids import random_id
from history.outside.lookups import HttpLookups
from queues.store.port import Store
from speech.prompts import TownSounds
from telephony.house import Towns
from telephony.material import TownAnswers, TownDirectory
from telephony.opening import TownHours
from telephony.parts import Parts
from telephony.recordings import RecordingsFolder
from versions import disk


class AllowedNumbers:
    """Only the numbers of the settings are dialled outside, each as it stands there."""

    def __init__(self, numbers: Collection[str]) -> None:
        self._numbers = frozenset(numbers)

    def allowed(self, number: str) -> bool:
        return number in self._numbers


class PublishedSounds:
    """The sound files of each version, which never change; of a version that is not on this machine, there are none."""

    def __init__(self, state: Path, folder: Path) -> None:
        self._state, self._folder = state, folder
        self._of: dict[str, TownSounds] = {}

    async def sound(self, file: str, language: str, version: str) -> str | None:
        sounds = self._of.get(version)
        if sounds is None:
            kept = disk.folder_of(self._state, version)
            if kept is None:
                return None
            sounds = self._of[version] = TownSounds(kept / PROMPTS, self._folder)
        return await sounds.sound(file, language)


def parts_of(settings: Settings) -> set[str]:
    """The names of the parts that a house with these settings has (ivr.model.PARTS)."""
    always = {"answers", "directory", "hours", "prompts", "recordings"}
    lookups = {"lookups"} if settings.lookups else set()
    return always | lookups | ({"transfers"} if settings.trunks else set())


def make_parts(settings: Settings, towns: Towns, store: Store) -> Parts:
    """Transfers need a carrier: without one nothing is dialled outside at all."""
    hours = TownHours(towns, store)
    return Parts(
        answers=TownAnswers(towns, settings.public_url),
        directory=TownDirectory(towns, hours),
        hours=hours,
        lookups=HttpLookups(services(settings)) if settings.lookups else None,
        prompts=PublishedSounds(settings.state, settings.asterisk_home / "sounds" / "played"),
        recordings=RecordingsFolder(settings.asterisk_home / RECORDINGS, random_id),
        transfers=AllowedNumbers(settings.transfers) if settings.trunks else None,
    )
