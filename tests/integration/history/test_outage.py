"""The database goes away while calls come in: the house's own history process, real Valkey, real database. Here with
a twentieth of what ten minutes at 50 calls a second bring; `./guichet bench outage` takes all of that."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.bench.outage import Calls, database, make_calls, outage, undisturbed
from app.install.display import Display
from tests.valkey import Valkey, own_valkey  # noqa: F401 — a fixture

BOUND_MB = 40
"""What the process may grow by: the batches that it takes at once. Twenty times as many calls take no more."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What happens, and what a database that is never away says of it."""

    folder: Path
    calls: Calls
    checksums: Mapping[str, str]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder, calls = tmp_path_factory.mktemp("outage"), make_calls(1_500)
    return Undisturbed(folder, calls, asyncio.run(undisturbed(folder, calls)))


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
async def test_a_database_that_was_away_holds_what_it_would_have_held(
    name: str,
    expected: Undisturbed,
    own_valkey: Valkey,  # noqa: F811
):
    with database(name, expected.folder) as one:
        seen = await outage(one, expected.folder, own_valkey.url, expected.calls, expected.checksums, Display())
    assert seen.differ == []
    assert seen.poisoned == 0
    greatest = list(seen.lags).index(max(seen.lags))
    assert seen.lags[greatest] == seen.backlog, "the metric tells all of the backlog"
    assert seen.lags[greatest:] == sorted(seen.lags[greatest:], reverse=True), "it only falls afterwards"
    assert (seen.lags[0], seen.lags[-1]) == (0, 0)
    assert seen.growth_mb < BOUND_MB
