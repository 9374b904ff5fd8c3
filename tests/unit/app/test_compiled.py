from pathlib import Path

import pytest

import app.compiled
from core.errors import GuichetError


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the compiled modules, on a machine that can compile and has not yet."""
    done: list[str] = []
    monkeypatch.delenv(app.compiled.SWITCH, raising=False)
    monkeypatch.setattr(app.compiled, "lacking", lambda: "")
    monkeypatch.setattr(app.compiled, "compile_rooms", lambda _: done.append("compiled"))
    monkeypatch.setattr(app.compiled, "use", lambda: done.append("used"))
    return done


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["bench", "routing", "--json"], ["compiled", "used"]),
        (["bench", "--json", "simulator"], ["compiled", "used"]),
        (["bench", "routing", "--help"], ["used"]),
        (["bench", "desk"], ["used"]),
        (["simulate", "routing"], ["used"]),
        (["run", "dispatcher"], []),
        ([], []),
    ],
)
def test_only_what_measures_the_router_compiles_it_first(done: list[str], words: list[str], expected: list[str]):
    app.compiled.begin(words)
    assert done == expected


def test_switched_off_nothing_is_compiled(done: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(app.compiled.SWITCH, "no")
    app.compiled.begin(["bench", "routing"])
    assert done == ["used"]


def test_plain_python_is_measured_where_compiling_fails(
    done: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fails(_: Path) -> None:
        raise GuichetError("There is no room left on the disk.")

    monkeypatch.setattr(app.compiled, "compile_rooms", fails)
    app.compiled.begin(["bench", "routing"])
    assert done == ["used"]
    assert "There is no room left on the disk. Plain Python is measured." in caplog.text
