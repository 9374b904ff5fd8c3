import stat
from pathlib import Path

import pytest

from core.whole import PUBLIC, whole, write_whole


def test_a_file_is_private_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    write_whole(tmp_path / "secret", "é")
    write_whole(tmp_path / "sound", "", PUBLIC)
    assert (tmp_path / "secret").read_text(encoding="utf-8") == "é"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "sound").stat().st_mode) == 0o644


def test_what_was_there_stays_where_the_new_one_cannot_be_finished(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_whole(path, "before")
    with pytest.raises(RuntimeError), whole(path) as file:
        file.write(b"half of")
        raise RuntimeError
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["kept"]


def test_two_may_write_the_same_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "shared"
    with whole(path) as one, whole(path, durable=True) as other:
        one.write(b"one")
        other.write(b"other")
        assert not path.exists()
    assert path.read_bytes() == b"one"
