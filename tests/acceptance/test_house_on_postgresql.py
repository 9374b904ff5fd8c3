"""A house whose history is in PostgreSQL, whose cases stand in a system outside, and which pushes its contacts: a call
from end to end, and nothing of who called in any log."""

import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import make_url

from app.bench.house import OwnHouse
from app.install.native import Native
from core.clock import wall_clock
from core.ids import random_id
from history.database import make_engine
from history.pop import Pop, ScreenPops
from history.statements import Statements
from queues.store.redis import RedisStore
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import AgentPhone, Caller, House, until
from tests.ports import own
from tests.postgresql import Postgresql, postgresql  # noqa: F401 — a fixture

DOSSIERS = Path(__file__).parent / "dossiers"
HOST, PORT = "127.0.24.6", own(22560)
OUTSIDE = f"http://{HOST}:{PORT}"
TOKEN, SECRET = "the town's own token", "sixteen characters, or more"
CASES = {"4242": {"status": "open", "opened_on": "2026-11-02"}}
SIGNATURE = re.compile(r"t=(\d+),v1=([0-9a-f]{64})")


@pytest.fixture(scope="module")
def own_house(native: Native, postgresql: Postgresql) -> Iterator[OwnHouse]:  # noqa: F811
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GUICHET_LOOKUP_CASE_TOKEN", TOKEN)
        environment.setenv("GUICHET_WEBHOOK_LEDGER_SECRET", SECRET)
        with OwnHouse(
            DOSSIERS, first_port=FIRST_PORT, last_port=LAST_PORT, database_url=postgresql.fresh_url(),
            lookups={"case": f"{OUTSIDE}/cases/{{number}}"}, webhooks={"ledger": f"{OUTSIDE}/contacts"},
        ) as own:  # fmt: skip
            assert make_url(own.settings.sql_url).get_backend_name() == "postgresql"
            yield own


class Outside:
    """The town's system of cases, which is asked, and its ledger of contacts, which is told."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Which case, and with which token."""
        self.told: list[tuple[str, int, dict[str, Any]]] = []
        """Delivery, attempt, contact; those that were refused too."""
        self.forged: list[str] = []
        self.refuses: set[str] = set()
        """Of whose contacts the next delivery is refused, by their numbers."""

    async def case(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        self.asked.append((number, request.headers.get("Authorization", "")))
        known = CASES.get(number)
        return web.json_response(known) if known else web.json_response({}, status=404)

    async def contact(self, request: web.Request) -> web.Response:
        """Signatures are looked at as docs/outside.md tells receivers to."""
        body, id_ = await request.read(), request.headers["Guichet-Id"]
        at, digest = SIGNATURE.fullmatch(request.headers["Guichet-Signature"]).groups()  # type: ignore[union-attr]
        ours = hmac.new(SECRET.encode(), f"{at}.{id_}.".encode() + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(ours, digest) or abs(time.time() * 1000 - int(at)) > 300_000:
            self.forged.append(id_)
        contact = json.loads(body)["contact"]
        self.told.append((id_, int(request.headers["Guichet-Attempt"]), contact))
        refused = contact["number"] in self.refuses
        self.refuses.discard(contact["number"])
        return web.Response(status=503 if refused else 204)

    def of(self, call: str) -> list[tuple[str, int, dict[str, Any]]]:
        return [one for one in self.told if one[2]["id"] == call]


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    outside, app = Outside(), web.Application()
    app.router.add_get("/cases/{number}", outside.case)
    app.router.add_post("/contacts", outside.contact)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, HOST, PORT).start()
    yield outside
    await runner.cleanup()


async def pops_at(house: House, caller: Caller, call: str) -> Pop:
    """What the agent's screen is told of that call."""
    engine = make_engine(house.own.settings.sql_url)
    pops = ScreenPops(engine, "FR")
    try:
        return await pops.pop(call, caller.number)
    finally:
        await pops.close()
        await engine.dispose()


async def a_conversation(house: House, caller: Caller, agent: AgentPhone, case: str) -> dict[str, Any]:
    """Key in the case, be answered, hang up; gives the contact."""
    before = len(house.rows("SELECT id FROM contact"))
    call = await caller.reach()
    await call.press(f"{case}#")
    rings = await agent.answer(limit=20)
    await rings.hang_up()
    await call.ended.wait(20)
    await until(lambda: len(house.rows("SELECT id FROM contact")) > before, "the contact", limit=20)
    return await house.ended_contact(caller.number, limit=20)


async def test_a_call_whose_case_stands_outside_comes_with_its_story(house: House, outside: Outside) -> None:
    agent, caller = await house.agent(available=True), await house.caller("+33698765432")
    first = await a_conversation(house, caller, agent, "4242")
    assert first["path"] == ["numero", "suivi", "etat", "agent", "merci"]
    assert (first["queue"], first["agent"], first["outcome"]) == ("mairie", agent.id, "answered")
    assert outside.asked == [("4242", f"Bearer {TOKEN}")]

    call = await caller.reach()
    await call.press("9999#")
    rings = await agent.next_call(limit=20)
    again = await until(lambda: calls_in_line(house, first["id"]), "the second call in the history", limit=20)
    pop = await pops_at(house, caller, again)
    assert [(row["id"], row["outcome"], row["agent"]) for row in pop["contacts"]] == [
        (first["id"], "answered", agent.id)
    ]
    assert pop["confidence"] == "number"
    assert pop["waiting"] is not None
    assert pop["waiting"]["queue"] == "mairie"
    assert [row["id"] for row in pop["today"]] == [first["id"]]
    rings.answer()
    await rings.hang_up()
    await call.ended.wait(20)
    second = await house.contact(caller.number, lambda row: row["id"] == again and row["ended_at"])
    assert second["path"] == ["numero", "suivi", "inconnu", "agent", "merci"]
    told = json.loads(house.own.run("people", "show", caller.number, "--json"))["contacts"]
    assert [row["id"] for row in told] == [again, first["id"]]


def calls_in_line(house: House, but: str) -> str | None:
    found = house.rows("SELECT call FROM entry WHERE outcome IS NULL AND call <> ?", but)
    return found[0]["call"] if found else None


async def test_a_contact_is_pushed_signed_in_order_and_again_until_it_is_taken(house: House, outside: Outside) -> None:
    agent, caller = await house.agent(available=True), await house.caller()
    outside.refuses = {caller.number}
    contact = await a_conversation(house, caller, agent, "4242")
    call, store = contact["id"], RedisStore(house.own.settings.store_url)
    await until(lambda: outside.of(call), "the first try", limit=20)
    await Statements(store, wall_clock, random_id, Random(1)).code(agent.id, call, topic="voirie", settled=True)
    await store.close()
    await until(lambda: [one for one in outside.of(call) if one[2]["topic"] == "voirie"], "what was coded", limit=20)
    told = outside.of(call)
    (first, _, refused), (again, _, taken) = told[0], told[1]
    assert (first, refused) == (again, taken), "what was refused comes again before anything else of that contact"
    assert [attempt for _, attempt, _ in told] == [1, 2, *[1] * (len(told) - 2)]
    assert taken["outcome"] == "answered"
    assert told[-1][2]["settled"] is True
    deliveries = [int(id_.rpartition("-")[2]) for id_, _, _ in told]
    assert deliveries == sorted(deliveries)
    assert outside.forged == []
    assert {json.dumps(row["number"]) for _, _, row in told} == {json.dumps(caller.number)}


async def test_no_log_and_no_metric_names_a_caller(house: House, outside: Outside) -> None:
    agent, caller = await house.agent(available=True), await house.caller("+33687654321")
    await a_conversation(house, caller, agent, "4242")
    hung_up = await caller.reach()
    await hung_up.hang_up()
    files = [*house.own.log_files(), *house.own.settings.run.glob("*.prom")]
    assert {"engine.log", "history.prom"} <= {file.name for file in files}
    named = [file.name for file in files if "687654321" in file.read_text(errors="replace")]
    assert named == []
