"""A town: the folder of flows and queues that an admin edits, read as one, and its good versions kept.

A call goes on with the version on which it began, and a faulty edit never reaches a caller: what is published is kept
whole (versions/disk.py).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from core.clock import wall_clock
from core.errors import GuichetError
from core.files import Fault, Faults, Place, shown
from core.yamlfile import read_source
from hours.definition import Hours, load_hours
from ivr.checking.town import TownView
from ivr.load import Flows, load_flows
from ivr.material.answer import AnswerFile, load_answers
from ivr.material.filed import Filed
from ivr.material.service import ServiceFile, load_services
from queues.definition import Queue
from queues.load import load_queues
from versions import disk
from versions.record import Version, piece_of, version_of
from versions.shelf import MOST_PIECE
from web.desk.choices import DeskFile, load_desk

QUEUES, HOURS, ANSWERS, DIRECTORY, DESK = "queues", "hours", "answers", "directory", "desk"
FOLDERS = (QUEUES, HOURS, ANSWERS, DIRECTORY, DESK)
"""Of a town, beside its flows."""
PROMPTS = "prompts"
MOST_SOUNDS = 10_000


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Town:
    """Everything in the folder. With faults in it, it must not be used for calls."""

    flows: Flows
    queues: Mapping[str, Queue]
    hours: Mapping[str, Hours]
    answers: Mapping[str, AnswerFile]
    services: Mapping[str, ServiceFile]
    desk: DeskFile
    faults: tuple[Fault, ...]
    content: Version
    """Of what it is made, sound files too: the same files, the same version."""
    files: Mapping[str, bytes]
    """The texts that were read, by the path inside the folder."""
    folder: Path
    """Whence it was read; its sounds are there."""

    @property
    def version(self) -> str:
        return self.content.version

    @property
    def zone(self) -> ZoneInfo | None:
        """By which its days go: that of most of its opening hours; None where it has none."""
        zones = Counter(self.hours[name].timezone for name in sorted(self.hours))
        return max(zones, key=zones.__getitem__, default=None)

    @property
    def lacks(self) -> set[str]:
        """What flows may use (ivr.model.PARTS) and the town has no folder for."""
        view = self.flows.town
        known = {"answers": view.answers, "directory": view.services, "hours": view.hours}
        return {part for part, names in known.items() if names is None}


def load_town(path: Path) -> Town:
    """The town in a folder. Never raises on what the files hold; GuichetError where there is no such folder."""
    if not path.is_dir():
        raise GuichetError(f"{shown(path)} is not a folder; a town is a folder of *.yaml files.")
    faults = Faults()
    files = {name: raw for folder in ("", *FOLDERS) for name, raw in _read(path, folder, faults).items()}
    named = {"hours": _names(path / "hours"), "answers": _names(path / ANSWERS)}
    queues = load_queues(_inside(path, files, QUEUES), faults, **named)
    answers = load_answers(_inside(path, files, ANSWERS), faults)
    services = load_services(_inside(path, files, DIRECTORY), faults)
    hours = load_hours(_inside(path, files, HOURS), faults)
    desk = load_desk(_inside(path, files, DESK), faults)
    around = _around(path, queues, hours, answers, services, faults)
    flows = load_flows(_inside(path, files, ""), faults, around)
    if not flows.by_name and not faults.found:
        faults.add(Place(shown(path), 1, 1), "there is no flow in this folder; a flow is a file NAME.yaml", "no-flow")
    content = _content(path, files, faults)
    return Town(
        flows,
        queues,
        hours,
        {name: filed.thing for name, filed in answers.items()},
        {name: filed.thing for name, filed in services.items()},
        desk,
        tuple(sorted(set(faults.found))),
        content,
        files,
        path,
    )


def keep_good(town: Town, state: Path) -> None:
    """Keep a town without faults, to serve callers with. Who reads meanwhile sees all of it or nothing."""
    if town.faults:
        raise ValueError("only a town without faults is kept")
    disk.keep(state, town.content, disk.contents_of(town.files, town.folder, town.content))
    disk.set_current(state, town.version, town.content.source)
    disk.sweep(state, wall_clock() / 1000)


def good_version(state: Path, version: str | None = None) -> Town | None:
    """The town of that version, or the present one; None where it is not kept or its copy is damaged."""
    if version is None:
        for kept in (disk.current(state), *disk.kept(state)):
            if town := good_version(state, kept):
                return town
        return None
    folder = disk.folder_of(state, version)
    town = load_town(folder) if folder else None
    return town if town and town.version == version and not town.faults else None


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


def _content(town: Path, files: Mapping[str, bytes], faults: Faults) -> Version:
    pieces = {name: piece_of(raw) for name, raw in files.items()}
    sounds = sorted((town / PROMPTS).rglob("*.wav"))
    if len(sounds) > MOST_SOUNDS:
        faults.add(Place(shown(town / PROMPTS), 1, 1), f"there are more than {MOST_SOUNDS} sound files", "too-many")
    for path in sounds[:MOST_SOUNDS]:
        name = str(path.relative_to(town))
        if any(part.startswith(".") for part in Path(name).parts):
            continue
        if not name.isprintable():
            faults.add(Place(shown(town / PROMPTS), 1, 1), f"the name of a file cannot be shown: {name!a}", "file-name")
        elif not path.resolve().is_relative_to(town.resolve()):
            faults.add(Place(shown(path), 1, 1), "this leads out of the town's folder; copy the file", "unreadable")
        elif path.is_file():
            if path.stat().st_size > MOST_PIECE:
                most = f"the file is larger than {MOST_PIECE // 1_000_000} MB"
                faults.add(Place(shown(path), 1, 1), most, "too-large")
            else:
                pieces[name] = disk.piece_in(path)
    return Version(version_of(pieces), pieces, str(town.resolve()))


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

    def known(folder: str, names: Iterable[str]) -> set[str] | None:
        return {*names, *faulty(folder)} if (path / folder).is_dir() else None

    return TownView(
        queues={*queues, *faulty(QUEUES)},
        skills={skill for queue in queues.values() for skill in queue.skills_named},
        answers=known(ANSWERS, answers),
        services=known(DIRECTORY, services),
        hours=known(HOURS, hours),
        prompts=_names(path / "prompts", "**/*.wav"),
        answer_files=answers,
        service_files=services,
    )


def _names(folder: Path, files: str = "*.yaml") -> set[str] | None:
    """What the files of a folder are about, by their names; None where the town has no such folder."""
    return {file.stem for file in folder.glob(files)} if folder.is_dir() else None
