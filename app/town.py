"""A town: the folder of flows and queues that an admin edits, read as one, and its good versions kept.

A call goes on with the version on which it began, and a faulty edit never reaches a caller: every town that was read
without fault is copied to `STATE/town/VERSION/`, and `STATE/town/current` names the last one.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import GuichetError
from core.files import Fault, Faults, Place, shown
from core.yamlfile import read_source
from hours.definition import Hours, load_hours
from ivr.checking.town import TownView
from ivr.load import Flows, load_flows
from ivr.material.answer import AnswerFile, load_answers
from ivr.material.filed import Filed
from ivr.material.service import ServiceFile, load_services
from queues.definition import Queue, load_queues

KEPT = 20
"""Versions that stay; a call older than that many edits goes on with the live one."""
QUEUES, HOURS, ANSWERS, DIRECTORY = "queues", "hours", "answers", "directory"
FOLDERS = (QUEUES, HOURS, ANSWERS, DIRECTORY)
"""Of a town, beside its flows."""
_VERSION = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Town:
    """Everything in the folder. With faults in it, it must not be used for calls."""

    flows: Flows
    queues: Mapping[str, Queue]
    hours: Mapping[str, Hours]
    answers: Mapping[str, AnswerFile]
    services: Mapping[str, ServiceFile]
    faults: tuple[Fault, ...]
    version: str
    """The first 12 hexadecimal digits of the SHA-256 of the files: the same files, the same version."""
    files: Mapping[str, bytes]
    """What was read, by the path inside the folder."""


def load_town(path: Path) -> Town:
    """The town in a folder. Never raises on what the files hold; GuichetError where there is no such folder."""
    if not path.is_dir():
        raise GuichetError(f"{shown(path)} is not a folder; a town is a folder of *.yaml files.")
    faults = Faults()
    files = {name: raw for folder in ("", *FOLDERS) for name, raw in _read(path, folder, faults).items()}
    queues = load_queues(_inside(path, files, QUEUES), faults)
    answers = load_answers(_inside(path, files, ANSWERS), faults)
    services = load_services(_inside(path, files, DIRECTORY), faults)
    hours = load_hours(_inside(path, files, HOURS), faults)
    around = _around(path, queues, hours, answers, services, faults)
    flows = load_flows(_inside(path, files, ""), faults, around)
    if not flows.by_name and not faults.found:
        faults.add(Place(shown(path), 1, 1), "there is no flow in this folder; a flow is a file NAME.yaml", "no-flow")
    return Town(
        flows,
        queues,
        hours,
        {name: filed.thing for name, filed in answers.items()},
        {name: filed.thing for name, filed in services.items()},
        tuple(sorted(set(faults.found))),
        _version(files),
        files,
    )


def keep_good(town: Town, state: Path) -> None:
    """Keep a copy of a town without faults as the last good version. Who reads meanwhile sees all of it or nothing."""
    if town.faults:
        raise ValueError("only a town without faults is kept")
    home = _home(state)
    home.mkdir(parents=True, exist_ok=True)
    kept = home / town.version
    if good_version(state, town.version) is None:
        shutil.rmtree(kept, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=home))
        for name, raw in town.files.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            (fresh / name).write_bytes(raw)
        try:
            fresh.rename(kept)
        except OSError:  # another process kept the same version at this moment
            shutil.rmtree(fresh)
    os.utime(kept)
    pointer = home / ".current"
    pointer.write_text(town.version)
    pointer.replace(home / "current")
    for old in _versions(home)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)


def good_version(state: Path, version: str | None = None) -> Town | None:
    """The town of that version, or the last good one; None where it is not kept or its copy is damaged."""
    home = _home(state)
    if version is None:
        for kept in (home / _current(home), *_versions(home)):
            if town := good_version(state, kept.name):
                return town
        return None
    if not _VERSION.fullmatch(version) or not (home / version).is_dir():
        return None
    town = load_town(home / version)
    return town if town.version == version and not town.faults else None


def _home(state: Path) -> Path:
    return state / "town"


def _current(home: Path) -> str:
    try:
        return (home / "current").read_text(errors="replace").strip()
    except OSError:
        return ""


def _versions(home: Path) -> list[Path]:
    """Kept versions, the last used one first."""
    if not home.is_dir():
        return []
    kept = [each for each in home.iterdir() if _VERSION.fullmatch(each.name)]
    return sorted(kept, key=lambda each: each.stat().st_mtime_ns, reverse=True)


def _read(town: Path, folder: str, faults: Faults) -> dict[str, bytes]:
    """The YAML files directly in a folder of the town, by their path inside the town."""
    files: dict[str, bytes] = {}
    home = town / folder
    if not home.is_dir():
        return files
    for path in sorted(home.iterdir()):
        if path.name.startswith(".") or path.suffix not in (".yaml", ".yml"):
            continue
        if not path.name.isprintable():
            message = f"the name of a file cannot be shown: {path.name!a}; give it another one"
            faults.add(Place(shown(home), 1, 1), message, "file-name")
        elif path.suffix == ".yml":
            faults.add(Place(shown(path), 1, 1), "this file is not read; give it the ending .yaml", "file-name")
        elif (raw := read_source(path, faults)) is not None:
            files[f"{folder}/{path.name}" if folder else path.name] = raw
    return files


def _version(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode())
        digest.update(files[name])
    return digest.hexdigest()[:12]


def _inside(town: Path, files: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """The files of one folder of the town, by the name that is shown of each."""
    return {shown(town / name): raw for name, raw in files.items() if name.rpartition("/")[0] == folder}


def _around(
    path: Path,
    queues: Mapping[str, Queue],
    hours: Mapping[str, Hours],
    answers: Mapping[str, Filed[AnswerFile]],
    services: Mapping[str, Filed[ServiceFile]],
    faults: Faults,
) -> TownView:
    """The names that flows may use. Whatever has a file with a fault of its own counts as there."""
    files = [Path(fault.place.file) for fault in faults.found]

    def faulty(folder: str) -> set[str]:
        return {file.stem for file in files if file.parent.name == folder}

    return TownView(
        queues={*queues, *faulty(QUEUES)},
        skills={skill for queue in queues.values() for skill in queue.skills_named},
        answers={*answers, *faulty(ANSWERS)},
        services={*services, *faulty(DIRECTORY)},
        hours={*hours, *faulty(HOURS)},
        prompts=_names(path / "prompts", "**/*.wav"),
        answer_files=answers,
        service_files=services,
    )


def _names(folder: Path, files: str = "*.yaml") -> set[str] | None:
    """What the files of a folder are about, by their names; None where the town has no such folder."""
    return {file.stem for file in folder.glob(files)} if folder.is_dir() else None
