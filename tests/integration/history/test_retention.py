"""What is not to be kept any longer is let go, purpose by purpose; what counts stays."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from core.clock import HandClock
from core.events import Event
from history.access import Usual, Watch, note_reading, reads_of, told_unusual
from history.models import Access, Contact, Note, Person, RecordedEvent, Recording
from history.retention import DAY_MS, Retention, Terms, seconds_to_night
from queues.store.memory import MemoryStore
from tests.integration.history.helping import RULES, recorded, rows
from tests.unit.history.told import START, arrived, ended, told


def days(count: int) -> int:
    return count * DAY_MS


def a_call(call: str, after: int, number: str = "0612345678") -> list[Event]:
    return [
        arrived(call, number, after, name="Ada"),
        told("call.chose", after + 1_000, call, step="dossier", digits="4242", choice="ok"),
        told("call.voicemail", after + 2_000, call, queue="accueil", file=f"voice-{call}", seconds=9),
        told("contact.noted", after + 3_000, call, author="camille", note=f"note-{call}", text="Private"),
        ended(after + 4_000, call=call),
    ]


class Night:
    """A night's work, so many days after the first call."""

    def __init__(self, engine: AsyncEngine, folder: Path, terms: Terms | None = None) -> None:
        self.clock = HandClock(START)
        self.refused: set[str] = set()
        self._folder = folder
        self._work = Retention(engine, terms or Terms(), self.clock, self.delete, breath_s=0)

    def delete(self, name: str) -> None:
        if name in self.refused:
            raise PermissionError("not now")
        (self._folder / name).unlink(missing_ok=True)

    async def after(self, count: int) -> dict[str, int]:
        self.clock.now = START + days(count) + 60_000
        return await self._work.apply()


async def test_each_purpose_has_its_own_time(engine: AsyncEngine, tmp_path: Path):
    (tmp_path / "voice-a").touch()
    await recorded(engine, a_call("a", 0))
    night = Night(engine, tmp_path)
    assert set((await night.after(89)).values()) == {0}
    assert (await night.after(90))["digits"] == 1
    assert (await rows(engine, Contact))[0]["choices"][0] == {"at": START + 1_000, "step": "dossier", "digits": "",
                                                              "choice": "ok"}  # fmt: skip
    assert (tmp_path / "voice-a").exists()
    assert (await night.after(180))["recordings"] == 1
    assert not (tmp_path / "voice-a").exists()
    assert [(r["file"], r["seconds"]) for r in await rows(engine, Recording)] == [("", 9)]
    done = await night.after(1096)
    assert (done["notes"], done["persons"]) == (1, 1)
    assert [note["text"] for note in await rows(engine, Note)] == [""]
    (contact,) = await rows(engine, Contact)
    assert (contact["number"], contact["name"], contact["outcome"]) == ("", "", "left")
    assert [person["key"] for person in await rows(engine, Person)] == [None]
    kept = str([event["data"] for event in await rows(engine, RecordedEvent)])
    assert [trace for trace in ("612345678", "Ada", "4242", "Private", "voice-a") if trace in kept] == []
    assert set((await night.after(1097)).values()) == {0}


async def test_somebody_who_still_calls_or_has_an_open_case_is_not_forgotten(engine: AsyncEngine, tmp_path: Path):
    opened = Event("c", "case.opened", START + 5_000, "open", {"author": "x", "case": "c", "title": "T", "number": ""})
    again = [arrived("again", "0699999999", days(1_000)), ended(days(1_000) + 9, call="again")]
    await recorded(engine, [*a_call("old", 0, "0699999999"), *again, *a_call("open", 0), opened])
    assert (await Night(engine, tmp_path).after(1_100))["persons"] == 0


async def test_a_file_that_cannot_be_deleted_is_tried_again_every_night(engine: AsyncEngine, tmp_path: Path):
    (tmp_path / "voice-a").touch()
    await recorded(engine, a_call("a", 0))
    night = Night(engine, tmp_path)
    night.refused = {"voice-a"}
    assert (await night.after(180))["recordings"] == 0
    night.refused = set()
    assert (await night.after(200))["recordings"] == 1
    assert not (tmp_path / "voice-a").exists()


async def test_who_withheld_the_number_is_forgotten_by_name_too(engine: AsyncEngine, tmp_path: Path):
    hidden = [arrived("h", "", 0, withheld=True, name="Ada"), ended(9, call="h")]
    await recorded(engine, hidden)
    assert (await Night(engine, tmp_path).after(1_096))["strangers"] == 1
    assert [contact["name"] for contact in await rows(engine, Contact)] == [""]


async def test_for_ever_is_for_ever(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, a_call("a", 0))
    terms = Terms(recordings=0, digits=0, notes=0, persons=0, access=0, poison=0)
    assert await Night(engine, tmp_path, terms).after(10_000) == {}


def test_the_night_comes_at_three():
    paris = timezone(timedelta(hours=1))
    assert seconds_to_night(datetime(2026, 11, 25, 1, 0, tzinfo=paris)) == 2 * 3600
    assert seconds_to_night(datetime(2026, 11, 25, 3, 0, tzinfo=paris)) == 24 * 3600


# --- who reads -----------------------------------------------------------------------------------------------------


def read(reader: str, person: str, after: int, call: str = "") -> Event:
    data = {"reader": reader, "what": "person", "person": person}
    return Event(f"read-{reader}-{person}-{after}", "history.read", START + after, call, data)


async def test_who_read_a_history_is_kept(engine: AsyncEngine):
    await recorded(engine, [read("camille", "ada", 0, "call-1"), read("sacha", "ada", 5)])
    await note_reading(engine, "command line", "export", "bob")
    reads = await reads_of(engine, "ada")
    assert [(each["reader"], each["call"]) for each in reads] == [("sacha", ""), ("camille", "call-1")]
    assert len(await rows(engine, Access)) == 3


async def test_once_its_time_is_over_no_event_tells_of_a_reading_either(engine: AsyncEngine, tmp_path: Path):
    await recorded(engine, [read("camille", "ada", 0), read("sacha", "ada", days(1_000))])
    assert (await Night(engine, tmp_path).after(1_100))["access"] == 1
    assert [event["data"]["reader"] for event in await rows(engine, RecordedEvent)] == ["sacha"]


async def test_who_is_over_is_named_nowhere_not_even_by_who_read_about_them_lately(engine: AsyncEngine, tmp_path: Path):
    key = RULES.pseudonyms.person("+33612345678")
    named = Event("s", "person.described", START + days(1_050), "", {"author": "x", "person": key, "name": "Ada"})
    read_lately = {"reader": "camille", "what": "person", "person": key}
    lately = Event("r", "history.read", START + days(1_090), "", read_lately)
    await recorded(engine, [*a_call("a", 0), lately, named])
    assert (await Night(engine, tmp_path).after(1_100))["persons"] == 1
    kept = str([await rows(engine, model) for model in (Access, RecordedEvent)])
    assert [trace for trace in (key, "Ada") if trace in kept] == []
    assert "camille" in kept


async def test_many_people_read_without_a_call_and_one_person_read_by_many_stand_out_once(engine: AsyncEngine):
    curious = [read("nosy", f"person-{n}", n) for n in range(4)]
    at_work = [read("busy", f"person-{n}", n, f"call-{n}") for n in range(50)]
    famous = [read(f"reader-{n}", "mayor", n) for n in range(3)]
    await recorded(engine, [*curious, *at_work, *famous])
    clock, store = HandClock(START + 60_000), MemoryStore()
    watch = Watch(engine, store, clock, lambda: f"w-{clock()}", Usual(persons_an_hour=3, readers_a_day=2))
    found = await watch.look()
    assert [(one.what, one.reader or one.person, one.count) for one in found] == [
        ("many_people", "nosy", 4),
        ("many_readers", "mayor", 3),
    ]
    assert {event.kind for _, event in await store.follow("0", 0)} == {"history.unusual"}
    assert await watch.look() == []


async def test_what_stood_out_can_be_looked_up_afterwards(engine: AsyncEngine):
    await recorded(engine, [read("nosy", f"person-{n}", n) for n in range(4)])
    clock, store = HandClock(START + 60_000), MemoryStore()
    await Watch(engine, store, clock, lambda: f"w-{clock()}", Usual(persons_an_hour=3)).look()
    await recorded(engine, [event for _, event in await store.follow("0", 0)])
    one = {"at": START + 60_000, "what": "many_people", "reader": "nosy", "person": "", "count": 4}
    assert await told_unusual(engine, START) == [one]
    assert await told_unusual(engine, START + 60_000) == []
