"""The public holidays of a region, as the library `holidays` knows them: FR, FR-6AE (Alsace and Moselle), FR-974, BE, …

Subdivisions go by ISO 3166-2."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

import holidays

ALIASES = {
    "FR-GF": "FR-973", "FR-GP": "FR-971", "FR-MQ": "FR-972", "FR-RE": "FR-974", "FR-YT": "FR-976",
    "FR-67": "FR-6AE", "FR-68": "FR-6AE",
}  # fmt: skip
"""Codes that people use and the library does not know: of overseas departments, and of those of Alsace."""
MOST_YEARS = range(1970, 2101)


@cache
def regions() -> Mapping[str, tuple[str, ...]]:
    """The subdivisions of each country that is known, under all their names."""
    known = holidays.list_supported_countries(include_aliases=True)
    return MappingProxyType({country: tuple(map(str, parts)) for country, parts in known.items()})


def is_region(region: str) -> bool:
    country, dash, part = ALIASES.get(region, region).partition("-")
    return country in regions() and (not dash or part in regions()[country])


@cache
def names_of(region: str, year: int, language: str = "") -> Mapping[date, str]:
    """The names of that year's public holidays by their days; those of one day with `; ` between them. In the
    country's own language unless one is given."""
    if year not in MOST_YEARS:
        return {}
    country, _, part = ALIASES.get(region, region).partition("-")
    own = language or holidays.country_holidays(country).default_language
    found = holidays.country_holidays(country, subdiv=part or None, years=year, language=own)
    return MappingProxyType({day: name for day, name in found.items() if day.year == year})


def names_in(region: str, years: range) -> frozenset[str]:
    """Every holiday's name that occurs in those years."""
    return frozenset(name for year in years for names in names_of(region, year).values() for name in names.split("; "))
