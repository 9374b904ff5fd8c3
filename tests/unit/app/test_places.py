import os
from pathlib import Path

import pytest

from app import places
from app.places import make_places
from app.settings import Settings
from core.errors import GuichetError

not_root = pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")


def test_data_is_private(state: Path) -> None:
    settings = Settings(state=state)
    make_places(settings)
    for folder in (settings.run, state / "log", state / "store"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_file_where_the_folder_should_be_is_told(state: Path) -> None:
    state.touch()
    with pytest.raises(GuichetError, match=r"state cannot be used \(File exists\): mend its rights, or name another"):
        make_places(Settings(state=state))


def test_a_place_where_nothing_can_be_made_is_told() -> None:
    with pytest.raises(GuichetError, match=r"/proc/guichet cannot be used \(No such file"):
        make_places(Settings(state=Path("/proc/guichet/state")))


@not_root
def test_a_folder_without_the_right_to_write_is_told(state: Path) -> None:
    state.mkdir(mode=0o500)
    with pytest.raises(GuichetError, match=r"cannot be used \(Permission denied\): mend its rights"):
        make_places(Settings(state=state))


def test_a_full_disk_is_told(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "room", lambda _: 12_345_678)
    with pytest.raises(GuichetError, match="has 12 MB left and 200 MB are needed: free some room"):
        make_places(Settings(state=state))


def test_a_folder_that_somebody_else_planted_is_not_used(state: Path, tmp_path: Path) -> None:
    settings = Settings(state=state)
    state.mkdir()
    settings.run.symlink_to(tmp_path)
    with pytest.raises(GuichetError, match="run belongs to somebody else"):
        make_places(settings)
