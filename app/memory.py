"""How a process keeps what it knows for long: out of the garbage collector's way, and in large pages. Where many calls
wait, what is known of each is looked at once, long after it was written; with pages of 4 KiB, most of that time goes
into finding out where it is (docs/adr/0044)."""

import asyncio
import ctypes
import gc
import mmap
from collections.abc import Iterator
from pathlib import Path

LARGE = 2 << 20
"""Bytes."""
LOOK_EVERY_S = 20.0
GROWN = 32 << 20
"""Bytes by which memory has become more before it is settled again."""

_MADV_HUGEPAGE, _MADV_COLLAPSE = 14, 25
_libc = ctypes.CDLL(None, use_errno=True)
_libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def settle() -> None:
    """What is there now stays for long."""
    _leave_to_stay()
    use_large_pages()


async def keep_settled() -> None:
    """Settle it now and whenever it has grown, until cancelled. The moving is done beside the event loop: it takes from
    a millisecond a page to a tenth of a second, where the kernel has to make room first."""
    settled = 0
    while True:
        if (resident := _resident()) > settled + GROWN:
            _leave_to_stay()
            await asyncio.to_thread(use_large_pages)
            settled = resident
        await asyncio.sleep(LOOK_EVERY_S)


def use_large_pages() -> None:
    """Move this process's own memory, as it stands, into large pages. What the kernel has none for, or cannot move
    (before Linux 6.1 it does so by and by), stays where it is: all works the same, slower."""
    for start, size in regions():
        _libc.madvise(start, size, _MADV_HUGEPAGE)
        for page in range(start, start + size, LARGE):  # of several at once, the first that cannot be moved ends it
            _libc.madvise(page, LARGE, _MADV_COLLAPSE)


def regions() -> Iterator[tuple[int, int]]:
    """Start and size, in whole large pages, of memory that is ours alone, may be written, and comes from no file: where
    Python keeps its objects."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        where, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights != "rw-p" or (name and not name[0].startswith(("[heap]", "[anon"))):
            continue
        start, end = (int(each, 16) for each in where.split("-"))
        start, end = -(-start // LARGE) * LARGE, end // LARGE * LARGE
        if start < end:
            yield start, end - start


def _leave_to_stay() -> None:
    """The collector does not go over it again and again. What nobody needs is freed before."""
    gc.collect()
    gc.freeze()


def _resident() -> int:
    """Bytes of memory that this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * mmap.PAGESIZE
