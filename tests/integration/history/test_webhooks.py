"""Contacts pushed to a real receiver that fails on purpose, from both databases."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from history.database import make_engine
from history.models import Contact
from history.outside.sender import AT_ONCE, MOST_ATTEMPTS, Hook, Sender, counts, dead_letters, due, try_again
from history.outside.signing import is_ours
from history.recorder import Recorder
from history.recording import Rules
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, until
from tests.unit.history.told import START, an_answered_call, arrived, told

SECRET = "a secret of some length"
WITH_HOOK = Rules(RULES.country, RULES.pseudonyms, ("crm",))


WITH_TWO = Rules(RULES.country, RULES.pseudonyms, ("crm", "stuck"))


class Receiver:
    """Answers as `answers` says, one after the other, then with 204; keeps what it took and how often it was asked. At
    /stuck it never answers."""

    def __init__(self, clock: HandClock) -> None:
        self.stuck, self.over = 0, asyncio.Event()
        self.clock = clock
        self.answers: list[int] = []
        self.hang = False
        self.asked: list[dict] = []
        self.taken: list[dict] = []
        self.forged = 0

    async def handle(self, request: web.Request) -> web.Response:
        if request.path == "/stuck":
            self.stuck += 1
            await self.over.wait()
        body = await request.read()
        signature, id_ = request.headers["Guichet-Signature"], request.headers["Guichet-Id"]
        if not is_ours(SECRET, signature, id_, body, self.clock()):
            self.forged += 1
        contact = json.loads(body)["contact"]
        self.asked.append(contact)
        if self.hang:
            await asyncio.sleep(3_600)
        status = self.answers.pop(0) if self.answers else 204
        if status < 300:
            self.taken.append(contact)
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})


@pytest.fixture
def clock() -> HandClock:
    return HandClock(START + 1_000_000)


@pytest.fixture
async def receiver(clock: HandClock) -> AsyncIterator[Receiver]:
    receiver = Receiver(clock)
    application = web.Application()
    application.router.add_post("/{any:.*}", receiver.handle)
    server = TestServer(application)
    await server.start_server()
    receiver.url = str(server.make_url("/contacts"))  # type: ignore[attr-defined]
    yield receiver
    receiver.over.set()
    await server.close()


Deliver = Callable[[], "asyncio.Future[int]"]


@pytest.fixture
async def deliver(engine: AsyncEngine, receiver: Receiver, clock: HandClock) -> AsyncIterator[Callable]:
    hook = Hook(receiver.url, SECRET)  # type: ignore[attr-defined]
    sender = Sender(engine, {"crm": hook}, clock, Random(1), limit_s=0.5)
    async with sender.connections() as session:
        yield lambda: sender.step(session, "crm")


async def record(engine: AsyncEngine, *events: Event, rules: Rules = WITH_HOOK) -> None:
    store = MemoryStore(HandClock())
    await store.emit(list(events))
    await store.join_group("history")
    await Recorder(store, engine, HandClock(), rules).step()


def coded(topic: str, after_ms: int, call: str) -> Event:
    return told("contact.coded", after_ms, call, author="camille", topic=topic, settled=True)


async def test_a_contact_that_is_over_is_pushed_signed(engine: AsyncEngine, receiver: Receiver, deliver: Callable):
    await record(engine, *an_answered_call())
    assert await deliver() == 1
    [contact] = receiver.taken
    assert (contact["queue"], contact["agent"], contact["outcome"], contact["talk_ms"]) == (
        "accueil", "camille", "answered", 42_000,
    )  # fmt: skip
    assert contact["person"] == RULES.pseudonyms.person("+33612345678")
    assert receiver.forged == 0
    assert await deliver() == 0


async def test_one_that_lasts_is_not_pushed_and_without_hooks_nothing_is(engine: AsyncEngine, deliver: Callable):
    await record(engine, arrived("c-1"))
    await record(engine, *an_answered_call("c-2"), rules=RULES)
    assert await deliver() == 0


async def test_recording_the_same_again_pushes_nothing_anew(engine: AsyncEngine, receiver: Receiver, deliver: Callable):
    for _ in range(3):
        await record(engine, *an_answered_call())
        await deliver()
    assert len(receiver.asked) == 1


@pytest.mark.parametrize("status", [500, 503, 404, 302, 429])
async def test_one_that_fails_is_tried_again_later(
    engine: AsyncEngine, receiver: Receiver, deliver: Callable, clock: HandClock, status: int
):
    receiver.answers = [status, status]
    await record(engine, *an_answered_call())
    for wait in (0, 1_000, 2_000):
        clock.advance(wait)
        assert await deliver() == 1
        assert await deliver() == 0
    assert len(receiver.taken) == 1
    assert len(receiver.asked) == 3
    assert receiver.forged == 0


async def test_a_receiver_that_hangs_or_is_gone_is_a_failure_like_any_other(
    engine: AsyncEngine, receiver: Receiver, deliver: Callable, clock: HandClock
):
    receiver.hang = True
    await record(engine, *an_answered_call())
    assert await deliver() == 1
    receiver.hang = False
    clock.advance(1_000)
    assert await deliver() == 1
    assert len(receiver.taken) == 1


async def test_what_is_told_of_one_contact_comes_in_order_and_others_do_not_wait(
    engine: AsyncEngine, receiver: Receiver, deliver: Callable, clock: HandClock
):
    await record(engine, *an_answered_call("c-1"))
    receiver.answers = [500]
    await deliver()
    await record(engine, coded("voirie", 60_000, "c-1"))
    await record(engine, *an_answered_call("c-2", "0687654321"))
    await deliver()
    assert [contact["id"] for contact in receiver.taken] == ["c-2"]
    clock.advance(1_000)
    await deliver()
    await deliver()
    assert [(contact["id"], contact["topic"]) for contact in receiver.taken] == [
        ("c-2", None), ("c-1", None), ("c-1", "voirie"),
    ]  # fmt: skip


async def test_one_that_nobody_ever_takes_is_dead_seen_and_can_be_tried_anew(
    engine: AsyncEngine, receiver: Receiver, deliver: Callable, clock: HandClock
):
    await record(engine, *an_answered_call("c-1"), coded("a", 60_000, "c-1"))
    receiver.answers = [500] * MOST_ATTEMPTS
    for _ in range(MOST_ATTEMPTS):
        assert await deliver() == 1
        clock.advance(3_600_000)
    [letter] = await dead_letters(engine)
    assert (letter["hook"], letter["call"], letter["attempts"]) == ("crm", "c-1", MOST_ATTEMPTS)
    assert "500" in letter["error"]
    assert await deliver() == 0
    assert await try_again(engine, [letter["id"]], clock()) == 1
    assert await deliver() == 1
    assert len(receiver.taken) == 1
    assert await counts(engine) == {"waiting": 0, "done": 1, "dead": 0}


async def test_a_receiver_that_is_gone_for_good_is_not_asked_again(
    engine: AsyncEngine, receiver: Receiver, deliver: Callable
):
    receiver.answers = [410]
    await record(engine, *an_answered_call())
    await deliver()
    assert len(await dead_letters(engine)) == 1


async def test_a_dead_one_holds_up_nothing(engine: AsyncEngine, receiver: Receiver, deliver: Callable):
    receiver.answers = [410]
    await record(engine, *an_answered_call("c-1"))
    await deliver()
    await record(engine, coded("voirie", 60_000, "c-1"))
    assert await deliver() == 1
    assert [contact["topic"] for contact in receiver.taken] == ["voirie"]


async def test_nothing_is_told_of_somebody_who_was_erased_meanwhile(engine: AsyncEngine, deliver: Callable):
    await record(engine, *an_answered_call())
    async with engine.begin() as connection:
        await connection.execute(update(Contact).values(erased_at=START, number="", person_id=None))
    assert await deliver() == 0
    assert await counts(engine) == {"waiting": 0, "done": 0, "dead": 0}


async def test_it_goes_on_by_itself(engine: AsyncEngine, receiver: Receiver, clock: HandClock):
    await record(engine, *an_answered_call())
    hook = Hook(receiver.url, SECRET)  # type: ignore[attr-defined]
    running = asyncio.create_task(Sender(engine, {"crm": hook}, clock, Random(1), look_every_s=0.01).run())
    try:
        async with asyncio.timeout(20):
            while (await counts(engine))["done"] < 1:  # noqa: ASYNC110 — what is waited for is a row
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
    assert len(receiver.taken) == 1


async def test_a_hook_that_hangs_holds_up_no_other_and_has_its_share_of_connections(
    engine: AsyncEngine, receiver: Receiver, clock: HandClock
):
    for number in range(3 * AT_ONCE):
        await record(engine, *an_answered_call(f"c-{number}"), rules=WITH_TWO)
    good, stuck = (Hook(receiver.url.replace("/contacts", at), SECRET) for at in ("/contacts", "/stuck"))  # type: ignore[attr-defined]
    sender = Sender(engine, {"stuck": stuck, "crm": good}, clock, Random(1), look_every_s=0.01, limit_s=3_600)
    running = asyncio.create_task(sender.run())
    try:
        await until(lambda: len(receiver.taken) == 3 * AT_ONCE and receiver.stuck >= AT_ONCE, 30)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert receiver.stuck == AT_ONCE


async def test_lines_wait_for_a_database_that_is_away(clock: HandClock, caplog: pytest.LogCaptureFixture):
    away = make_engine("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    hooks = {name: Hook("http://127.0.0.1:1/", SECRET) for name in ("crm", "stuck")}
    running = asyncio.create_task(Sender(away, hooks, clock, Random(1), look_every_s=0.01).run())
    try:
        await until(lambda: caplog.text.count("webhook crm: the database is away") > 1, 30)
        await until(lambda: caplog.text.count("webhook stuck: the database is away") > 1, 30)
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await away.dispose()


async def test_a_long_line_of_one_hook_costs_the_others_nothing(sqlite_engine: AsyncEngine):
    """What is due is found by the hook, not among all that waits for all of them."""
    statement = due("crm", START).compile(sqlite_engine.sync_engine, compile_kwargs={"literal_binds": True})
    async with sqlite_engine.connect() as connection:
        steps = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
    assert steps[0] == "SEARCH delivery USING INDEX ix_delivery_due (hook=? AND next_at<?)"
    assert not any("TEMP" in step for step in steps)
