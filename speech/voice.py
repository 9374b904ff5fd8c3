"""Prompts as files that Asterisk can play: each text is rendered once and kept.

A recorded file wins over the speech engine (speech/recordings.py), and is made fit for the telephone like any other
speech. Each version of the town has recordings of its own: a call hears those of the version that it is on.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from core.clock import Clock, wall_clock
from ivr.acts import Prompt
from speech import sound as processing
from speech.engine import Speech, SpeechEngine, SpeechFailed
from speech.folder import SoundFolder
from speech.keys import digest
from speech.recordings import find_recordings, recording_key
from speech.text import is_language, speakable
from speech.wav import read_wav

log = logging.getLogger(__name__)

CACHE_SIZE = 10_000
AT_ONCE = 2
"""Texts rendered at the same time."""
PATIENCE_S = 5.0
"""How long a call waits for a text that is being rendered."""
TRIED_AGAIN_MS = 30_000
"""A text that failed is not tried again for that long: callers would only wait."""
SWEEP_EVERY = 500
"""Sounds rendered between two looks at how many there are."""
UNSPOKEN = "unspoken"
"""The name of the sound played in place of a text that cannot be rendered."""
UNSPOKEN_S = 0.2

MOST_VERSIONS = 50
"""Whose recordings are known; of the others, those of the version that came last are heard."""

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


class Said(NamedTuple):
    """What a sound is of: a text, and the recording of it, if there is one."""

    prompt: Prompt
    recording: Path | None


class Voice:
    """Speaks with `engine` into `folder`; at most `cache_size` sounds are kept there and remembered."""

    def __init__(
        self,
        engine: SpeechEngine,
        folder: Path,
        *,
        cache_size: int = CACHE_SIZE,
        at_once: int = AT_ONCE,
        patience_s: float = PATIENCE_S,
        clock: Clock = wall_clock,
    ) -> None:
        self._engine, self._folder = engine, SoundFolder(folder)
        self._recordings: OrderedDict[str, Mapping[tuple[str, str], Path]] = OrderedDict()
        """Those of each version, the last one last."""
        self._cache_size, self._patience_s, self._clock = cache_size, patience_s, clock
        self._slots = asyncio.Semaphore(at_once)
        self._known: OrderedDict[Said, str] = OrderedDict()
        self._failed: dict[Said, int] = {}
        self._rendering: dict[Said, asyncio.Task[str | None]] = {}
        self._until_sweep = SWEEP_EVERY

    async def sound(self, prompt: Prompt, version: str = "") -> str:
        """The path, without ending, of the sound of this text in that version of the town; of the sound UNSPOKEN where
        it cannot be had soon."""
        said = self._said(prompt, version)
        if known := self._known.get(said):
            self._known.move_to_end(said)
            return known
        if self._failed.get(said, 0) > self._clock():
            return await self._unspoken()
        done, _ = await asyncio.wait((task := self._begun(said),), timeout=self._patience_s)
        if not done:
            log.error("speech: a call goes on without %s, which takes long to render", _shown(prompt))
        return (task.result() if done else None) or await self._unspoken()

    async def use_recordings(self, prompts: Path, version: str = "") -> None:
        """From now on that version's recordings are those in the folder; they are rendered when they are asked for, or
        by `prepare`."""
        found = await asyncio.to_thread(find_recordings, prompts)
        again = {*found.values(), *self._recordings.pop(version, {}).values()}
        self._recordings[version] = found
        while len(self._recordings) > MOST_VERSIONS:
            self._recordings.popitem(last=False)
        for said in [each for each in self._known if each.recording in again]:
            del self._known[said]

    async def prepare(
        self, prompts: Iterable[Prompt], progress: Progress | None = None, version: str = ""
    ) -> list[Prompt]:
        """Render all of a version that are not there yet; gives those that could not be."""
        wanted = list(dict.fromkeys(prompts))
        tasks = [self._begun(self._said(prompt, version)) for prompt in wanted]
        for done, task in enumerate(asyncio.as_completed(tasks), 1):
            await task
            if progress:
                progress(done, len(wanted))
        return [prompt for prompt, task in zip(wanted, tasks, strict=True) if task.result() is None]

    async def close(self) -> None:
        """Leave off what is being rendered."""
        tasks = list(self._rendering.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- rendering ------------------------------------------------------------------------------------------------

    def _said(self, prompt: Prompt, version: str) -> Said:
        recordings = self._recordings.get(version)
        if recordings is None:
            recordings = next(reversed(self._recordings.values()), {})
        recording = recordings.get((prompt.language, recording_key(prompt))) if recordings else None
        return Said(prompt, recording)

    def _begun(self, said: Said) -> "asyncio.Task[str | None]":
        """The one task that renders this: it goes on when those who wait for it hang up."""
        task = self._rendering.get(said)
        if task is None:
            task = self._rendering[said] = asyncio.create_task(self._make(said))
            task.add_done_callback(lambda _: self._rendering.pop(said))
        return task

    async def _make(self, said: Said) -> str | None:
        """The path, or None where it failed: the log says why."""
        try:
            path = self._known.get(said) or await self._rendered(said)
        except (SpeechFailed, OSError) as error:
            log.error("speech: %s cannot be rendered: %s", _shown(said.prompt), error)
        except Exception:
            log.exception("speech: %s cannot be rendered", _shown(said.prompt))
        else:
            self._failed.pop(said, None)
            self._remember(said, path)
            return path
        self._note_failure(said)
        return None

    async def _rendered(self, said: Said) -> str:
        prompt = said.prompt
        text = speakable(prompt.text)
        if not text:
            raise SpeechFailed("there is nothing to say")
        if not is_language(prompt.language):
            raise SpeechFailed(f"{prompt.language!r} is not a language")
        recorded = await asyncio.to_thread(_recorded, said.recording)
        key = self._key(text, prompt.language, recorded)
        if not await asyncio.to_thread(self._folder.has, key):
            async with self._slots:
                speech = await self._read_or_speak(recorded, text, prompt.language)
                await asyncio.to_thread(self._keep, key, speech)
            await self._sweep_sometimes()
        return self._folder.path(key)

    def _keep(self, key: str, speech: Speech) -> None:
        """Blocks."""
        self._folder.put(key, processing.for_telephones(speech))

    async def _read_or_speak(self, recorded: bytes, text: str, language: str) -> Speech:
        if recorded:
            return await asyncio.to_thread(read_wav, recorded)
        return await self._engine.speak(text, language)

    def _key(self, text: str, language: str, recorded: bytes) -> str:
        """Names everything on which the sound depends."""
        made = str(processing.VERSION)
        return digest(made, recorded) if recorded else digest(made, self._engine.voice(language), language, text)

    async def _unspoken(self) -> str:
        try:
            if not await asyncio.to_thread(self._folder.has, UNSPOKEN):
                silence = {processing.RATE: processing.silence(UNSPOKEN_S)}
                await asyncio.to_thread(self._folder.put, UNSPOKEN, silence)
        except OSError as error:
            log.error("speech: not even silence can be written: %s", error)
        return self._folder.path(UNSPOKEN)

    # --- what is kept ---------------------------------------------------------------------------------------------

    def _remember(self, said: Said, path: str) -> None:
        self._known[said] = path
        while len(self._known) > self._cache_size:
            self._known.popitem(last=False)

    def _note_failure(self, said: Said) -> None:
        now = self._clock()
        self._failed = {other: until for other, until in self._failed.items() if until > now}
        self._failed[said] = now + TRIED_AGAIN_MS

    async def _sweep_sometimes(self) -> None:
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEEP_EVERY
            keep = {*self._known.values(), self._folder.path(UNSPOKEN)}
            await asyncio.to_thread(self._folder.sweep, self._cache_size, keep)


def _recorded(file: Path | None) -> bytes:
    """The recording's content, or nothing. Blocks."""
    if file is None:
        return b""
    try:
        data = file.read_bytes()
        read_wav(data)
    except (OSError, SpeechFailed) as error:
        log.error("speech: the recording %s is not used: %s", file, error)
        return b""
    return data


def _shown(prompt: Prompt) -> str:
    return f"{speakable(prompt.text)[:60]!r} ({prompt.language[:20]!r})"
