"""What speech and publishing cost, on the machine's cores.

render_1000_s   1,000 texts that were never spoken, by espeak-ng, at both rates, on disk
cached_1000_s   the same texts for an engine that starts: they are there, and found
publish_s       a change of the town published to a house with a further engine: checked, scenarios played, rendered,
                switched; from the command's begin
switch_s        of that, from going live until every engine has switched
"""

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from app.bench.house import COMMAND, OwnHouse
from app.install.programs import find_programs
from app.settings import load
from core.errors import GuichetError
from ivr.acts import Prompt
from ivr.spoken import spoken
from speech.espeak import Espeak
from speech.voice import Voice

TARGETS = {"render_1000_s": "<= 30", "cached_1000_s": "<= 1", "publish_s": "<= 5", "switch_s": "<= 1"}

TEXTS = 1_000
FIRST_PORT, LAST_PORT = 23_400, 23_799
FURTHER_PORT = FIRST_PORT + 12
NODES = 3
"""Two engines and the web pages."""
MOST_TRIES = 50
CHANGE = """\
flow: essai
languages: [fr]
numbers: ["3949"]
start: bonjour
steps:
  bonjour: {{say: "Une phrase toute neuve, la {number}.", then: agent}}
  agent: {{queue: accueil, answered: hangup, otherwise: hangup}}
"""


async def run() -> dict[str, float]:
    return {**await rendering(), **await publishing()}


def texts() -> list[Prompt]:
    """A town's sentences, in both languages: of about 2 to 6 seconds, no two the same."""
    found = []
    for number in range(TEXTS // 2):
        french, english = (spoken(number, "count", language) for language in ("fr", "en"))
        found += [
            Prompt(f"Le guichet {french} est ouvert jusqu'à dix-sept heures. Pour un rendez-vous, tapez 1.", "fr"),
            Prompt(f"Desk {english} is open until five in the afternoon. For an appointment, press 1.", "en"),
        ]
    return found


async def rendering() -> dict[str, float]:
    folder = Path(tempfile.mkdtemp(prefix="guichet-prompts-"))
    try:
        command = find_programs(load()).espeak
        return {"render_1000_s": await _prepared(command, folder), "cached_1000_s": await _prepared(command, folder)}
    finally:
        shutil.rmtree(folder)


async def _prepared(command: Sequence[str], folder: Path) -> float:
    """Seconds that an engine which starts needs until it has them all."""
    voice = Voice(Espeak(command), folder)
    try:
        began = time.perf_counter()
        failed = await voice.prepare(texts())
        took = time.perf_counter() - began
    finally:
        await voice.close()
    if failed:
        raise GuichetError(f"{len(failed)} texts could not be rendered, the first: {failed[0].text}")
    return took


async def publishing() -> dict[str, float]:
    """The town that is shipped, with a new sentence each time, until the further engine has come and follows."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-town-"))
    try:
        town = folder / "town"
        shutil.copytree(load().callflows, town)
        with OwnHouse(town, first_port=FIRST_PORT, last_port=LAST_PORT) as house, _further_engine(house, town):
            for number in range(MOST_TRIES):
                (town / "essai.yaml").write_text(CHANGE.format(number=number))
                began = time.perf_counter()
                said = json.loads(await asyncio.to_thread(house.run, "publish", "--json", "-m", "bench"))
                took = time.perf_counter() - began
                if len(said["nodes"]) == NODES and not said["late"]:
                    return {"publish_s": took, "switch_s": float(said["switch_s"])}
        raise GuichetError(f"the further engine did not come to follow within {MOST_TRIES} publishings: {said}")
    finally:
        shutil.rmtree(folder)


@contextmanager
def _further_engine(house: OwnHouse, town: Path) -> Iterator[None]:
    """Beside the house's own, on the same store."""
    ports = {"sip_port": house.settings.sip_port, "ami_port": house.settings.ami_port, "agi_port": FURTHER_PORT}
    env = {**os.environ, **{f"GUICHET_{name.upper()}": str(port) for name, port in ports.items()}}
    env |= {"GUICHET_STATE": str(house.state), "GUICHET_CALLFLOWS": str(town)}
    engine = subprocess.Popen([*COMMAND, "run", "engine"], env=env, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        engine.terminate()
        engine.wait(20)
