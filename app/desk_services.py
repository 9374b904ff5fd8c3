"""The services of the town's directory, as a desk may send callers to them."""

from collections.abc import Sequence

from app.parts import transfers_of
from app.settings import Settings
from app.towns import KeptTowns
from core.clock import Clock, wall_clock
from ivr.acts import Done, Service
from queues.store.port import Store
from telephony.material import TownDirectory
from telephony.opening import TownHours
from telephony.parts import Transfers
from web.desk.moves import ServicePlace

SHOWN_IN = "fr"
"""The language in which the directory is asked; what it is called is told in all of them."""


def desk_services(settings: Settings, towns: KeptTowns, store: Store) -> "DeskServices":
    """As the engines know them."""
    directory = TownDirectory(towns, TownHours(towns, store))
    return DeskServices(towns, directory, transfers_of(settings), wall_clock)


class DeskServices:
    """Of the town that is live. `transfers`: which numbers may be dialled; None: none at all."""

    def __init__(self, towns: KeptTowns, directory: TownDirectory, transfers: Transfers | None, clock: Clock) -> None:
        self._towns, self._directory, self._transfers, self._clock = towns, directory, transfers, clock

    async def all(self) -> Sequence[ServicePlace]:
        """Those that have a number; one whose hours are not known is not open."""
        town, now = self._towns.live(), self._clock()
        places = []
        for service in town.services.values():
            if not service.number:
                continue
            opening = await self._directory.service(Service(service.name, SHOWN_IN), now, town.version)
            is_open = isinstance(opening, Done) and bool(opening.values["open"])
            allowed = bool(self._transfers and self._transfers.allowed(service.number))
            told = service.context is not None
            places.append(ServicePlace(service.name, titles(service.title), is_open, allowed, told))
        return places


def titles(title: object) -> dict[str, str]:
    return {"fr": title, "en": title} if isinstance(title, str) else dict(title)  # type: ignore[call-overload]
