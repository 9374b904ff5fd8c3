import logging
import sys

import pytest

from app.plan import processes
from app.processes import MODULES, OneLine
from app.settings import Settings


def line(message: str, *, failed: bool = False) -> str:
    if not failed:
        return OneLine("engine").format(logging.LogRecord("x", logging.INFO, "f", 1, message, (), None))
    try:
        raise ValueError("a\nb")
    except ValueError:
        return OneLine("engine").format(logging.LogRecord("x", logging.ERROR, "f", 1, message, (), sys.exc_info()))


def test_a_line_says_when_how_bad_which_process_and_what() -> None:
    assert line("call 1 came")[23:] == " INFO    engine: call 1 came"


def test_what_a_caller_sends_cannot_begin_a_line_nor_colour_the_terminal() -> None:
    text = line("name: x\n2026-01-01 00:00:00.000 INFO engine: all is well\x1b[31m\u202e")
    assert "\n" not in text and "\x1b" not in text and "\u202e" not in text


def test_every_line_of_a_traceback_has_the_head() -> None:
    lines = line("it failed", failed=True).splitlines()
    assert len(lines) > 3
    assert all("ERROR   engine: " in each for each in lines)


def test_a_house_has_its_own_store_unless_another_one_is_named(tmp_path: pytest.TempPathFactory) -> None:
    settings = Settings(state=tmp_path)
    names = [process.name for process in processes(settings, ["asterisk"], ["valkey-server"])]
    assert names == ["valkey", "asterisk", *MODULES]
    elsewhere = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    others = processes(elsewhere, ["asterisk"], ["valkey-server"])
    assert [process.name for process in others] == names[1:]
    assert not any(process.after for process in others)
