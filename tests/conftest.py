"""What all tests share."""

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from app.install import native as installer
from app.install.native import Native

PROCESSES = 2

# How fast a machine is fails no test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def native() -> Native:
    """The native programs; the first time they are fetched, which takes a minute."""
    return installer.install()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All tests run in several processes, for most of them wait; what somebody names runs in one."""
    return PROCESSES if config.args_source is pytest.Config.ArgsSource.TESTPATHS else 0


class Lanes(LoadFileScheduling):
    """A file's tests stay in one process, where they share what they set up; so do all that run a browser, which takes
    a processor."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "browser" if file.startswith("tests/acceptance/test_desk") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    return Lanes(config, log)


class ToldAtOnce:
    """A failure is told when it happens as well as at the end, which a run that is stopped never comes to."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal:
            terminal.write_line(f"\n{report.nodeid}, {report.when}:\n{report.longreprtext}")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(ToldAtOnce(config))
