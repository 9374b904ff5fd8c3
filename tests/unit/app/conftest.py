"""What the tests of the command line and its house share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def state() -> Iterator[Path]:
    """A state folder with a short path, since sockets lie in it."""
    folder = Path(tempfile.mkdtemp(prefix="gt-"))
    yield folder / "state"
    shutil.rmtree(folder)
