"""The rooms that decide, compiled to C by mypyc once for each version of their sources, where the machine has a C
compiler. Nothing needs it: the same files run as plain Python, only slower (docs/adr/0038).

<cache>/compiled/<key>/    the modules, tried once before they are there; or <key>.failed, a file that says why not
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from app.install.built import build_once, key_of
from app.install.display import Display
from app.install.places import CHECKOUT
from app.install.venv import pip_into
from core.errors import GuichetError

STRATEGIES = (
    "best_skilled", "fewest_calls", "least_over_qualified", "linear", "longest_idle", "random", "ring_all",
    "round_robin", "strategy",
)  # fmt: skip
MODULES = (
    "core.events", "core.ids",
    "queues.model", "queues.requirement", "queues.rung", "queues.ranked", "queues.waiting", "queues.audience",
    "queues.match", "queues.index", "queues.away", "queues.chores", "queues.widening", "queues.router", "queues.facts",
    "queues.states", *(f"queues.strategies.{name}" for name in STRATEGIES), "queues.overflow.deeds",
    "queues.store.agent_commits", "queues.store.commits", "queues.store.line_commits",
    "queues.store.overflow_commits", "simulator.world", "simulator.watching",
)  # fmt: skip
"""What each event and each simulated call goes through. Packages themselves stay plain."""
GROUP = "guichet"
LIBRARY = f"{GROUP}__mypyc"
"""The module that holds the code of all; theirs are doors to it."""
ROOMS = ("core", "hours", "ivr", "queues", "simulator")
"""What the modules, and what they import of ours, stand in."""
TOOLS = "requirements-compiler.txt"
LIMIT_S = 900
KEPT = 4
"""Builds that stay; older ones are removed."""
LAST_LINES = 6


def compiled_folder(cache: Path) -> Path:
    """Where the modules are, or are to be, for these sources, this Python and this compiler."""
    files = (path for room in ROOMS for path in (CHECKOUT / room).rglob("*.py"))
    key = key_of((*sorted(files), CHECKOUT / TOOLS, Path(__file__)), sys.version.encode())
    return cache / "compiled" / key


def lacking() -> str:
    """What the machine lacks for compiling; empty: nothing."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    if not (shutil.which(compiler) or shutil.which("cc")):
        return "a C compiler (Debian and Ubuntu: apt install gcc)"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers (Debian and Ubuntu: apt install python3-dev)"
    return ""


def failure(cache: Path) -> str:
    """Why these sources could not be compiled the last time; empty where nothing of the kind is known."""
    try:
        return _verdict(compiled_folder(cache)).read_text(encoding="utf-8")
    except OSError:
        return ""


def compile_rooms(cache: Path, display: Display | None = None) -> Path:
    """The folder of the compiled modules; they are made where they are missing. Raises GuichetError, and leaves nothing
    half."""
    display = display or Display()
    built = compiled_folder(cache)
    if built.is_dir():
        return built
    if lacks := lacking():
        raise GuichetError(f"The router cannot be compiled: this machine lacks {lacks}. It works all the same, slower.")
    return build_once(
        built, lambda temporary: _build(temporary, _verdict(built), display), display, kept=KEPT,
        cannot="The router cannot be compiled", waiting="Another start is compiling the router: waiting for it.",
    )  # fmt: skip


def _verdict(built: Path) -> Path:
    return built.with_name(f"{built.name}.failed")


def _build(temporary: Path, verdict: Path, display: Display) -> Path:
    work, ready = temporary / "work", temporary / "ready"
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, work / room, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    tools = _tools(temporary, display)
    display.step("Compiling the router (about a minute)")
    try:
        _run([sys.executable, "-P", "-c", MAKE, str(ready), *MODULES], work, tools)
        display.step("Trying the compiled router")
        _run([sys.executable, "-P", "-c", TRY, str(ready)], CHECKOUT, None)
    except GuichetError as error:
        verdict.write_text(str(error), encoding="utf-8")
        raise
    verdict.unlink(missing_ok=True)
    return ready


MAKE = f"""
import sys
ready, *modules = sys.argv[1:]
from mypyc.build import mypycify
from setuptools import setup
options = ["--config-file=", "--follow-imports=silent", "--ignore-missing-imports"]
files = [name.replace(".", "/") + ".py" for name in modules]
extensions = mypycify([*options, *files], opt_level="2", debug_level="0", group_name={GROUP!r})
arguments = ["build_ext", "--build-lib", ready]
setup(name={GROUP!r}, packages=[], ext_modules=extensions, script_args=arguments)
"""
TRY = """
import sys
from pathlib import Path
from app.compiled import use_from
use_from(Path(sys.argv[1]))
import importlib
from app.install.compiling import MODULES
for name in MODULES:
    found = importlib.import_module(name).__file__
    assert found.startswith(sys.argv[1]), f"{name} came from {found}"
from app.compiled import rehearse
rehearse()
"""


def _tools(temporary: Path, display: Display) -> Path | None:
    """mypyc and setuptools: the environment's where it has them, else from PyPI into a folder that goes again."""
    if find_spec("mypyc") and find_spec("setuptools"):
        return None
    display.step("Fetching what compiles the router")
    target = temporary / "tools"
    _run(pip_into(target, CHECKOUT / TOOLS, display), temporary, None)
    return target


def _run(command: list[str], folder: Path, tools: Path | None) -> None:
    env = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    env["PYTHONPATH"] = os.pathsep.join([*([str(tools)] if tools else []), str(folder)])
    try:
        ran = subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise GuichetError(f"The router could not be compiled: it took longer than {LIMIT_S} s.") from None
    if ran.returncode:
        last = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-LAST_LINES:])
        raise GuichetError(f"The router could not be compiled. What was said last:\n{last}")
