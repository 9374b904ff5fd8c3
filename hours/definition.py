"""Opening-hours files: the hours of a week, what holds on public holidays, and exceptional days."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from core.filemodel import FileModel, Problem, Texts, found, named, nearest, problem, problems
from core.files import Faults
from core.validation import read_model
from core.yamlfile import parse_yaml
from hours.dates import Date, NamedDay
from hours.openings import DayOpenings, Openings
from hours.public_holidays import is_region, names_in, regions
from hours.weekly import WeeklyOpenings

MOST_EXCEPTIONS = 400
KNOWN_YEARS = range(2020, 2036)
"""A holiday named in `worked` occurs in one of these."""


def _read_zone(value: Any) -> ZoneInfo:
    if not isinstance(value, str) or value not in available_timezones():
        near = nearest(value, sorted(available_timezones())) if isinstance(value, str) else ""
        raise problem("timezone", f"expected a time zone such as Europe/Paris, found {found(value)}{near}")
    return ZoneInfo(value)


def _read_region(value: Any) -> str:
    if not isinstance(value, str) or not is_region(value):
        raise problem("region", f"expected a region such as FR or FR-6AE, found {found(value)}{_near_region(value)}")
    return value


def _near_region(value: Any) -> str:
    country = value.partition("-")[0] if isinstance(value, str) else ""
    parts = regions().get(country)
    if not parts:
        return ""
    return nearest(str(value), [country, *(f"{country}-{part}" for part in parts)])


Zone = Annotated[
    ZoneInfo,
    PlainValidator(_read_zone),
    WithJsonSchema({"type": "string", "minLength": 1, "description": "A time zone such as Europe/Paris."}),
]
_REGION_SCHEMA = {
    "type": "string",
    "pattern": "^[A-Z]{2,3}(-.{1,40})?$",
    "description": "The region whose public holidays count: FR, FR-6AE (Alsace and Moselle), FR-974 (Réunion), …",
}
Region = Annotated[str, PlainValidator(_read_region), WithJsonSchema(_REGION_SCHEMA)]


class Holidays(FileModel):
    """The public holidays of a region: closed, unless `open` gives them times. Those that are `worked` (by their names
    in the country's language, such as Lundi de Pentecôte) are ordinary days."""

    region: Region
    open: DayOpenings = ()
    worked: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _worked_ones_are_known(self) -> "Holidays":
        known = sorted(names_in(self.region, KNOWN_YEARS)) if self.worked else []
        wrong = [
            Problem(
                "holiday", f"{self.region} has no public holiday {found(name)}{nearest(name, known)}", ("worked", at)
            )
            for at, name in enumerate(self.worked)
            if name not in known
        ]
        if wrong:
            raise problems(wrong)
        return self


class _OrRegion:
    """In the schema of a file: the region alone may be written."""

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"anyOf": [_REGION_SCHEMA, handler(core)]}


def _region_alone(value: Any) -> Any:
    return {"region": value} if isinstance(value, str) else value


HolidaysOrRegion = Annotated[Holidays, BeforeValidator(_region_alone), _OrRegion()]


class Exceptional(FileModel):
    """One day (`on`), or all days `from` one `to` another, on which other hours hold: `open`, the same each day
    (`closed` for none), or `weekly`."""

    on: NamedDay | None = None
    from_: Date | None = Field(None, alias="from")
    to: Date | None = None
    open: DayOpenings | None = None
    weekly: WeeklyOpenings | None = None
    because: Texts | None = Field(None, description="Why, for those who read the file.")

    @model_validator(mode="after")
    def _says_when_and_what(self) -> "Exceptional":
        wrong = []
        if (self.on is None) == (self.from_ is None and self.to is None):
            wrong.append(Problem("exception", "expected one day (on), or from and to"))
        elif (self.from_ is None) != (self.to is None):
            wrong.append(Problem("exception", "expected both from and to, found one of them"))
        elif self.from_ and self.to and self.to < self.from_:
            wrong.append(Problem("exception", f"it ends on {self.to}, before it begins", ("to",)))
        if (self.open is None) == (self.weekly is None):
            wrong.append(Problem("exception", "expected open (times, or closed) or weekly, one of them"))
        if wrong:
            raise problems(wrong)
        return self

    def holds_on(self, day: date) -> bool:
        if self.on:
            return self.on.is_on(day)
        return bool(self.from_ and self.to and self.from_ <= day <= self.to)

    def openings(self, day: date) -> Openings:
        """Of a day on which it holds."""
        if self.weekly is not None:
            return self.weekly.get(day.weekday(), ())
        return self.open or ()


class Hours(FileModel):
    """Opening hours as a file says them. An exceptional day wins over a public holiday, which wins over the week; where
    several exceptions hold on a day, the first one counts. What no line says is closed."""

    hours: Annotated[str, named("opening hours")]
    title: Texts | None = None
    timezone: Zone = ZoneInfo("Europe/Paris")
    weekly: WeeklyOpenings
    holidays: HolidaysOrRegion | None = None
    exceptions: Annotated[list[Exceptional], Field(max_length=MOST_EXCEPTIONS)] = Field(default_factory=list)

    @property
    def name(self) -> str:
        return self.hours


def load_hours(sources: Mapping[str, bytes], faults: Faults) -> Mapping[str, Hours]:
    """The opening hours in files, by the name that is shown of each file. What is wrong is added to the faults."""
    hours: dict[str, Hours] = {}
    files: dict[str, str] = {}
    for file in sorted(sources):
        before = len(faults.found)
        document = parse_yaml(sources[file], file, faults)
        read = read_model(Hours, document, faults) if document else None
        if document is None or read is None or len(faults.found) > before:
            continue
        if read.name in hours:
            message = f"the opening hours {read.name} stand in {files[read.name]} already"
            faults.add(document.place(("hours",)), message, "duplicate-hours")
            continue
        hours[read.name], files[read.name] = read, file
    return MappingProxyType(hours)
