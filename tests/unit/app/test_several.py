"""Several Asterisks in the settings, and what the doctor says of them."""

import pytest

from app.nodes import by_asterisk, troubles
from app.peers import peers_of
from app.plan import agi_ports, processes
from app.settings import Settings
from asterisk_conf.site import Peer
from core.errors import GuichetError
from queues.model import Node


def test_a_peer_is_a_name_and_an_address_and_perhaps_a_port() -> None:
    settings = Settings(peers=["north=10.0.0.2", "south=10.0.0.3:5070", "west=[2001:db8::1]:5080", "east=2001:db8::2"])
    assert peers_of(settings) == (
        Peer("north", "10.0.0.2", 5060),
        Peer("south", "10.0.0.3", 5070),
        Peer("west", "2001:db8::1", 5080),
        Peer("east", "2001:db8::2", 5060),
    )


@pytest.mark.parametrize("peer", ["", "north", "north=", "=10.0.0.2", "north=10.0.0.2:sip"])
def test_what_is_no_peer_is_told_with_an_example(peer: str) -> None:
    with pytest.raises(GuichetError, match=r"for example north=10\.0\.0\.2:5060"):
        peers_of(Settings(peers=[peer]))


def test_each_engine_has_a_port_and_a_name_of_its_own() -> None:
    settings = Settings(engines=3, agi_port=4573)
    assert list(agi_ports(settings)) == [4573, 4574, 4575]
    names = [process.name for process in processes(settings, ["asterisk"], ["valkey"])]
    assert [name for name in names if name.startswith("engine")] == ["engine", "engine-2", "engine-3"]


def test_the_doctor_names_a_peer_that_is_away_and_one_that_is_not_named() -> None:
    nodes = [Node("n1", "north"), Node("n2", "north"), Node("s1", "south", silent_ms=60_000), Node("w1", "west")]
    assert by_asterisk(nodes) == {"north": 2, "west": 1}
    away, unnamed = troubles(nodes, "north", ["south"])
    assert away.startswith("no engine serves the peer south")
    assert unnamed.startswith("agents whose phones are registered at west cannot be rung from here")
    assert troubles(nodes[:2], "north", []) == []
