"""The parts of this house that flows may use. What is not here is told to flows as not available."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from app.outside import services
from app.settings import Settings
from app.town import PROMPTS
from asterisk_conf.write import RECORDINGS
from core.ids import random_id
from history.outside.lookups import HttpLookups
from ivr.acts import Lookup, Refused
from queues.store.port import Store
from speech.prompts import TownSounds
from telephony.house import Towns
from telephony.material import TownAnswers, TownDirectory
from telephony.opening import TownHours
from telephony.parts import Parts, Told
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


class Look(Protocol):
    """What answers one of the house's own look-ups."""

    async def look_up(self, act: Lookup, call: str) -> Told: ...


class HouseLookups:
    """Look-ups by their service's name; one that the settings name goes before the house's own `case`."""

    def __init__(self, services: Mapping[str, Look]) -> None:
        self._services = services

    async def look_up(self, act: Lookup, call: str) -> Told:
        service = self._services.get(act.service)
        return await service.look_up(act, call) if service else Refused("unavailable")


def parts_of(settings: Settings) -> set[str]:
    """The names of the parts that a house with these settings has (ivr.model.PARTS)."""
    always = {"answers", "directory", "hours", "lookups", "prompts", "recordings"}
    return always | ({"transfers"} if settings.trunks else set())


def make_parts(settings: Settings, towns: Towns, store: Store, cases: Look) -> Parts:
    """Transfers need a carrier: without one nothing is dialled outside at all."""
    hours, outside = TownHours(towns, store), HttpLookups(services(settings))
    return Parts(
        answers=TownAnswers(towns, settings.public_url),
        directory=TownDirectory(towns, hours),
        hours=hours,
        lookups=HouseLookups({"case": cases, **dict.fromkeys(settings.lookups, outside)}),
        prompts=PublishedSounds(settings.state, settings.asterisk_home / "sounds" / "played"),
        recordings=RecordingsFolder(settings.asterisk_home / RECORDINGS, random_id),
        transfers=transfers_of(settings),
    )


def transfers_of(settings: Settings) -> AllowedNumbers | None:
    """Who may be dialled outside; None where no way leads there."""
    return AllowedNumbers(settings.transfers) if settings.trunks else None
