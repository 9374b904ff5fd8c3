"""What a person does and hears in a call."""

import asyncio
import time
from collections.abc import Callable

from telephony.phone.audio import Audio, tone
from telephony.phone.heard import Heard
from telephony.phone.moment import PATIENCE_S, Moment, NotInTime, within
from telephony.phone.rtp import Rtp

_LOOK = 0.02  # seconds between two looks at what is heard


class Talk:
    """The sound of one call."""

    def __init__(self, name: str) -> None:
        self.name = name
        """What messages call it: `the call to 3939`."""
        self.ended = Moment(f"{name} to end")
        self.ended_because = ""
        self._rtp = Rtp()

    async def press(self, digits: str) -> float:
        """Press keys one after the other; returns when the last one is let go, and gives that time."""
        await within(2.0 + 0.2 * len(digits), self._rtp.press(digits), f"the digits {digits} to be sent")
        return time.monotonic()

    def play_tone(self, hz: int) -> None:
        """Until something else is played, or `be_quiet`."""
        self._rtp.play(tone(hz), repeat=True)

    def be_quiet(self) -> None:
        self._rtp.stop()

    # --- what a person hears ----------------------------------------------------------------------------------------

    @property
    def heard(self) -> Heard:
        return self._rtp.heard

    @property
    def digits_received(self) -> str:
        return self._rtp.digits

    async def wait_heard(
        self, wanted: Callable[[Audio], bool], what: str, over: float = 0.3, limit: float = PATIENCE_S
    ) -> Audio:
        """Until the last `over` seconds of sound are as wanted; gives them."""
        end = time.monotonic() + limit
        while not wanted(audio := self.heard.last(over)) or audio.seconds < over * 0.9:
            if time.monotonic() > end or self.ended:
                why = f"it ended ({self.ended_because})" if self.ended else f"after {limit:g} s not"
                raise NotInTime(f"{self.name} should have had {what}, but {why}; "
                                f"at the end: {audio.level:.0f} dBFS, {audio.pitch:.0f} Hz")  # fmt: skip
            await asyncio.sleep(_LOOK)
        return audio

    async def wait_tone(self, hz: int, limit: float = PATIENCE_S) -> Audio:
        return await self.wait_heard(lambda audio: audio.has_tone(hz), f"a tone of {hz} Hz", limit=limit)

    async def wait_sound(self, limit: float = PATIENCE_S) -> Audio:
        return await self.wait_heard(lambda audio: not audio.silent, "some sound", limit=limit)

    async def wait_silence(self, over: float = 0.5, limit: float = 10.0) -> Audio:
        return await self.wait_heard(lambda audio: audio.silent, f"{over:g} s of silence", over, limit)

    async def wait_digits(self, digits: str, limit: float = PATIENCE_S) -> None:
        """Until these digits came, and no others."""
        end = time.monotonic() + limit
        while self.digits_received != digits:
            self._rtp.digit_came.clear()
            what = f"the digits {digits!r} in {self.name}; came: {self.digits_received!r}"
            await within(end - time.monotonic(), self._rtp.digit_came.wait(), what)
