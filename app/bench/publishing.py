"""How long it takes to publish the town, and until every node has switched: a whole house, with a second engine."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.bench.house import COMMAND, OwnHouse
from app.install.places import CHECKOUT
from app.publish import publish
from app.versioning import reach
from core.errors import GuichetError

TOWN = CHECKOUT / "callflows"
FIRST_PORT, LAST_PORT = 23600, 23799
TIMES = 5
NODES = 3
"""Two engines and the pages."""
STARTS_WITHIN_S = 30.0
EDIT = """\
answer: essai-du-banc
question: Que mesure-t-on ?
spoken: Ceci est la publication numéro {number}.
topics: [banc]
owner: Le banc d'essai
review: 2099-01-31
"""


async def figures(town: Path = TOWN) -> Mapping[str, float]:
    """`publish_s`: from the command's beginning to its end, a new text to be rendered each time; `switch_s`: from the
    pointer's move until the last node had switched. The worst of TIMES, in seconds."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-town-"))
    try:
        copy = Path(shutil.copytree(town, folder / "town"))
        (copy / "answers").mkdir(exist_ok=True)
        with OwnHouse(copy, first_port=FIRST_PORT, last_port=LAST_PORT) as house, _further_engine(house):
            await _all_there(house)
            took = [await _one(house, copy, number) for number in range(TIMES)]
        return {"publish_s": max(whole for whole, _ in took), "switch_s": max(switch for _, switch in took)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _one(house: OwnHouse, town: Path, number: int) -> tuple[float, float]:
    (town / "answers" / "essai-du-banc.yaml").write_text(EDIT.format(number=number))
    outcome = await publish(house.settings, town, "bench", "", lambda *_: None)
    published = outcome.published
    if published is None or published.late or len(published.nodes) != NODES:
        raise GuichetError(f"the town was not published to {NODES} nodes: {outcome}")
    return outcome.took_s, published.switch_s


async def _all_there(house: OwnHouse) -> None:
    """Wait until every node says that it serves the first version."""
    async with reach(house.settings) as store, asyncio.timeout(STARTS_WITHIN_S):
        while sum(bool(node.live) for node in await store.shelf.nodes()) < NODES:  # noqa: ASYNC110 — they are others
            await asyncio.sleep(0.1)


@contextmanager
def _further_engine(house: OwnHouse) -> Iterator[None]:
    settings = house.settings
    env = {**os.environ, "GUICHET_STATE": str(house.state), "GUICHET_CALLFLOWS": str(settings.callflows)}
    env |= {"GUICHET_SIP_PORT": str(settings.sip_port), "GUICHET_AMI_PORT": str(settings.ami_port)}
    env["GUICHET_AGI_PORT"] = str(FIRST_PORT + 6)
    engine = subprocess.Popen([*COMMAND, "run", "engine"], env=env, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        engine.terminate()
        engine.wait(20)
