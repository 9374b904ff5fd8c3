"""Facts from systems outside, by HTTP: bounded in time and size, kept for a moment, believed only as far as they are
plain values. A system that fails again and again is left alone for a while, so that callers do not all wait for it;
what it refuses is no failure, or one caller with wrong keys could shut it for everybody."""

import asyncio
import json
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import aiohttp

from core.clock import Clock, wall_clock
from core.errors import GuichetError
from history.projection.data import clean_words
from ivr.acts import Done, Lookup, Refused, Value

log = logging.getLogger(__name__)

LIMIT_S = 2.0
KEPT_MS, MISSING_KEPT_MS = 30_000, 5_000
MOST_KEPT = 2_000
MOST_BYTES = 64_000
MOST_NAMES = 50
LONGEST_TEXT = 500
FAILURES, REST_MS = 5, 10_000
"""After so many failures one after the other it is not asked for so long."""

NO_SUCH_KEY = frozenset({400, 404, 410, 414, 422})
"""It answers, and knows of nothing by such a key."""
OUT_OF_BREATH = frozenset({408, 429})
"""Of the 4xx, those that are about the system itself."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PLACE = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}")

Told = Done | Refused
UNAVAILABLE, MISSING, TIMEOUT = Refused("unavailable"), Refused("missing"), Refused("timeout")


class NotBelieved(Exception):
    """What came back is not what was agreed."""


class NotAllowed(Exception):
    """It works, and refuses to say."""


@dataclass(frozen=True, slots=True)
class Service:
    """`url` with places to fill in: `https://cases.example/api/{number}`. The token goes as a bearer's."""

    url: str
    token: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"https?://[^\s{}#@]+/[^\s#]*", self.url) or _climbs(self.url):
            raise GuichetError(
                f"settings: lookups: {self.url[:80]!r} is not an address like https://cases.example/api/{{number}}."
            )

    def address(self, given: Mapping[str, Value]) -> str | None:
        """Each place filled in, so that no value can be more than that; None where one is not given or cannot be a
        key."""
        keys = {name: _as_key(given.get(name)) for name in _PLACE.findall(self.url)}
        if not all(keys.values()):
            return None
        filled = _PLACE.sub(lambda place: keys[place[1]], self.url)
        return None if _climbs(filled) else filled


def _as_key(value: Value) -> str:
    """As it stands in an address; '' for what is nothing, too long, or no text that can be sent."""
    text = "" if value is None else str(value)
    if len(text) > LONGEST_TEXT or _CONTROL.search(text):
        return ""
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:  # half a character
        return ""


def _climbs(address: str) -> bool:
    """Whether `.` or `..` stands between its slashes, plain or quoted: whoever resolves them, there or on the way,
    ends up at another place. What follows a `;` does not count for some."""
    path = unquote(address.partition("?")[0].partition("://")[2].partition("/")[2])
    return any(part.partition(";")[0] in (".", "..") for part in re.split(r"[/\\]", path))


class HttpLookups:
    """The port telephony.parts.Lookups. `close` at the end."""

    def __init__(self, services: Mapping[str, Service], clock: Clock = wall_clock, limit_s: float = LIMIT_S) -> None:
        self._services, self._clock, self._limit_s = services, clock, limit_s
        self._session: aiohttp.ClientSession | None = None
        self._kept: OrderedDict[str, tuple[int, Told]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Told]] = {}
        self._failures: dict[str, int] = {}
        self._rest_until: dict[str, int] = {}

    async def look_up(self, act: Lookup, call: str) -> Told:
        """Done with what was found, or Refused: missing, timeout, unavailable. Never raises."""
        service = self._services.get(act.service)
        if service is None:
            return UNAVAILABLE
        address = service.address(act.given)
        if address is None:
            return MISSING
        if kept := self._kept_answer(address):
            return kept
        if self._clock() < self._rest_until.get(act.service, 0):
            return UNAVAILABLE
        asking = self._asking.get(address)
        if asking is None:
            asking = self._asking[address] = asyncio.create_task(self._ask(act.service, service, address))
            asking.add_done_callback(lambda _: self._asking.pop(address, None))
        told = await asyncio.shield(asking)
        if isinstance(told, Refused) and told is not MISSING:
            log.info("call %s: %s could not be looked up: %s", call, act.service, told.reason)
        return told

    async def close(self) -> None:
        for asking in list(self._asking.values()):
            asking.cancel()
        if self._session:
            await self._session.close()

    # --- one question ---------------------------------------------------------------------------------------------

    async def _ask(self, name: str, service: Service, address: str) -> Told:
        told: Told
        try:
            async with asyncio.timeout(self._limit_s):
                told = await self._fetch(service, address)
        except TimeoutError:
            told = TIMEOUT
        except NotAllowed as error:
            log.warning("lookup %s: %s: see its token and its address in the settings", name, error)
            self._failures[name] = 0
            return UNAVAILABLE
        except (aiohttp.ClientError, OSError, NotBelieved, ValueError) as error:
            log.warning("lookup %s: %s", name, _said(error))
            told = UNAVAILABLE
        self._remember(name, address, told)
        return told

    async def _fetch(self, service: Service, address: str) -> Told:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Accept": "application/json"}, cookie_jar=aiohttp.DummyCookieJar()
            )
        headers = {"Authorization": f"Bearer {service.token}"} if service.token else {}
        async with self._session.get(address, headers=headers, allow_redirects=False) as answer:
            if answer.status in NO_SUCH_KEY:
                return MISSING
            if 400 <= answer.status < 500 and answer.status not in OUT_OF_BREATH:
                raise NotAllowed(f"it answered {answer.status}")
            if answer.status != 200:
                raise NotBelieved(f"it answered {answer.status}")
            if answer.content_type != "application/json":
                raise NotBelieved(f"it answered {answer.content_type[:60]} instead of application/json")
            body = await answer.content.read(MOST_BYTES + 1)
            while len(body) <= MOST_BYTES and not answer.content.at_eof():
                body += await answer.content.read(MOST_BYTES + 1 - len(body))
        if len(body) > MOST_BYTES:
            raise NotBelieved(f"it answered more than {MOST_BYTES} bytes")
        return Done(believed(body))

    # --- what is kept ---------------------------------------------------------------------------------------------

    def _kept_answer(self, address: str) -> Told | None:
        until, told = self._kept.get(address, (0, UNAVAILABLE))
        return told if self._clock() < until else None

    def _remember(self, name: str, address: str, told: Told) -> None:
        now = self._clock()
        if isinstance(told, Done) or told is MISSING:
            self._failures[name] = 0
            self._kept[address] = now + (KEPT_MS if isinstance(told, Done) else MISSING_KEPT_MS), told
            self._kept.move_to_end(address)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return
        self._failures[name] = self._failures.get(name, 0) + 1
        if self._failures[name] >= FAILURES:
            self._rest_until[name] = now + REST_MS
            log.error(
                "lookup %s failed %d times: it is not asked for %d s", name, self._failures[name], REST_MS // 1000
            )


def _said(error: Exception) -> str:
    """Without the address, in which a caller's number or case may stand."""
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{error.status} {ascii(error.message)[:200]}"
    if isinstance(error, aiohttp.InvalidURL):
        return "the address cannot be asked"
    return ascii(str(error))[:300]


def believed(body: bytes) -> dict[str, Value]:
    """A flat JSON object of names and plain values. Raises NotBelieved for anything else."""
    try:
        found: Any = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotBelieved("it did not answer JSON") from None
    if not isinstance(found, dict) or len(found) > MOST_NAMES:
        raise NotBelieved(f"it did not answer an object of at most {MOST_NAMES} names")
    return {_name(name): _value(name, value) for name, value in found.items()}


def _refuse(word: str) -> None:
    raise ValueError(word)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotBelieved(f"a name in its answer is no name of a value: {name[:40]}")
    return name


def _value(name: str, value: Any) -> Value:
    if isinstance(value, str):
        return clean_words(value, LONGEST_TEXT).replace("\n", " ")
    if value is None or isinstance(value, bool) or (isinstance(value, int | float) and abs(value) < 2**53):
        return value
    raise NotBelieved(f"{name} in its answer is neither text, number, truth nor nothing")
