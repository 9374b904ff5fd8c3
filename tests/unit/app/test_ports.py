import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ports import Port, check_ports, complaint, ports_of
from app.settings import Settings
from core.errors import GuichetError
from tests.ports import own

HOST = "127.0.24.1"
TCP = Port("the web pages", "TCP", HOST, own(22501), "web_port", "web_host")
UDP = Port("Asterisk's phones", "UDP", HOST, own(22502), "sip_port", "sip_host")


@pytest.fixture
def listener() -> Iterator[None]:
    with socket.create_server((HOST, TCP.number)), socket.socket(type=socket.SOCK_DGRAM) as phone:
        phone.bind((HOST, UDP.number))
        yield


def test_a_free_port_gives_no_complaint() -> None:
    assert complaint(TCP) == "" and complaint(UDP) == ""


@pytest.mark.usefixtures("listener")
def test_a_taken_port_is_named_with_its_user_and_the_setting() -> None:
    user = f"{Path('/proc/self/comm').read_text().strip()} (process {os.getpid()})"
    assert complaint(TCP) == (
        f"TCP port {TCP.number} of {HOST}, for the web pages, is taken by {user}: end that, or set web_port in "
        "guichet.toml, or GUICHET_WEB_PORT, to another port."
    )
    assert complaint(UDP).startswith(f"UDP port {UDP.number} of {HOST}, for Asterisk's phones, is taken by {user}: ")


def test_an_address_of_another_machine_is_told_with_its_setting() -> None:
    elsewhere = Port("the web pages", "TCP", "192.0.2.1", 22501, "web_port", "web_host")
    assert complaint(elsewhere) == (
        "192.0.2.1, for the web pages, is not an address of this machine: set web_host to one that is."
    )


def test_one_port_for_two_uses_is_told(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, sip_port=24103, agi_port=24104, ami_port=24104, web_port=24105)
    with pytest.raises(GuichetError, match="agi_port and ami_port are both 24104: change one of them"):
        check_ports(settings)


def test_every_port_has_a_setting_that_exists(tmp_path: Path) -> None:
    for port in ports_of(Settings(state=tmp_path)):
        assert port.setting in Settings.model_fields
        assert port.host_setting == "" or port.host_setting in Settings.model_fields
