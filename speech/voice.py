"""Prompts as files that Asterisk can play: each text is rendered once and kept.

A recorded file wins over the speech engine (speech/recordings.py), and is made fit for the telephone like any other
speech.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

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

Progress = Callable[[int, int], None]
"""Told how many are done, of how many."""


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
        self._recordings: Mapping[tuple[str, str], Path] = {}
        self._cache_size, self._patience_s, self._clock = cache_size, patience_s, clock
        self._slots = asyncio.Semaphore(at_once)
        self._known: OrderedDict[Prompt, str] = OrderedDict()
        self._failed: dict[Prompt, int] = {}
        self._rendering: dict[Prompt, asyncio.Task[str | None]] = {}
        self._until_sweep = SWEEP_EVERY

    async def sound(self, prompt: Prompt) -> str:
        """The path, without ending, of the sound of this text; of the sound UNSPOKEN where it cannot be had soon."""
        if known := self._known.get(prompt):
            self._known.move_to_end(prompt)
            return known
        if self._failed.get(prompt, 0) > self._clock():
            return await self._unspoken()
        done, _ = await asyncio.wait((task := self._begun(prompt),), timeout=self._patience_s)
        if not done:
            log.error("speech: a call goes on without %s, which takes long to render", _shown(prompt))
        return (task.result() if done else None) or await self._unspoken()

    async def use_recordings(self, prompts: Path) -> None:
        """From now on the recordings in that folder are heard; those that were not there are rendered when they are
        asked for, or by `prepare`."""
        found = await asyncio.to_thread(find_recordings, prompts)
        changed = {named for named in {*found, *self._recordings} if found.get(named) != self._recordings.get(named)}
        self._recordings = found
        for prompt in [each for each in self._known if (each.language, recording_key(each)) in changed]:
            del self._known[prompt]

    async def prepare(self, prompts: Iterable[Prompt], progress: Progress | None = None) -> list[Prompt]:
        """Render all that are not there yet; gives those that could not be."""
        wanted = list(dict.fromkeys(prompts))
        tasks = [self._begun(prompt) for prompt in wanted]
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

    def _begun(self, prompt: Prompt) -> "asyncio.Task[str | None]":
        """The one task that renders this prompt: it goes on when those who wait for it hang up."""
        task = self._rendering.get(prompt)
        if task is None:
            task = self._rendering[prompt] = asyncio.create_task(self._make(prompt))
            task.add_done_callback(lambda _: self._rendering.pop(prompt))
        return task

    async def _make(self, prompt: Prompt) -> str | None:
        """The path, or None where it failed: the log says why."""
        try:
            path = self._known.get(prompt) or await self._rendered(prompt)
        except (SpeechFailed, OSError) as error:
            log.error("speech: %s cannot be rendered: %s", _shown(prompt), error)
        except Exception:
            log.exception("speech: %s cannot be rendered", _shown(prompt))
        else:
            self._failed.pop(prompt, None)
            self._remember(prompt, path)
            return path
        self._note_failure(prompt)
        return None

    async def _rendered(self, prompt: Prompt) -> str:
        text = speakable(prompt.text)
        if not text:
            raise SpeechFailed("there is nothing to say")
        if not is_language(prompt.language):
            raise SpeechFailed(f"{prompt.language!r} is not a language")
        recorded = await asyncio.to_thread(self._recorded, prompt)
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

    def _recorded(self, prompt: Prompt) -> bytes:
        """The recording's content, or nothing. Blocks."""
        file = self._recordings.get((prompt.language, recording_key(prompt)))
        if file is None:
            return b""
        try:
            data = file.read_bytes()
            read_wav(data)
        except (OSError, SpeechFailed) as error:
            log.error("speech: the recording %s is not used: %s", file, error)
            return b""
        return data

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

    def _remember(self, prompt: Prompt, path: str) -> None:
        self._known[prompt] = path
        while len(self._known) > self._cache_size:
            self._known.popitem(last=False)

    def _note_failure(self, prompt: Prompt) -> None:
        now = self._clock()
        self._failed = {other: until for other, until in self._failed.items() if until > now}
        self._failed[prompt] = now + TRIED_AGAIN_MS

    async def _sweep_sometimes(self) -> None:
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._until_sweep = SWEEP_EVERY
            keep = {*self._known.values(), self._folder.path(UNSPOKEN)}
            await asyncio.to_thread(self._folder.sweep, self._cache_size, keep)


def _shown(prompt: Prompt) -> str:
    return f"{speakable(prompt.text)[:60]!r} ({prompt.language[:20]!r})"
