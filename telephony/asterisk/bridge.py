"""Blocking code over asyncio: `in_greenlet` runs a function that does not know of asyncio; inside it `await_` waits for
a coroutine or a future as if it were an ordinary call. While it waits the event loop goes on."""

import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from greenlet import getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")

MOST_IDLE = 64
"""Greenlets kept for the next function. A fresh one costs 30 µs, since Python maps a page for its frames."""


class _Worker(greenlet):
    """Runs one function after the other. What it switches to its parent is to be awaited there, or nothing more when
    `busy` is over."""

    busy = False
    result: Any = None
    failure: BaseException | None = None

    def run(self) -> None:
        while True:
            function, args, kwargs = self.parent.switch()  # type: ignore[union-attr]  # it has one
            try:
                self.result = function(*args, **kwargs)
            except BaseException as error:
                self.failure = error
            self.busy = False
            del function, args, kwargs


class _Idle(threading.local):
    """Greenlets belong to their thread."""

    def __init__(self) -> None:
        self.workers: list[_Worker] = []


_idle = _Idle()


async def in_greenlet(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns. Cancellation, like any error of what is awaited, is raised inside the function at its
    `await_`, so that its `finally` runs."""
    worker = _a_worker()
    switched: Any = worker.switch((function, args, kwargs))
    while worker.busy:
        try:
            value = await switched
        except BaseException:
            switched = worker.throw(*sys.exc_info())
        else:
            switched = worker.switch(value)
    error, result = worker.failure, worker.result
    worker.failure = worker.result = None
    if len(_idle.workers) < MOST_IDLE:
        _idle.workers.append(worker)
    if error is not None:
        try:
            raise error
        finally:
            error = None  # or this frame and the error would keep each other
    return result  # type: ignore[no-any-return]


def _a_worker() -> _Worker:
    current = getcurrent()
    if _idle.workers:
        worker = _idle.workers.pop()
        if worker.parent is not current:
            worker.parent = current
    else:
        worker = _Worker(parent=current)
        worker.switch()
    worker.gr_context = current.gr_context
    worker.busy = True
    return worker


def await_(awaitable: Awaitable[T]) -> T:
    """Wait inside a function that `in_greenlet` runs. RuntimeError elsewhere."""
    current = getcurrent()
    if not isinstance(current, _Worker) or current.parent is None:
        if close := getattr(awaitable, "close", None):
            close()  # a coroutine that nobody will await
        raise RuntimeError("await_ works only in a function that in_greenlet runs")
    value: T = current.parent.switch(awaitable)
    return value
