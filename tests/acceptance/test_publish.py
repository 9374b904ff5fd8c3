"""Publishing while callers come in: no call fails, calls under way end on their version, new ones begin on the next."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from app.bench.house import COMMAND, OwnHouse
from app.bench.load import Callers
from app.install.native import Native
from core.errors import GuichetError
from tests.acceptance.conftest import FIRST_PORT, LAST_PORT
from tests.acceptance.house import House

PER_SECOND, ROUND, MOST_ROUNDS = 20, 100, 20
SIPP_PORT = FIRST_PORT + 10
SHORT = """\
flow: court
languages: [fr]
numbers: ["3939"]
start: bonjour
steps:
  bonjour: {say: Bonjour., then: merci}
  merci: {say: Merci., then: hangup}
"""
SHORT_AGAIN = SHORT.replace("then: hangup", "then: adieu") + "  adieu: {say: Au revoir., then: hangup}\n"
LONG = """\
flow: long
languages: [fr]
numbers: ["3940"]
start: choix
steps:
  choix: {menu: Tapez 1., choices: {1: avant}, timeout: 5m, otherwise: hangup}
  avant: {say: Avant., then: hangup}
"""
LONG_AGAIN = LONG.replace("avant", "apres").replace("Avant", "Après")
ANSWER = """\
answer: acte
question: Comment obtenir un acte de naissance ?
spoken: Demandez-le à la mairie.
topics: [etat-civil]
owner: État civil
review: 2099-01-31
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    for name in ("queues", "answers"):
        (folder / name).mkdir(parents=True)
    (folder / "court.yaml").write_text(SHORT)
    (folder / "long.yaml").write_text(LONG)
    (folder / "answers" / "acte.yaml").write_text(ANSWER)
    return folder


@pytest.fixture
def apart(native: Native, town: Path) -> Iterator[OwnHouse]:
    with OwnHouse(town, first_port=FIRST_PORT, last_port=LAST_PORT) as own:
        yield own


async def publish(own: OwnHouse) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(await asyncio.to_thread(own.run, "publish", "--json", "-m", "a note"))
    return said


def versions(own: OwnHouse) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(own.run("versions", "--json"))["versions"]
    return listed


async def keep_coming(callers: Callers, enough: asyncio.Event) -> int:
    """Callers, in rounds of a few seconds, until it is enough, and one round more; gives how many there were. Raises
    unless every call went well."""
    for rounds in range(1, MOST_ROUNDS):
        last = enough.is_set()
        await callers.call(ROUND, PER_SECOND)
        if last:
            return rounds * ROUND
    raise AssertionError(f"it was not enough after {MOST_ROUNDS} rounds")


async def test_under_twenty_calls_a_second_no_call_fails_and_each_ends_on_its_version(
    apart: OwnHouse, town: Path, native: Native
) -> None:
    house = House(apart)
    callers = Callers(native.command("sipp"), sip_port=apart.settings.sip_port, own_port=SIPP_PORT)
    try:
        (first,) = await asyncio.to_thread(versions, apart)
        slow = await house.caller()
        under_way = await slow.reach("3940")
        enough = asyncio.Event()
        coming = asyncio.create_task(keep_coming(callers, enough))
        await house.event("call.ended", limit=20)  # they come in
        (town / "court.yaml").write_text(SHORT_AGAIN)
        (town / "long.yaml").write_text(LONG_AGAIN)
        said = await publish(apart)
        assert said["published"] and said["before"] == first["version"] and said["late"] == []
        assert not coming.done(), "callers still came in when it went live"
        enough.set()
        count = await coming
        await under_way.press("1")
        await under_way.ended.wait(20)
        assert (await house.ended_contact(slow.number))["path"] == ["choix", "avant"]
        later = await house.caller()
        call = await later.reach("3940")
        await call.press("1")
        await call.ended.wait(20)
        assert (await house.ended_contact(later.number))["path"] == ["choix", "apres"]
        await house.event("call.ended", limit=20)
        short = house.rows("SELECT * FROM contact WHERE flow = 'court' ORDER BY started_at, id")
        assert len(short) == count
        assert {row["reason"] for row in short} == {"flow_ended"}
        ways = {(row["version"], tuple(row["path"])) for row in short}
        old, new = (first["version"], ("bonjour", "merci")), (said["version"], ("bonjour", "merci", "adieu"))
        assert ways == {old, new}
        order = [row["version"] == said["version"] for row in short]
        assert order == sorted(order), "from the switch on, every call begins on the new version"
    finally:
        await house.everybody_goes()


@contextmanager
def further_engine(own: OwnHouse, town: Path) -> Iterator[None]:
    """Beside the house's own, on the same store."""
    env = {**os.environ, **own.environment, "GUICHET_STATE": str(own.state), "GUICHET_CALLFLOWS": str(town)}
    env["GUICHET_AGI_PORT"] = str(FIRST_PORT + 6)
    engine = subprocess.Popen([*COMMAND, "run", "engine"], env=env, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        engine.terminate()
        engine.wait(20)


async def test_every_engine_and_the_pages_follow_and_a_rollback_leads_back(apart: OwnHouse, town: Path) -> None:
    page = f"{apart.facts['web']}answers/acte"
    with further_engine(apart, town):
        async with ClientSession() as browser:
            for number in range(100):  # the further engine needs a moment to begin
                (town / "answers" / "acte.yaml").write_text(ANSWER.replace("à la mairie", f"en ligne {number}"))
                said = await publish(apart)
                if len(said["nodes"]) == 3:
                    break
            assert len(said["nodes"]) == 3 and said["late"] == []
            async with browser.get(page) as response:
                assert "en ligne" in await response.text()
            first = versions(apart)[-1]["version"]
            back = await asyncio.to_thread(apart.run, "rollback", first[:6], "--json")
            assert json.loads(back) | {"switch_s": 0} == {
                "version": first, "before": said["version"], "switch_s": 0
            }  # fmt: skip
            async with browser.get(page) as response:
                assert "à la mairie" in await response.text()
    moved = versions(apart)
    assert [each["live"] for each in moved] == [True] + [False] * (len(moved) - 1)
    assert moved[0]["how"] == "rolled back" and moved[-1]["note"] == "the first version"


async def test_a_fault_in_an_edited_file_changes_nothing_for_callers_and_says_so(apart: OwnHouse, town: Path) -> None:
    house = House(apart)
    try:
        (town / "long.yaml").write_text(LONG_AGAIN.replace("then: hangup", "then: nulle-part"))
        with pytest.raises(GuichetError, match="Not published: 1 fault; calls go on with the version"):
            await asyncio.to_thread(apart.run, "publish")
        caller = await house.caller()
        call = await caller.reach("3940")
        await call.press("1")
        await call.ended.wait(20)
        assert (await house.ended_contact(caller.number))["path"] == ["choix", "avant"]
        assert len(versions(apart)) == 1
    finally:
        await house.everybody_goes()
