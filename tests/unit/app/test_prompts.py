"""Recordings by a studio: the sheet, what is taken in, what is refused, what is stale."""

import csv
import io
import json
import stat
import wave
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from app import studio_files as door
from app.cli import main
from app.recordings import recordings_of
from speech.wav import read_wav
from tests.unit.speech.test_wav import wav

FLOW = """
flow: accueil
languages: [fr, en]
numbers: ["3939"]
start: bonjour
steps:
  bonjour:
    say: {fr: "Bonjour, vous êtes bien à la mairie.", en: "Hello, you have reached the town hall."}
    then: sujet
  sujet:
    menu: {fr: "Pour la voirie, tapez 1.", en: "For roads, press 1."}
    choices: {1: voirie}
    otherwise: voirie
  voirie:
    queue: voirie
    answered: hangup
    otherwise: rappel
  rappel:
    sms: {fr: "Rappelez la mairie.", en: "Call the town hall again."}
    then: dossier
    otherwise: dossier
  dossier:
    hangup: {fr: "Vous avez appelé {caller.contacts} fois.", en: "You called {caller.contacts} times."}
"""
GREETING = "Bonjour, vous êtes bien à la mairie."

Guichet = Callable[..., Result]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    (folder / "queues").mkdir(parents=True)
    (folder / "accueil.yaml").write_text(FLOW)
    (folder / "queues" / "voirie.yaml").write_text("queue: voirie\n")
    return folder


@pytest.fixture
def guichet(town: Path, monkeypatch: pytest.MonkeyPatch) -> Guichet:
    monkeypatch.setenv("GUICHET_CALLFLOWS", str(town))
    return lambda *words: CliRunner().invoke(main, ["prompts", *words])


def sheet(guichet: Guichet, *options: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(guichet("export", *options).stdout)))


def file_for(guichet: Guichet, text: str) -> str:
    return next(row["file"] for row in sheet(guichet) if row["text"] == text)


def recorded(seconds: float = 2.5, size: float = 0.3, *, rate: int = 48_000, channels: int = 2) -> bytes:
    """As a studio would send it."""
    sound = size * np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate)) / rate)
    return wav((np.repeat(sound, channels) * 32767).astype("<i2").tobytes(), rate=rate, channels=channels)


def zipped(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def test_the_sheet_has_every_text_that_is_spoken_with_what_a_speaker_must_know(guichet: Guichet) -> None:
    rows = {row["text"]: row for row in sheet(guichet)}
    greeting, menu = rows[GREETING], rows["For roads, press 1."]
    assert (greeting["language"], greeting["where"]) == ("fr", "accueil/bonjour/say")
    assert greeting["context"] == "in accueil, after the beginning of the call"
    assert menu["context"] == "in accueil, after bonjour"
    assert greeting["state"] == "new" and 1 < float(greeting["seconds"]) < 4
    assert "Rappelez la mairie." not in rows, "a message is read, not heard"
    assert not any("{" in text for text in rows), "values of a call cannot be recorded"
    assert {"You entered:", "Vous avez tapé :"} <= set(rows), "the guichet's own sentences"
    assert len({row["file"] for row in rows.values()}) == len(rows)


def test_the_sheet_says_how_many_texts_stay_with_the_speech_engine(guichet: Guichet) -> None:
    assert "2 texts speak values of a call" in guichet("export").stderr


def test_it_may_be_one_language_and_a_file_that_spreadsheets_read(guichet: Guichet, tmp_path: Path) -> None:
    assert {row["language"] for row in sheet(guichet, "--language", "en")} == {"en"}
    assert guichet("export", "-o", str(tmp_path / "sheet.csv")).exit_code == 0
    assert (tmp_path / "sheet.csv").read_bytes().startswith(b"\xef\xbb\xbffile,language,text")


def test_a_text_that_looks_like_a_formula_is_none_in_the_sheet(guichet: Guichet, town: Path) -> None:
    (town / "accueil.yaml").write_text(FLOW.replace("Hello, you", "=HYPERLINK(1) you"))
    assert "'=HYPERLINK(1) you have reached the town hall." in guichet("export").stdout


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
def test_what_a_studio_sends_is_taken_in_as_the_town_keeps_it(
    guichet: Guichet, town: Path, tmp_path: Path, packed: bool
) -> None:
    name = file_for(guichet, GREETING)
    sent = {name: recorded(), "sheet.csv": b"file,text", "__MACOSX/._x": b"?"}
    source = zipped(tmp_path / "s.zip", sent) if packed else tmp_path / "sent"
    for each, data in {} if packed else sent.items() if not packed else ():
        (source / each).parent.mkdir(parents=True, exist_ok=True)
        (source / each).write_bytes(data)
    done = guichet("import", str(source))
    assert (done.exit_code, done.stdout.split(". ")[0]) == (0, "1 new, 0 replaced, 0 refused")
    with wave.open(str(town / "prompts" / name)) as kept:
        assert (kept.getframerate(), kept.getnchannels(), kept.getsampwidth()) == (16_000, 1, 2)
    assert next(row["state"] for row in sheet(guichet) if row["text"] == GREETING) == "recorded"
    assert GREETING not in {row["text"] for row in sheet(guichet, "--missing")}
    assert json.loads(guichet("import", str(source), "--json").stdout)["replaced"] == [name]


def test_a_dry_run_writes_nothing(guichet: Guichet, town: Path, tmp_path: Path) -> None:
    source = zipped(tmp_path / "s.zip", {file_for(guichet, GREETING): recorded()})
    assert guichet("import", str(source), "--dry-run").stdout.startswith("1 would be new")
    assert not (town / "prompts").exists()


def test_a_text_that_was_changed_makes_its_recording_stale_and_is_to_be_recorded_anew(
    guichet: Guichet, town: Path, tmp_path: Path
) -> None:
    name = file_for(guichet, GREETING)
    guichet("import", str(zipped(tmp_path / "s.zip", {name: recorded()})))
    (town / "accueil.yaml").write_text(FLOW.replace("Bonjour, vous", "Bienvenue, vous"))
    told = guichet("status").stdout
    assert "1 stale, the text is now another one:" in told and "Bienvenue, vous êtes bien à la mairie." in told
    rows = {row["text"]: row["state"] for row in sheet(guichet, "--missing")}
    assert rows["Bienvenue, vous êtes bien à la mairie."] == "changed"
    again = guichet("import", str(tmp_path / "s.zip"))
    assert (again.exit_code, again.stdout.splitlines()[0]) == (
        1, f"{name}: no text has this name any more: it was changed after the sheet was made.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"ID3 an mp3", "this is no WAV."),
        (recorded()[:30], "this WAV holds no sound."),
        (recorded(size=0.0), "there is only silence."),
        (recorded(size=0.001), "it is too quiet: -63 dB below full scale; at least -45 is needed."),
        (recorded(0.1), "it lasts 0.1 s, too short for its text, which takes about 2 s."),
        (recorded(30), "it lasts 30.0 s, too long for its text, which takes about 2 s."),
        (recorded(rate=6_000), "it has 6000 samples a second; a telephone needs 8000 or more."),
    ],
)
def test_a_recording_that_is_not_fit_is_refused_with_its_reason(
    guichet: Guichet, town: Path, tmp_path: Path, data: bytes, complaint: str
) -> None:
    name = file_for(guichet, GREETING)
    done = guichet("import", str(zipped(tmp_path / "s.zip", {name: data})))
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, f"{name}: {complaint}")
    assert not (town / "prompts").exists()


def test_a_clipped_recording_is_refused(guichet: Guichet, tmp_path: Path) -> None:
    sound = np.clip(2 * np.sin(2 * np.pi * 300 * np.arange(48_000 * 2) / 48_000), -1, 1)
    name = file_for(guichet, GREETING)
    done = guichet("import", str(zipped(tmp_path / "s.zip", {name: wav((sound * 32767).astype("<i2").tobytes())})))
    assert "it is clipped: " in done.stdout


def test_names_that_lead_elsewhere_are_refused_and_nothing_is_written_outside(
    guichet: Guichet, town: Path, tmp_path: Path
) -> None:
    good = Path(file_for(guichet, GREETING)).name
    source = tmp_path / "s.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for name in (f"../../{good}", f"/tmp/{good}", f"..\\{good}", f"C:\\{good}", "fr/bell\x07.wav", "fr/other.wav"):
            archive.writestr(name, recorded())
        link = zipfile.ZipInfo(f"fr/{good}")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    done = json.loads(guichet("import", str(source), "--json").stdout)
    assert (done["new"], len(done["refused"])) == ([], 7)
    assert {why for reasons in done["refused"].values() for why in reasons} == {
        "its name leads out of the archive",
        "it is a link",
        "its name is not one of the sheet (./guichet prompts export)",
    }
    assert not list(tmp_path.rglob(good))


def test_a_link_in_a_folder_is_refused(guichet: Guichet, tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(recorded())
    sent = tmp_path / "sent" / file_for(guichet, GREETING)
    sent.parent.mkdir(parents=True)
    sent.symlink_to(tmp_path / "secret.wav")
    assert "it leads out of the folder" in guichet("import", str(tmp_path / "sent")).stdout


def test_a_zip_bomb_is_not_unpacked(guichet: Guichet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_BYTES", 1_000_000)
    bomb = zipped(tmp_path / "s.zip", {file_for(guichet, GREETING): bytes(50_000_000)})
    assert bomb.stat().st_size < 100_000
    assert "it is larger than 1 MB" in guichet("import", str(bomb)).stdout
    monkeypatch.setattr(door, "MOST_IN_ALL", 2_000_000)
    done = guichet("import", str(bomb))
    assert done.exit_code == 1 and "that is no studio's work" in done.stderr
    monkeypatch.setattr(door, "MOST_FILES", 0)
    assert "There are 1 files" in guichet("import", str(bomb)).stderr


def test_a_damaged_zip_is_told(guichet: Guichet, tmp_path: Path) -> None:
    source = zipped(tmp_path / "s.zip", {file_for(guichet, GREETING): recorded()})
    data = bytearray(source.read_bytes())
    data[200:260] = bytes(60)
    source.write_bytes(bytes(data))
    assert "it is damaged" in guichet("import", str(source)).stdout
    source.write_bytes(b"PK nothing")
    assert "neither a folder nor a ZIP file" in guichet("import", str(source)).stderr


def test_two_files_for_one_text_are_not_both_taken(guichet: Guichet, tmp_path: Path) -> None:
    name = file_for(guichet, GREETING)
    source = zipped(tmp_path / "s.zip", {name: recorded(), f"again/{Path(name).name}": recorded()})
    assert f"it is for the same text as {name}" in guichet("import", str(source)).stdout


def test_a_recording_moves_with_its_text(guichet: Guichet, town: Path, tmp_path: Path) -> None:
    guichet("import", str(zipped(tmp_path / "s.zip", {file_for(guichet, GREETING): recorded()})))
    (town / "accueil.yaml").write_text(FLOW.replace("bonjour:", "accueil:").replace("start: bonjour", "start: accueil"))
    name = file_for(guichet, GREETING)
    assert json.loads(guichet("status", "--json").stdout)["recorded"] == 1
    guichet("import", str(zipped(tmp_path / "s.zip", {name: recorded()})))
    assert [str(path.relative_to(town / "prompts")) for path in (town / "prompts").rglob("*.wav")] == [name]


def test_files_that_cannot_be_read_or_belong_to_nothing_are_told(town: Path) -> None:
    (town / "prompts" / "fr").mkdir(parents=True)
    (town / "prompts" / "fr" / f"old-{'0' * 16}.wav").write_bytes(b"?")
    found = recordings_of([], town / "prompts")
    assert (len(found.unused), list(found.broken.values())) == (1, ["this is no WAV"])


def test_what_is_kept_is_heard_as_it_was_recorded(guichet: Guichet, town: Path, tmp_path: Path) -> None:
    name = file_for(guichet, GREETING)
    guichet("import", str(zipped(tmp_path / "s.zip", {name: recorded(2.0, 0.3)})))
    speech = read_wav((town / "prompts" / name).read_bytes())
    assert len(speech.samples) / speech.rate == pytest.approx(2.0, abs=0.01)
    assert np.abs(speech.samples).max() == pytest.approx(0.3, abs=0.02)
