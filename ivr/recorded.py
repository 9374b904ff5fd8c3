"""How long a caller may speak, as steps that record say it."""

from typing import Annotated

from pydantic import AfterValidator

from core.filemodel import Duration, problem

MOST_MS = 600_000
SILENCE_MS = 5_000


def _limited(ms: int) -> int:
    if not 1_000 <= ms <= MOST_MS:
        raise problem("duration", "expected a duration from 1s to 10m here")
    return ms


Length = Annotated[Duration, AfterValidator(_limited)]
