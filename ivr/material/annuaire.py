"""The public directory of the French administration, read into services and opening hours of a town.

It is published by the DILA (Service-Public.fr) under the Licence Ouverte 2.0 of Etalab, which asks that the source and
the date be told: each service keeps them under `source`. Three forms of it are taken: the file of local services
(`{"service": […]}`), an answer of its API (`{"results": […]}`, where lists may be texts that hold JSON), a plain list.

Of each service: `nom`, `pivot` (`type_service_local`, `code_insee_commune`), `telephone` (`valeur`), `plage_ouverture`
(`nom_jour_debut`, `nom_jour_fin`, `valeur_heure_debut_1`, …), `adresse`, `adresse_courriel`, `site_internet`,
`mission`, `id`, `date_modification`. Whatever stands there is taken for hostile: unknown keys are passed over, texts
are cleaned and cut, and what could not be read rightly is told rather than guessed.
"""

import itertools
import json
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from core.errors import GuichetError
from ivr.material.service import MOST_COMMUNES, is_commune

MOST_BYTES = 50_000_000
MOST_SERVICES = 5_000
MOST_INSIDE = 200_000
"""Characters of a list that stands as a text."""
LONGEST_TEXT = 500
LONGEST_SLUG = 50
SOURCE = "Annuaire de l'administration, DILA (Service-Public.fr)"
LICENCE = "Licence Ouverte 2.0"
DAYS: Mapping[str, str] = {
    "lundi": "monday", "mardi": "tuesday", "mercredi": "wednesday", "jeudi": "thursday", "vendredi": "friday",
    "samedi": "saturday", "dimanche": "sunday",
}  # fmt: skip
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(:[0-5][0-9])?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{2})/([0-9]{2})/([0-9]{4})")
_EMAIL = re.compile(r"[^@\s<>\"']{1,100}@[^@\s<>\"']{1,150}")

Number = Callable[[str], str]
"""A telephone number as it is dialled (`+33…`, `3949`), '' for what is none."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A service as its two files would say it. `hours` is None where none are told, or not so that they could be read;
    `notes` say what was left out, for a person to look at."""

    name: str
    service: Mapping[str, Any]
    hours: Mapping[str, Any] | None = None
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return str(self.service["source"]["id"])


@dataclass(slots=True)
class Wanted:
    """Which services are taken. Empty: all of them. `topics`: other names for the directory's types of service."""

    communes: Collection[str] = ()
    types: Collection[str] = ()
    topics: Mapping[str, str] = field(default_factory=dict)


def read_directory(raw: bytes, wanted: Wanted, number: Number) -> list[Imported]:
    """The services that are wanted. GuichetError where the file is not of that form, or too large."""
    if len(raw) > MOST_BYTES:
        raise GuichetError(
            f"The file has more than {MOST_BYTES // 1_000_000} MB: take a part of the directory, such as a department."
        )
    found: list[Imported] = []
    taken: set[str] = set()
    ids: set[str] = set()
    for record in _records(raw):
        imported = _imported(record, wanted, number, taken)
        if imported and not (imported.id and imported.id in ids):
            found.append(imported)
            taken.add(imported.name)
            ids.add(imported.id)
        if len(found) > MOST_SERVICES:
            raise GuichetError(f"More than {MOST_SERVICES} services are in the file: say which communes, by --commune.")
    return found


def _records(raw: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        data = json.loads(raw.decode("utf-8-sig"), parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise GuichetError("The file is not JSON: take the directory's JSON file, or an answer of its API.") from None
    if isinstance(data, dict):
        data = data.get("service", data.get("results"))
    if not isinstance(data, list):
        raise GuichetError('The file is not of the directory: no list stands under "service" or "results".')
    yield from (record for record in data if isinstance(record, dict))


def _imported(record: Mapping[str, Any], wanted: Wanted, number: Number, taken: Collection[str]) -> Imported | None:
    title = _text(record.get("nom"))
    pivots = [pivot for pivot in _list(record.get("pivot")) if isinstance(pivot, dict)]
    if not title or not _is_wanted(record, pivots, wanted):
        return None
    notes: list[str] = []
    name = _free_name(_slug(title), taken)
    service: dict[str, Any] = {"service": name, "title": title}
    if about := _text(record.get("mission")):
        service["about"] = about
    if dialled := next(filter(None, map(number, _values(record.get("telephone")))), ""):
        service["number"] = dialled
    else:
        notes.append("no telephone number that could be read")
    hours = _hours(name, title, _list(record.get("plage_ouverture")), notes)
    if hours:
        service["hours"] = name
    if competence := _competence(pivots, wanted, notes):
        service["competence"] = competence
    if address := _address(_list(record.get("adresse"))):
        service["address"] = address
    if site := next(filter(_is_site, _values(record.get("site_internet"))), ""):
        service["website"] = site
    if email := next(filter(_EMAIL.fullmatch, map(_text, _list(record.get("adresse_courriel")))), ""):
        service["email"] = email
    service["source"] = {"name": SOURCE, "id": _text(record.get("id"))[:200], "licence": LICENCE}
    if updated := _date(_text(record.get("date_modification"))):
        service["source"]["updated"] = updated
    return Imported(name, service, hours, tuple(notes))


def _is_wanted(record: Mapping[str, Any], pivots: Collection[Mapping[str, Any]], wanted: Wanted) -> bool:
    if wanted.types and not any(pivot.get("type_service_local") in wanted.types for pivot in pivots):
        return False
    if not wanted.communes:
        return True
    served = {code for pivot in pivots for code in _list(pivot.get("code_insee_commune")) if isinstance(code, str)}
    return bool(served & set(wanted.communes)) or record.get("code_insee_commune") in wanted.communes


def _competence(pivots: Collection[Mapping[str, Any]], wanted: Wanted, notes: list[str]) -> list[dict[str, Any]]:
    competence: list[dict[str, Any]] = []
    for pivot in pivots:
        kind = _text(pivot.get("type_service_local"))
        topic = wanted.topics.get(kind) or _slug(kind)
        if not topic or any(each["topic"] == topic for each in competence):
            continue
        codes = [code for code in _list(pivot.get("code_insee_commune")) if is_commune(code)]
        communes = [code for code in dict.fromkeys(codes) if not wanted.communes or code in wanted.communes]
        if len(communes) > MOST_COMMUNES:
            notes.append(f"{topic}: more than {MOST_COMMUNES} communes; say which, by --commune")
            continue
        competence.append({"topic": topic, "communes": communes} if communes else {"topic": topic})
    return competence


# --- opening hours ------------------------------------------------------------------------------------------------


def _hours(name: str, title: str, ranges: list[Any], notes: list[str]) -> dict[str, Any] | None:
    days: dict[str, list[tuple[str, str]]] = {}
    for each in ranges:
        times = _times(each) if isinstance(each, dict) else None
        names = _days(each) if isinstance(each, dict) else []
        if not times or not names:
            notes.append("opening hours that could not be read: look at them, and write them yourself")
            return None
        if comment := _text(each.get("commentaire")):
            notes.append(f"of its opening hours it is said: {comment}")
        for day in names:
            days.setdefault(day, []).extend(times)
    if not days:
        return None
    weekly: dict[str, str] = {}
    for day in DAYS.values():
        if day in days:
            openings = sorted(set(days[day]))
            if any(after[0] <= before[1] for before, after in itertools.pairwise(openings)):
                notes.append(f"opening hours of {day} that overlap: look at them, and write them yourself")
                return None
            weekly[day] = ", ".join(f"{begin}-{end}" for begin, end in openings)
    return {"hours": name, "title": title, "weekly": weekly, "holidays": "FR"}


def _days(each: Mapping[str, Any]) -> list[str]:
    first, last = (_text(each.get(key)).casefold() for key in ("nom_jour_debut", "nom_jour_fin"))
    names = list(DAYS)
    if first not in names or (last and last not in names):
        return []
    begin, end = names.index(first), names.index(last or first)
    return [DAYS[name] for name in (names[begin : end + 1] if begin <= end else [*names[begin:], *names[: end + 1]])]


def _times(each: Mapping[str, Any]) -> list[tuple[str, str]]:
    times = []
    for part in ("1", "2"):
        begin, end = (_text(each.get(f"valeur_heure_{which}_{part}")) for which in ("debut", "fin"))
        if not begin and not end:
            continue
        if not (_TIME.fullmatch(begin) and _TIME.fullmatch(end)) or begin >= end:
            return []
        times.append((begin[:5], end[:5]))
    return times


# --- small things -------------------------------------------------------------------------------------------------


def _list(value: Any) -> list[Any]:
    """A list; one that stands as a text is read; a single thing is a list of one."""
    if isinstance(value, str) and value[:1] in "[{" and len(value) <= MOST_INSIDE:
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if isinstance(value, list):
        return value[:10_000]
    return [] if value in (None, "") else [value]


def _values(value: Any) -> list[str]:
    """What stands under `valeur` of each."""
    return [_text(each.get("valeur")) for each in _list(value) if isinstance(each, dict)]


def _text(value: Any) -> str:
    """One clean line."""
    if not isinstance(value, str):
        return ""
    short = unicodedata.normalize("NFC", value[: LONGEST_TEXT * 2])
    visible = "".join(" " if c.isspace() or unicodedata.category(c)[0] == "C" else c for c in short)
    return " ".join(visible.split())[:LONGEST_TEXT].strip()


def _slug(text: str) -> str:
    """A name as files have it: small letters, digits and dashes; '' where no letter is in the text."""
    apart = unicodedata.normalize("NFD", text.casefold())
    words = re.findall(r"[a-z0-9]+", "".join(each for each in apart if not unicodedata.combining(each)))
    return "-".join(words).lstrip("0123456789-")[:LONGEST_SLUG].rstrip("-")


def _free_name(slug: str, taken: Collection[str]) -> str:
    name, number = slug or "service", 2
    while name in taken:
        ending = f"-{number}"
        name, number = f"{(slug or 'service')[: LONGEST_SLUG - len(ending)]}{ending}", number + 1
    return name


def _address(addresses: list[Any]) -> str:
    for each in addresses:
        if isinstance(each, dict):
            town = " ".join(filter(None, (_text(each.get("code_postal")), _text(each.get("nom_commune")))))
            lines = (_text(each.get("complement1")), _text(each.get("numero_voie")), town)
            if address := ", ".join(filter(None, lines)):
                return address
    return ""


def _is_site(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and " " not in text


def _date(text: str) -> str:
    match = _DATE.match(text)
    if not match:
        return ""
    year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], match[5], match[4])
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
