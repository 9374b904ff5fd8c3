from pathlib import Path

import pytest

from app.prepare import is_loopback, usable_town
from app.settings import Settings
from core.errors import GuichetError
from tests.unit.app.test_command_line import FLOW
from versions.disk import wanted

FAULTY = FLOW.replace("then: hangup", "then: nulle-part")


@pytest.fixture
def settings(state: Path, tmp_path: Path) -> Settings:
    return Settings(state=state, callflows=tmp_path)


def test_a_good_town_is_used_as_it_is(settings: Settings) -> None:
    (settings.callflows / "essai.yaml").write_text(FLOW)
    town, warnings = usable_town(settings)
    assert list(town.flows.by_name) == ["essai"] and warnings == []


def test_with_a_good_version_calls_go_on_with_that_and_the_faults_are_told(settings: Settings) -> None:
    (settings.callflows / "essai.yaml").write_text(FLOW)
    good, _ = usable_town(settings)
    (settings.callflows / "essai.yaml").write_text(FAULTY)
    town, (fault, advice) = usable_town(settings)
    assert town.version == good.version
    assert "essai.yaml:9:" in fault
    assert (
        advice == f"Calls go on with the last good version, {good.version}: mend these faults, then ./guichet publish."
    )


def test_what_was_edited_since_is_not_served_before_it_is_published(settings: Settings) -> None:
    (settings.callflows / "essai.yaml").write_text(FLOW)
    good, _ = usable_town(settings)
    (settings.callflows / "essai.yaml").write_text(FLOW.replace("Bonjour", "Bonsoir"))
    town, (advice,) = usable_town(settings)
    assert town.version == good.version
    assert "are not those that callers are served with" in advice and "./guichet publish" in advice


def test_another_folder_is_served_when_the_house_is_started_with_it(settings: Settings, tmp_path: Path) -> None:
    (settings.callflows / "essai.yaml").write_text(FLOW)
    first, _ = usable_town(settings)
    other = Settings(state=settings.state, callflows=tmp_path / "other")
    other.callflows.mkdir()
    (other.callflows / "essai.yaml").write_text(FLOW.replace("Bonjour", "Bonsoir"))
    town, warnings = usable_town(other)
    assert warnings == [] and town.version != first.version
    move = wanted(settings.state)
    assert move is not None and (move.version, move.before) == (town.version, first.version)


def test_the_first_version_is_published_by_the_start_itself(settings: Settings) -> None:
    (settings.callflows / "essai.yaml").write_text(FLOW)
    town, _ = usable_town(settings)
    move = wanted(settings.state)
    assert move is not None and (move.version, move.before, move.note) == (town.version, "", "the first version")


def test_without_one_it_cannot_start(settings: Settings) -> None:
    (settings.callflows / "essai.yaml").write_text(FAULTY)
    with pytest.raises(GuichetError, match=r"essai\.yaml:9:\d+: .*\nMend these faults"):
        usable_town(settings)


@pytest.mark.parametrize(("host", "expected"), [("127.0.0.1", True), ("::1", True), ("192.0.2.1", False), ("x", False)])
def test_demo_agents_are_for_the_loopback_only(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
