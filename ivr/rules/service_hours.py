"""Opening hours of services that are not there."""

from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import InFile, TownRule
from ivr.checking.town import TownView


class ServiceHours(TownRule):
    """The opening hours that a service names stand in the town's hours."""

    good = {"directory/ccas": "service: ccas\ntitle: L'aide sociale\nhours: mairie\n"}  # noqa: RUF012
    bad = {"directory/ccas": "service: ccas\ntitle: L'aide sociale\nhours: mairei\n"}  # noqa: RUF012

    def look(self, town: TownView) -> Iterator[tuple[InFile, Finding]]:
        for filed in town.service_files.values():
            hours = filed.thing.hours
            if hours is not None and town.hours is not None and hours not in town.hours:
                message = f"no opening-hours file is called {hours}"
                yield filed, Finding(("hours",), message, name=hours, known=town.hours)
