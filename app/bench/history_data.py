"""The history that is measured: made once, and found again with what it is known by."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from app.install.display import Display
from core.errors import GuichetError
from history.database import make_engine, migrate
from history.measures.asked import midnights
from simulator.demo.filling import fill

A_DAY = 100_000
SEED = 1
LAST = date(2026, 9, 30)
ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True)
class Data:
    """What is in it."""

    contacts: int
    people: int
    days: Sequence[int]
    """The beginning of each day, and the end of the last."""
    by_day: Sequence[int]

    @property
    def day(self) -> int:
        """The place of the day nearest to A_DAY contacts that is long enough ago."""
        old = range(max(1, len(self.by_day) - 8))
        return min(old, key=lambda place: abs(self.by_day[place] - A_DAY))


async def make_data(url: str, note: Path, contacts: int, display: Display) -> Data:
    """Fill the database, unless the note says that it is filled already."""
    if note.exists():
        data = Data(**json.loads(note.read_text()))
        if data.contacts != contacts:
            raise GuichetError(f"{note.parent} holds {data.contacts:,} contacts: name another folder.")
        await migrate(url)
        return data
    await migrate(url)
    days = max(14, contacts // A_DAY)
    starts = midnights(LAST - timedelta(days=days - 1), LAST, ZONE)
    engine = make_engine(url, longest_s=None)
    old = starts[len(starts) // 3 : len(starts) // 3 + 7]
    try:
        filled = await fill(engine, contacts, max(1, contacts // 10), starts[:-1], SEED, display.step, followed=old)
    finally:
        await engine.dispose()
    known = [count if start in old else 0 for start, count in zip(starts, filled.by_day, strict=False)]
    data = Data(contacts, filled.people, starts, known)
    note.write_text(json.dumps(asdict(data)))
    return data
