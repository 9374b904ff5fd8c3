"""Where callers' words are kept."""

from pathlib import Path

from core.ids import counted_ids
from telephony.recordings import RecordingsFolder


async def test_each_recording_has_a_file_of_its_own_inside_the_folder(tmp_path: Path) -> None:
    folder = RecordingsFolder(tmp_path, counted_ids("r"))
    first, second = folder.fresh("guichet-17.1"), folder.fresh("../../etc/17")
    assert first != second
    assert {first.parent, second.parent} == {tmp_path}
    assert first.name.startswith("guichet-17.1-")


async def test_an_empty_recording_leaves_nothing(tmp_path: Path) -> None:
    folder = RecordingsFolder(tmp_path, counted_ids("r"))
    path = folder.fresh("guichet-17.1")
    written = path.with_name(f"{path.name}.wav")
    written.write_bytes(b"")
    await folder.discard(path)
    await folder.discard(path)  # nothing was written: that is no error
    assert not written.exists()
