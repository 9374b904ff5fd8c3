"""Ports that tests listen at. Where tests run in several processes each has ports of its own."""

import os

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
STRIDE = 2_900
FIRST, LAST = 21_000, 23_899
"""Whence tests take theirs. Four processes stay below the ports that the kernel gives out by itself."""


def own(port: int) -> int:
    """`port`, one of FIRST to LAST, as this process has it."""
    assert FIRST <= port <= LAST
    return port + STRIDE * WORKER
