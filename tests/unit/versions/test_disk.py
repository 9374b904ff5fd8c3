"""Versions on a machine's disk: whole or not there, never larger than they must be."""

import time
from pathlib import Path

import pytest

from core.errors import GuichetError
from versions import disk
from versions.record import Move, Piece, Version, piece_of, version_of

LATER_S = time.time() + 2 * disk.YOUNG_S
CONTENTS = {piece_of(each).digest: each for each in (b"un", b"deux", b"trois")}


def a_version(**files: bytes) -> Version:
    pieces = {name.replace("_", "/") + ".yaml": piece_of(raw) for name, raw in files.items()}
    return Version(version_of(pieces), pieces)


def content(piece: Piece) -> bytes:
    return CONTENTS[piece.digest]


FIRST, SECOND = a_version(accueil=b"un", queues_voirie=b"deux"), a_version(accueil=b"un", queues_voirie=b"trois")


def test_a_file_that_two_versions_have_is_stored_once(tmp_path: Path) -> None:
    first, second = (disk.keep(tmp_path, version, content) for version in (FIRST, SECOND))
    assert (first / "queues" / "voirie.yaml").read_bytes() == b"deux"
    assert (first / "accueil.yaml").samefile(second / "accueil.yaml")
    assert version_of(disk.pieces_in(second)) == SECOND.version


def test_a_content_that_is_not_what_it_should_be_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(GuichetError, match="changed while it was read, or is damaged"):
        disk.keep(tmp_path, FIRST, lambda _: b"xx")
    assert disk.folder_of(tmp_path, FIRST.version) is None
    assert disk.kept(tmp_path) == []


@pytest.mark.parametrize("name", ["../evil.yaml", "/etc/evil", "a/../../b", ".hidden", "a//b", "a\0b", "prompts/.x/y"])
def test_a_version_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    evil = Version("0" * 12, {name: piece_of(b"un")})
    with pytest.raises(GuichetError, match="has a file"):
        disk.keep(tmp_path, evil, content)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_versions_go_but_not_those_that_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "KEPT", 0)
    for version in (FIRST, SECOND):
        disk.keep(tmp_path, version, content)
    disk.set_current(tmp_path, SECOND.version, "/srv/town")
    disk.sweep(tmp_path, LATER_S, [FIRST.version])
    assert set(disk.kept(tmp_path)) == {FIRST.version, SECOND.version}
    disk.sweep(tmp_path, LATER_S)
    assert disk.kept(tmp_path) == [SECOND.version]
    assert {path.name for path in (tmp_path / "town" / disk.POOL).iterdir()} == {
        piece.digest for piece in SECOND.files.values()
    }


def test_what_another_process_has_just_begun_is_not_swept_away(tmp_path: Path) -> None:
    for piece in FIRST.files.values():
        disk.put_piece(tmp_path, piece, content(piece))
    (tmp_path / "town" / ".fresh-half").mkdir()
    disk.sweep(tmp_path, time.time())
    folder = disk.keep(tmp_path, FIRST, lambda _: pytest.fail("it was here already"))
    assert version_of(disk.pieces_in(folder)) == FIRST.version
    disk.sweep(tmp_path, LATER_S)
    assert not (tmp_path / "town" / ".fresh-half").exists()


def test_what_is_wanted_and_what_is_current_survive_as_they_were_said(tmp_path: Path) -> None:
    assert (disk.wanted(tmp_path), disk.current(tmp_path), disk.source(tmp_path)) == (None, "", "")
    move = Move("m1", FIRST.version, 5, "ada", "é", before=SECOND.version)
    disk.want(tmp_path, move)
    disk.set_current(tmp_path, FIRST.version, "/srv/town")
    assert (disk.wanted(tmp_path), disk.current(tmp_path), disk.source(tmp_path)) == (move, FIRST.version, "/srv/town")
    disk.no_longer_wanted(tmp_path)
    assert disk.wanted(tmp_path) is None
