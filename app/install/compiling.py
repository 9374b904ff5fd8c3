"""The rooms that decide, compiled to C by mypyc once for each version of their sources, where the machine has a C
compiler. Nothing needs it: the same files run as plain Python, only slower (docs/adr/0038).

<cache>/compiled/<key>/    the modules, tried once before they are there; or <key>.failed, a file that says why not
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.util import find_spec
from pathlib import Path

from app.install.display import Display
from app.install.locking import locked
from app.install.places import CHECKOUT, VENV
from app.install.venv import pip_wheel
from core.errors import GuichetError

STRATEGIES = (
    "best_skilled", "fewest_calls", "least_over_qualified", "linear", "longest_idle", "random", "ring_all",
    "round_robin", "strategy",
)  # fmt: skip
MODULES = (
    "core.events", "core.ids",
    "queues.model", "queues.requirement", "queues.rung", "queues.ranked", "queues.waiting", "queues.audience",
    "queues.match", "queues.index", "queues.chores", "queues.widening", "queues.router", "queues.facts",
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
    digest = hashlib.sha256(sys.version.encode())
    files = (path for room in ROOMS for path in (CHECKOUT / room).rglob("*.py"))
    for path in (*sorted(files), CHECKOUT / TOOLS, Path(__file__)):
        digest.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return cache / "compiled" / digest.hexdigest()[:16]


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
    folder = built.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder, "Another start is compiling the router: waiting for it.", display):
            if not built.is_dir():
                _build(built, display)
                _forget_old(folder, built)
    except OSError as error:
        raise GuichetError(f"The router cannot be compiled in {folder}: {error.strerror or error}.") from error
    finally:
        display.clear()
    return built


def _verdict(built: Path) -> Path:
    return built.with_name(f"{built.name}.failed")


def _build(built: Path, display: Display) -> None:
    for left_over in built.parent.glob("new-*"):  # of a start that was killed: the lock is ours
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="new-", dir=built.parent) as temporary:
        work, ready = Path(temporary, "work"), Path(temporary, "ready")
        for room in ROOMS:
            shutil.copytree(CHECKOUT / room, work / room, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        tools = _tools(Path(temporary), display)
        display.step("Compiling the router (about a minute)")
        try:
            _run([sys.executable, "-P", "-c", MAKE, str(ready), *MODULES], work, tools)
            display.step("Trying the compiled router")
            _run([sys.executable, "-P", "-c", TRY, str(ready)], CHECKOUT, None)
        except GuichetError as error:
            _verdict(built).write_text(str(error), encoding="utf-8")
            raise
        _verdict(built).unlink(missing_ok=True)
        ready.rename(built)


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
    options = ("--require-hashes", "--no-input", "--quiet", "--disable-pip-version-check", "--target", str(target))
    pip = [sys.executable, f"{pip_wheel(VENV, display)}/pip", "install", *options]
    _run([*pip, "--requirement", str(CHECKOUT / TOOLS)], temporary, None)
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


def _forget_old(folder: Path, newest: Path) -> None:
    builds = sorted((path for path in folder.iterdir() if path.is_dir()), key=lambda path: path.stat().st_mtime)
    for path in builds[:-KEPT]:
        if path != newest:
            shutil.rmtree(path, ignore_errors=True)
