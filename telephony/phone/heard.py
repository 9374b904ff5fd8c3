"""What a phone heard, laid out along time: where nothing came, there is silence."""

import time
from collections.abc import Callable

from telephony.phone.audio import RATE, SILENCE, Audio, decode

MOST_BYTES = 300 * RATE
"""The last five minutes are kept: 2.4 MB."""
_LATE = RATE // 10
"""100 ms: packets that come this long after the end of what is there leave a gap; others follow without a seam."""


class Heard:
    """Sound by the time at which it came. Times are those of time.monotonic()."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self._sound = bytearray()

    def add(self, payload: bytes) -> None:
        """One packet's mu-law sound, which has just come."""
        gap = self._elapsed() - len(payload) - len(self._sound)
        if gap > _LATE:
            self._sound += SILENCE * gap
        self._sound += payload
        if len(self._sound) > MOST_BYTES + 10 * RATE:
            cut = len(self._sound) - MOST_BYTES
            del self._sound[:cut]
            self._start += cut / RATE

    def since(self, moment: float) -> Audio:
        """From a time until now."""
        return self._between(round((moment - self._start) * RATE))

    def last(self, seconds: float) -> Audio:
        """The last so many seconds. Sound that is a little behind the clock still gives the whole length."""
        behind = self._elapsed() - len(self._sound)
        end = len(self._sound) if 0 < behind <= _LATE else self._elapsed()
        return self._between(end - round(seconds * RATE))

    def _elapsed(self) -> int:
        return round((self._now() - self._start) * RATE)

    def _between(self, first: int) -> Audio:
        """From that sample until now. Packets may be a little ahead of the clock."""
        first = max(0, first)
        sound = self._sound[first:]
        missing = self._elapsed() - first - len(sound)
        return Audio(decode(sound + SILENCE * missing if missing > _LATE else sound))
