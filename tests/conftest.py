"""What all tests share."""

import pytest

from app.install import native as installer
from app.install.native import Native


@pytest.fixture(scope="session")
def native() -> Native:
    """The native programs; the first time they are fetched, which takes a minute."""
    return installer.install()
