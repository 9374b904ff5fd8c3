"""The apologies that Asterisk plays without us."""

import asyncio
from pathlib import Path
from typing import cast

from app import settings
from app.engine import keep_fallback
from ivr.acts import Prompt
from speech.voice import Voice

SPOKEN = b"RIFF"


class Speaks:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def sound(self, prompt: Prompt) -> str:
        (self.folder / f"{prompt.language}.wav").write_bytes(SPOKEN)
        return str(self.folder / prompt.language)


async def test_engines_that_start_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    loaded = settings.load(state=tmp_path)
    sounds = loaded.asterisk_home / "sounds"
    sounds.mkdir(parents=True)
    voice = cast(Voice, Speaks(tmp_path))
    await asyncio.gather(*(keep_fallback(voice, loaded) for _ in range(3)))
    assert {file.name: file.read_bytes() for file in sounds.iterdir()} == {
        "fallback-fr.wav": SPOKEN, "fallback-en.wav": SPOKEN
    }  # fmt: skip
