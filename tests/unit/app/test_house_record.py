import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.house import House, HouseLock, Runner, birth, end_left_overs, holder, load, save, settings_of
from app.places import make_places
from app.settings import Settings
from core.errors import GuichetError


@pytest.fixture
def settings(state: Path) -> Settings:
    made = Settings(state=state)
    make_places(made)
    return made


def house(*runners: Runner) -> House:
    sip = {"host": "127.0.0.1", "port": 5060}
    return House(True, sip, ["3939"], "http://127.0.0.1:8080/", [], "/state", processes=list(runners))


def test_what_is_saved_is_read_again_while_the_house_runs(settings: Settings) -> None:
    lock = HouseLock(settings.state)
    saved = house(Runner("engine", 12, 34, 56.5, restarts=2, ready=True, trouble="none"))
    save(saved, settings)
    assert load(settings) == saved
    lock.release()
    assert load(settings) is None


def test_a_running_house_is_asked_with_the_settings_that_it_was_started_with(settings: Settings) -> None:
    lock = HouseLock(settings.state)
    started = settings.model_copy(update={"sip_port": 5999, "trunks": ["192.0.2.1"]})
    save(replace(house(), settings=started.model_dump(mode="json")), settings)
    assert settings_of(settings) == started
    lock.release()
    assert settings_of(settings) == settings


def test_only_the_owner_may_read_the_passwords(settings: Settings) -> None:
    save(house(), settings)
    assert (settings.run / "house.json").stat().st_mode & 0o777 == 0o600
    assert settings.run.stat().st_mode & 0o777 == 0o700


def test_a_second_house_on_the_same_state_is_refused_with_the_id_of_the_first(settings: Settings) -> None:
    lock = HouseLock(settings.state)
    with pytest.raises(GuichetError, match=rf"runs already on .*state \(process {os.getpid()}\): `./guichet status`"):
        HouseLock(settings.state)
    lock.release()
    assert holder(settings.state) == 0


def test_a_process_left_over_is_ended(settings: Settings) -> None:
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    save(house(Runner("valkey", left.pid, birth(left.pid))), settings)
    assert end_left_overs(settings) == ["valkey"]
    assert left.wait(10) != 0
    assert not (settings.run / "house.json").exists()


def test_a_process_that_merely_got_the_same_id_is_spared(settings: Settings) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    save(house(Runner("valkey", other.pid, birth(other.pid) - 1)), settings)
    assert end_left_overs(settings) == []
    assert other.poll() is None
    other.kill()
    other.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"processes": [{"pid": 1}]}'])
def test_a_record_of_another_version_is_no_record(settings: Settings, text: str) -> None:
    (settings.run / "house.json").write_text(text)
    lock = HouseLock(settings.state)
    assert load(settings) is None
    lock.release()


def test_the_facts_are_what_is_promised(settings: Settings) -> None:
    facts = json.loads(json.dumps(house().facts()))
    assert set(facts) == {"ready", "sip", "numbers", "web", "agents", "accounts", "state"}
