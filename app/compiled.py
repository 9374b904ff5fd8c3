"""Compiled modules in the place of their sources, where they were made from these very sources (app/install/compiling).

`use` must come before the first import of what it stands for. GUICHET_COMPILED=no keeps to plain Python."""

import logging
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from app.install.compiling import LIBRARY, MODULES, compile_rooms, compiled_folder, failure, lacking
from app.install.places import native_folder
from core.errors import GuichetError

log = logging.getLogger(__name__)

SWITCH = "GUICHET_COMPILED"
COMMANDS = frozenset({"simulate", "bench"})
"""Which of our commands use them: those where speed is all. What serves callers is the Python that the tests ran on."""
MEASURING = frozenset({"routing", "simulator"})
"""Benchmarks of the very modules: they are compiled first, where the machine can."""
HELP = frozenset({"-h", "--help"})
OFF = frozenset({"0", "no", "off", "false"})


class Finder(MetaPathFinder):
    """Finds the compiled modules in their folder, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(self, fullname: str, _: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname not in MODULES and fullname != LIBRARY:
            return None
        return PathFinder.find_spec(fullname, [str(self._folder.joinpath(*fullname.split(".")[:-1]))], target)


def wanted() -> bool:
    """They are not switched off."""
    return os.environ.get(SWITCH, "").lower() not in OFF


def begin(words: Sequence[str]) -> None:
    """What a command line begins with, for the commands that use them."""
    if not COMMANDS.intersection(words[:1]):
        return
    measures = words[0] == "bench" and MEASURING.intersection(words) and not HELP.intersection(words)
    if measures and wanted() and not lacking():
        try:
            compile_rooms(native_folder())
        except GuichetError as error:
            log.warning("%s Plain Python is measured.", error)
    use()


def use() -> None:
    """Where they are there and wanted."""
    if wanted() and (folder := compiled_folder(native_folder())).is_dir():
        use_from(folder)


def use_from(folder: Path) -> None:
    sys.meta_path.insert(0, Finder(folder))


def in_use() -> bool:
    """This very process routes with compiled modules."""
    from queues import router

    return not str(router.__file__).endswith(".py")


def rehearse() -> None:
    """Some made-up calls from their entry to their end: raises what a compiler got wrong."""
    import simulator
    from core.files import Faults
    from simulator.scenario import load_scenario
    from simulator.simulate import play

    for example in sorted(Path(str(simulator.__file__)).parent.glob("examples/*.yaml")):
        faults = Faults()
        scenario = load_scenario(example, faults)
        assert scenario is not None, faults.found
        play((scenario, 0))


def how_it_runs() -> str:
    """A sentence for people: compiled or not, and what would change that."""
    if not wanted():
        return f"plain Python: compiled modules are switched off by {SWITCH}"
    if compiled_folder(native_folder()).is_dir():
        return "compiled"
    if said := failure(native_folder()):
        return f"plain Python. {said}"
    if lacks := lacking():
        return f"plain Python, which does for most: to compile it, this machine lacks {lacks}"
    return "plain Python, which does for most: ./guichet compile makes it faster"
