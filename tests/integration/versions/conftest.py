"""Valkey for the tests of this folder."""

from tests.valkey import own_valkey, valkey  # noqa: F401 — fixtures
