"""Where callers' words are kept: one folder, which the telephone network can write."""

import asyncio
import logging
import re
from pathlib import Path, PurePath

from core.ids import NewId

log = logging.getLogger(__name__)

_STRANGE = re.compile(r"[^A-Za-z0-9.-]")


class RecordingsFolder:
    """Files are named by their call and a random part: nobody can guess one, and none is written twice."""

    def __init__(self, folder: Path, new_id: NewId) -> None:
        self._folder, self._new_id = folder, new_id

    def fresh(self, call: str) -> Path:
        return self._folder / f"{_STRANGE.sub('-', call)}-{self._new_id()}"

    def path(self, name: str) -> Path:
        return self._folder / PurePath(name).name

    async def discard(self, path: Path) -> None:
        file = path.with_name(f"{path.name}.wav")
        try:
            await asyncio.to_thread(file.unlink, missing_ok=True)
        except OSError as error:
            log.error("the empty recording %s stays: %s", file, error)
