"""`python play_a_day.py SCENARIO`: a made-up day in virtual time, every event of it as a line. Used by
test_compiled_router.py, in processes of their own: one process has either the compiled modules or the plain ones."""

import json
import sys
from dataclasses import replace
from pathlib import Path

from app.compiled import in_use, use

use()

import numpy as np  # noqa: E402

from core.events import Event  # noqa: E402
from core.files import Faults  # noqa: E402
from simulator.scenario import Scenario, load_scenario  # noqa: E402
from simulator.world import World  # noqa: E402

LONGEST_MS = 10_800_000


def main(file: Path) -> None:
    print("compiled" if in_use() else "plain")

    def tell(event: Event) -> None:
        print(event.id, event.kind, event.at, event.call, json.dumps(event.data, sort_keys=True))

    World(_scenario(file), np.random.default_rng(5), tell).run()


def _scenario(file: Path) -> Scenario:
    faults = Faults()
    scenario = load_scenario(file, faults)
    assert scenario is not None, faults.found
    shorter = {"horizon": min(scenario.file.horizon, LONGEST_MS)}
    return replace(scenario, file=scenario.file.model_copy(update=shorter))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
