"""Facts looked up in a real system outside, which behaves badly on purpose."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.clock import HandClock
from core.errors import GuichetError
from history.outside.lookups import FAILURES, KEPT_MS, MISSING_KEPT_MS, MOST_BYTES, REST_MS, HttpLookups, Service
from ivr.acts import Done, Lookup, Refused

UNAVAILABLE, MISSING, TIMEOUT = Refused("unavailable"), Refused("missing"), Refused("timeout")


class Outside:
    """A system with cases. `say` is its next answer's body, `status` and `kind` its form."""

    def __init__(self) -> None:
        self.say: str | bytes = (
            '{"status": "open", "opened_on": "2026-11-02", "pages": 3, "urgent": false, "end": null}'
        )
        self.status, self.kind = 200, "application/json"
        self.hang = False
        self.asked: list[str] = []
        self.tokens: list[str | None] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(request.raw_path)
        self.tokens.append(request.headers.get("Authorization"))
        if self.hang:
            await asyncio.sleep(3_600)
        body = self.say if isinstance(self.say, bytes) else self.say.encode()
        return web.Response(status=self.status, body=body, content_type=self.kind, headers={"Location": "/stolen"})


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    outside = Outside()
    application = web.Application()
    application.router.add_get("/{any:.*}", outside.handle)
    server = TestServer(application)
    await server.start_server()
    outside.url = str(server.make_url("/api/cases/"))  # type: ignore[attr-defined]
    yield outside
    await server.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def lookups(outside: Outside, clock: HandClock) -> AsyncIterator[HttpLookups]:
    service = Service(outside.url + "{number}", "a token")  # type: ignore[attr-defined]
    lookups = HttpLookups({"case": service}, clock, limit_s=0.3)
    yield lookups
    await lookups.close()


def case(number: str = "12345678") -> Lookup:
    return Lookup("case", {"number": number})


async def test_what_is_found_is_plain_values_by_their_names(lookups: HttpLookups, outside: Outside):
    told = await lookups.look_up(case(), "c-1")
    assert told == Done({"status": "open", "opened_on": "2026-11-02", "pages": 3, "urgent": False, "end": None})
    assert outside.asked == ["/api/cases/12345678"]
    assert outside.tokens == ["Bearer a token"]


@pytest.mark.parametrize(
    "number", ["1?all=1", "1#x", "a/b", "é %", "%2e%2e", "a..b", "...", "%2F..%2F", "a;b", "https://elsewhere/", "-1"]
)
async def test_no_value_can_be_more_than_a_part_of_the_address(lookups: HttpLookups, outside: Outside, number: str):
    await lookups.look_up(case(number), "c-1")
    [path] = outside.asked
    assert path.startswith("/api/cases/")
    assert path.count("/") == 3
    assert "?" not in path


@pytest.mark.parametrize(
    "number",
    [".", "..", "../../admin", "a/../b", "a\\..\\b", "..;x", "./", "1\r\nX: y", "1\0", "\ud800", "x" * 501],
)
async def test_a_value_that_would_leave_its_place_is_no_key_and_not_asked_for(
    lookups: HttpLookups, outside: Outside, number: str
):
    """Servers and proxies resolve what climbs, quoted or not, before they look who is asked for."""
    for _ in range(FAILURES):
        assert await lookups.look_up(case(number), "c-1") == MISSING
    assert outside.asked == []
    assert isinstance(await lookups.look_up(case(), "c-1"), Done)


def test_two_values_make_no_way_out_together():
    service = Service("https://cases.example/api/{first}{second}/x")
    assert service.address({"first": ".", "second": "."}) is None
    assert service.address({"first": "1.", "second": "."}) == "https://cases.example/api/1../x"


@pytest.mark.parametrize("status", [400, 410, 414, 422])
async def test_a_key_that_it_cannot_take_is_missing_and_shuts_it_for_nobody(
    lookups: HttpLookups, outside: Outside, status: int
):
    outside.status = status
    for number in range(FAILURES + 3):
        assert await lookups.look_up(case(f"wrong-{number}"), "c-1") == MISSING
    outside.status = 200
    assert isinstance(await lookups.look_up(case(), "c-1"), Done)


@pytest.mark.parametrize("status", [401, 403, 405, 451])
async def test_what_it_refuses_to_say_is_unavailable_and_shuts_it_for_nobody(
    lookups: HttpLookups, outside: Outside, caplog: pytest.LogCaptureFixture, status: int
):
    outside.status = status
    for number in range(FAILURES + 3):
        assert await lookups.look_up(case(f"wrong-{number}"), "c-1") == UNAVAILABLE
    assert f"it answered {status}: see its token" in caplog.text
    outside.status = 200
    assert isinstance(await lookups.look_up(case(), "c-1"), Done)


async def test_nothing_found_is_missing_and_so_is_nothing_asked(lookups: HttpLookups, outside: Outside):
    outside.status = 404
    assert await lookups.look_up(case(), "c-1") == MISSING
    assert await lookups.look_up(Lookup("case", {"number": ""}), "c-1") == MISSING
    assert await lookups.look_up(Lookup("case", {}), "c-1") == MISSING
    assert len(outside.asked) == 1


async def test_a_service_that_nobody_named_is_not_there(lookups: HttpLookups):
    assert await lookups.look_up(Lookup("weather", {}), "c-1") == UNAVAILABLE


async def test_a_slow_system_costs_the_time_limit_and_no_more(lookups: HttpLookups, outside: Outside):
    outside.hang = True
    async with asyncio.timeout(10):
        assert await lookups.look_up(case(), "c-1") == TIMEOUT


@pytest.mark.parametrize(
    ("say", "status", "kind"),
    [
        ("{}", 500, "application/json"),
        ("{}", 302, "application/json"),
        ("{}", 401, "application/json"),
        ("<html>", 200, "text/html"),
        ("{", 200, "application/json"),
        ("[1]", 200, "application/json"),
        ('{"status": {"nested": 1}}', 200, "application/json"),
        ('{"status": ["a"]}', 200, "application/json"),
        ('{"__class__": "x"}', 200, "application/json"),
        ('{"number": NaN}', 200, "application/json"),
        ('{"number": 1e300}', 200, "application/json"),
        ("[" * 50_000, 200, "application/json"),
        (b'{"a": "\xff"}', 200, "application/json"),
        ('{"a": "' + "x" * MOST_BYTES + '"}', 200, "application/json"),
        ("{" + ",".join(f'"n{n}": 1' for n in range(51)) + "}", 200, "application/json"),
    ],
)
async def test_what_was_not_agreed_is_not_believed(
    lookups: HttpLookups, outside: Outside, say: str | bytes, status: int, kind: str
):
    outside.say, outside.status, outside.kind = say, status, kind
    assert await lookups.look_up(case(), "c-1") == UNAVAILABLE
    assert len(outside.asked) == 1


async def test_texts_are_cleaned_at_the_door(lookups: HttpLookups, outside: Outside):
    outside.say = '{"status": "op\\u202een\\u0000\\nnow", "title": "' + "x" * 2_000 + '"}'
    told = await lookups.look_up(case(), "c-1")
    assert isinstance(told, Done)
    assert told.values["status"] == "open now"
    assert len(str(told.values["title"])) == 500


async def test_an_answer_is_kept_for_a_moment(lookups: HttpLookups, outside: Outside, clock: HandClock):
    for _ in range(3):
        await lookups.look_up(case(), "c-1")
    assert len(outside.asked) == 1
    clock.advance(KEPT_MS)
    outside.status = 404
    assert await lookups.look_up(case(), "c-1") == MISSING
    assert await lookups.look_up(case(), "c-1") == MISSING
    clock.advance(MISSING_KEPT_MS)
    outside.status = 200
    assert isinstance(await lookups.look_up(case(), "c-1"), Done)
    assert len(outside.asked) == 3


async def test_many_at_once_ask_once(lookups: HttpLookups, outside: Outside):
    told = await asyncio.gather(*(lookups.look_up(case(), f"c-{n}") for n in range(20)))
    assert len({str(one) for one in told}) == 1
    assert len(outside.asked) == 1


async def test_a_caller_who_hangs_up_does_not_call_it_off_for_others(lookups: HttpLookups):
    first, second = (asyncio.create_task(lookups.look_up(case(), f"c-{n}")) for n in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert isinstance(await second, Done)


@pytest.mark.parametrize("status", [500, 503, 302, 408, 429])
async def test_one_that_fails_again_and_again_is_left_alone_for_a_while(
    lookups: HttpLookups, outside: Outside, clock: HandClock, status: int
):
    outside.status = status
    for number in range(FAILURES + 3):
        assert await lookups.look_up(case(str(number)), "c-1") == UNAVAILABLE
    assert len(outside.asked) == FAILURES
    clock.advance(REST_MS)
    outside.status = 200
    assert isinstance(await lookups.look_up(case("9"), "c-1"), Done)


@pytest.mark.parametrize("url", ["cases.example/{number}", "ftp://x/{number}", "https://{host}/x", "https://u:p@x/y",
                                 "https://x/a/../{number}"])  # fmt: skip
def test_an_address_that_cannot_be_is_a_sentence(url: str):
    with pytest.raises(GuichetError, match="not an address like"):
        Service(url)


async def test_an_answer_that_is_no_http_is_logged_without_the_address(
    clock: HandClock, caplog: pytest.LogCaptureFixture
):
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"what would you like?\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lookups = HttpLookups({"case": Service(f"http://127.0.0.1:{port}/cases/{{number}}")}, clock)
    assert await lookups.look_up(case("612345678"), "c-1") == UNAVAILABLE
    assert "lookup case:" in caplog.text
    assert "612345678" not in caplog.text
    await lookups.close()
    server.close()
    await server.wait_closed()
