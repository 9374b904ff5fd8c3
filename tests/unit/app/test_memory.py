"""Memory that is settled for long: the kernel is asked for large pages, and nothing in it changes."""

import ctypes
import gc
import mmap
from pathlib import Path

from app.memory import LARGE, regions, settle

SIZE = 8 * LARGE


def large_pages_wanted(address: int) -> bool:
    """As the kernel says of the region that holds the address."""
    found = False
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        first = line.split()[0]
        if not first.endswith(":"):
            start, end = (int(each, 16) for each in first.split("-"))
            found = start <= address < end
        elif found and first == "VmFlags:":
            return "hg" in line.split()
    raise AssertionError("no such region")


def test_what_is_there_is_settled_and_stays_as_it_is() -> None:
    words = {number: f"call {number}" for number in range(1_000)}
    with mmap.mmap(-1, SIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as memory:
        memory[:] = bytes(range(256)) * (SIZE // 256)
        byte = ctypes.c_char.from_buffer(memory)
        middle = ctypes.addressof(byte) + SIZE // 2
        try:
            settle()
            assert any(start <= middle < start + size for start, size in regions())
            if Path("/sys/kernel/mm/transparent_hugepage").is_dir():
                assert large_pages_wanted(middle)
            assert gc.get_freeze_count() > 0
        finally:
            gc.unfreeze()
            del byte
        assert memory[:] == bytes(range(256)) * (SIZE // 256)
    assert words[999] == "call 999"
    assert all(start % LARGE == size % LARGE == 0 for start, size in regions())
