"""Blocking code over asyncio: `in_greenlet` runs a function that does not know of asyncio; inside it `await_` waits for
a coroutine or a future as if it were an ordinary call. While it waits the event loop goes on."""

import sys
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, TypeVar

from greenlet import getcurrent, greenlet

P = ParamSpec("P")
T = TypeVar("T")


class _Bridge(greenlet):
    """Runs the blocking code. What it switches to its parent is to be awaited there."""


async def in_greenlet(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns. Cancellation, like any error of what is awaited, is raised inside the function at its
    `await_`, so that its `finally` runs."""
    current = getcurrent()
    bridge = _Bridge(function, current)
    bridge.gr_context = current.gr_context
    switched: Any = bridge.switch(*args, **kwargs)
    while not bridge.dead:
        try:
            value = await switched
        except BaseException:
            switched = bridge.throw(*sys.exc_info())
        else:
            switched = bridge.switch(value)
    result: T = switched
    return result


def await_(awaitable: Awaitable[T]) -> T:
    """Wait inside a function that `in_greenlet` runs. RuntimeError elsewhere."""
    current = getcurrent()
    if not isinstance(current, _Bridge) or current.parent is None:
        if close := getattr(awaitable, "close", None):
            close()  # a coroutine that nobody will await
        raise RuntimeError("await_ works only in a function that in_greenlet runs")
    value: T = current.parent.switch(awaitable)
    return value
