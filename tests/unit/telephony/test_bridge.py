"""Blocking code runs over asyncio."""

import asyncio
import contextvars

import pytest

from telephony.asterisk import bridge
from telephony.asterisk.bridge import await_, in_greenlet


async def slow(value: int) -> int:
    await asyncio.sleep(0)
    return value


async def test_blocking_code_gets_what_it_waits_for() -> None:
    assert await in_greenlet(lambda first, second: await_(slow(first)) + await_(slow(second)), 3, second=4) == 7


async def test_an_error_in_what_is_awaited_is_raised_where_it_is_awaited() -> None:
    async def fails() -> None:
        raise LookupError("nobody")

    def blocking() -> str:
        try:
            await_(fails())
        except LookupError as error:
            return str(error)
        return "no error"

    assert await in_greenlet(blocking) == "nobody"


async def test_cancellation_reaches_the_blocking_code_and_its_finally() -> None:
    asleep, cleaned = asyncio.Event(), []

    def blocking() -> None:
        asleep.set()
        try:
            await_(asyncio.Event().wait())
        finally:
            cleaned.append(await_(slow(1)))

    task = asyncio.create_task(in_greenlet(blocking))
    await asleep.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned == [1]


async def test_many_run_at_once_without_mixing() -> None:
    def blocking(number: int) -> int:
        return sum(await_(slow(number)) for _ in range(10))

    assert await asyncio.gather(*(in_greenlet(blocking, n) for n in range(50))) == [10 * n for n in range(50)]


async def test_context_variables_of_the_task_are_seen_inside() -> None:
    call = contextvars.ContextVar[str]("call")
    call.set("call-1")

    def blocking() -> str:
        await_(slow(1))
        return call.get()

    assert await in_greenlet(blocking) == "call-1"


async def test_waiting_outside_of_it_is_refused() -> None:
    with pytest.raises(RuntimeError, match="in_greenlet"):
        await_(slow(1))


async def test_a_greenlet_is_used_again_whatever_happened_in_it_before() -> None:
    async def fails() -> None:
        raise LookupError("nobody")

    for _ in range(3):
        with pytest.raises(LookupError):
            await in_greenlet(lambda: await_(fails()))
        assert await in_greenlet(lambda: await_(slow(3))) == 3
        never = asyncio.create_task(in_greenlet(lambda: await_(asyncio.Event().wait())))
        await asyncio.sleep(0)
        never.cancel()
        with pytest.raises(asyncio.CancelledError):
            await never


async def test_few_greenlets_are_kept_when_many_have_ended() -> None:
    begun, go_on = 0, asyncio.Event()

    def blocking() -> None:
        nonlocal begun
        begun += 1
        await_(go_on.wait())

    tasks = [asyncio.create_task(in_greenlet(blocking)) for _ in range(3 * bridge.MOST_IDLE)]
    await asyncio.sleep(0)
    assert begun == len(tasks)
    go_on.set()
    await asyncio.gather(*tasks)
    assert len(bridge._idle.workers) == bridge.MOST_IDLE


async def test_it_works_in_several_threads() -> None:
    def in_a_loop_of_its_own() -> int:
        return asyncio.run(in_greenlet(lambda: await_(slow(5))))

    assert await asyncio.gather(*(asyncio.to_thread(in_a_loop_of_its_own) for _ in range(4))) == [5] * 4


async def test_it_can_be_nested() -> None:
    assert await in_greenlet(lambda: await_(in_greenlet(lambda: await_(slow(4)) + 1))) == 5
