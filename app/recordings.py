"""Recordings of a town: which texts have one, which lack it, which files are stale; and how new ones are taken in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.spoken_texts import SpokenText
from app.studio_files import StudioFile
from speech.engine import SpeechFailed
from speech.recordings import find_recordings, place_and_key, recording_file, recording_key
from speech.sound import WIDE_RATE
from speech.studio import complaints, kept
from speech.wav import read_wav, write_wav

Named = tuple[str, str]
"""Language and key of a recording."""


@dataclass(frozen=True, slots=True)
class Recordings:
    """Held against the texts of a town. `stale`: files whose text was changed since; `unused`: those of which the town
    knows nothing."""

    recorded: Mapping[Named, SpokenText]
    missing: Sequence[SpokenText]
    stale: Mapping[Path, SpokenText]
    unused: Sequence[Path]
    broken: Mapping[Path, str]


def name_of(line: SpokenText) -> Named:
    return line.prompt.language, recording_key(line.prompt)


def file_of(line: SpokenText) -> str:
    """The path of its recording inside the town's prompts/."""
    return recording_file(line.prompt, line.place)


def recordings_of(lines: Sequence[SpokenText], prompts: Path) -> Recordings:
    """`prompts`: the town's folder of sound files. Blocks."""
    wanted = {name_of(line): line for line in lines}
    found = find_recordings(prompts)
    broken = {path: why for path in found.values() if (why := _why_unreadable(path.read_bytes()))}
    recorded = {named: line for named, line in wanted.items() if named in found and found[named] not in broken}
    missing = [line for named, line in wanted.items() if named not in recorded]
    stale, unused = dict[Path, SpokenText](), list[Path]()
    for (language, _), path in ((named, path) for named, path in found.items() if named not in wanted):
        now = _said_there_now(path, language, missing)
        if now:
            stale[path] = now
        else:
            unused.append(path)
    return Recordings(recorded, missing, stale, unused, broken)


def _said_there_now(path: Path, language: str, missing: Iterable[SpokenText]) -> SpokenText | None:
    """The text that took the place of the one that was recorded."""
    named = place_and_key(path.stem)
    place = named[0] if named else ""
    same = (line for line in missing if place and line.prompt.language == language)
    return next((line for line in same if (place_and_key(Path(file_of(line)).stem) or ("", ""))[0] == place), None)


def _why_unreadable(data: bytes) -> str:
    try:
        read_wav(data)
    except SpeechFailed as error:
        return str(error)
    return ""


@dataclass(slots=True)
class Taken:
    """What came of files that a studio sent."""

    new: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    refused: dict[str, list[str]] = field(default_factory=dict)
    """Why, by file."""


def take_in(
    files: Iterable[StudioFile], lines: Sequence[SpokenText], prompts: Path, done: Taken, *, dry: bool = False
) -> Iterator[str]:
    """Put the recordings that are fit into the town's folder, and add to `done` what came of each; gives their names
    one by one. `dry`: only look."""
    wanted = {name_of(line): line for line in lines}
    seen: dict[Named, str] = {}
    for file in files:
        line, why = _meant(file, wanted)
        if line and name_of(line) in seen:
            why = [f"it is for the same text as {seen[name_of(line)]}"]
        elif line:
            seen[name_of(line)] = file.name
            why = _take(file, line, prompts, done, dry=dry)
        if why:
            done.refused[file.name] = why
        yield file.name


def _meant(file: StudioFile, wanted: Mapping[Named, SpokenText]) -> tuple[SpokenText | None, list[str]]:
    """The text that a file is for, or why there is none."""
    if file.trouble:
        return None, [file.trouble]
    path = PurePosixPath(file.name.replace("\\", "/"))
    named = place_and_key(path.stem)
    if path.suffix.lower() != ".wav":
        return None, ["it is no .wav file"]
    if named is None:
        return None, ["its name is not one of the sheet (./guichet prompts export)"]
    of_key = [(language, key) for language, key in wanted if key == named[1]]
    if not of_key:
        return None, ["no text has this name any more: it was changed after the sheet was made"]
    return wanted[of_key[0]], []


def _take(file: StudioFile, line: SpokenText, prompts: Path, done: Taken, *, dry: bool) -> list[str]:
    try:
        speech = read_wav(file.data)
    except SpeechFailed as error:
        return [str(error)]
    if why := list(complaints(speech, line.prompt.text)):
        return why
    target = prompts / file_of(line)
    before = find_recordings(prompts).get(name_of(line))
    (done.replaced if before else done.new).append(file.name)
    if not dry:
        write_wav(target, kept(speech), WIDE_RATE)
        if before and before != target.resolve():
            before.unlink()  # the text stands elsewhere now, and its recording is called after the new place
    return []
