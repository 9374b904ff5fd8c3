"""No value brings a line, a section or an expression of its own into Asterisk's configuration."""

import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.site import Peer, Phone, Site
from asterisk_conf.write import ami_secret, render, run_folder, write
from core.errors import GuichetError


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(home=tmp_path / "a", modules=Path("/m"), share=Path("/s"), moh=Path("/moh"), numbers=("3939",))


HOSTILE = ["", "x\n[evil]", "1;2", "${SHELL(id)}", "a,b", "a)", '"', "=>", "#exec", "../x", "é" * 3, "1\x00", "1\n"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("setting", ["name", "sip_host"])
def test_a_hostile_word_is_refused(site: Site, setting: str, value: str) -> None:
    with pytest.raises(GuichetError):
        write(replace(site, **{setting: value}), [])
    assert not site.home.exists()


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_address_number_or_language_is_refused(site: Site, value: str) -> None:
    changes: list[dict[str, Any]] = [
        {"trunks": (value,)},
        {"agi_hosts": ((value, 4573),)},
        {"numbers": (value,)},
        {"languages": (value,)},
        {"apologies": {value: Path("/x")}},
        {"fallback_number": value or "x", "trunks": ("192.0.2.1",)},
    ]
    for change in changes:
        with pytest.raises(GuichetError):
            write(replace(site, **change), [])


@pytest.mark.parametrize("value", [*HOSTILE, "1", "123456789", "１２", "12 "])
def test_a_hostile_extension_is_refused(site: Site, value: str) -> None:
    with pytest.raises(GuichetError, match="extension"):
        write(site, [Phone(value, "correcthorse1")])


@pytest.mark.parametrize("value", [*HOSTILE, "short7x", "x" * 65, "with space1", "pässwörter1"])
def test_a_hostile_or_weak_password_is_refused(site: Site, value: str) -> None:
    with pytest.raises(GuichetError, match="password of extension 101"):
        write(site, [Phone("101", value)])


@pytest.mark.parametrize("path", ["/a;b", "/a\nb", "/a,b", "/${A}", "/a&b", "/a)", "relative", "/a|b", "/a "])
def test_a_folder_that_would_be_read_as_something_else_is_refused(site: Site, path: str) -> None:
    for change in ({"moh": Path(path)}, {"apologies": {"fr": Path(path)}}, {"home": Path(path)}):
        with pytest.raises(GuichetError, match="choose another one"):
            write(replace(site, **change), [])  # type: ignore[arg-type]


def test_two_agents_cannot_have_one_extension(site: Site) -> None:
    with pytest.raises(GuichetError, match="given to two agents"):
        write(site, [Phone("101", "correcthorse1"), Phone("101", "correcthorse2")])


def test_a_fallback_number_without_a_trunk_is_no_use(site: Site) -> None:
    with pytest.raises(GuichetError, match="needs a trunk"):
        write(replace(site, fallback_number="0123456789"), [])


def lines(site: Site, name: str, *phones: Phone) -> Iterator[str]:
    text = dict(render(site, phones, "secret"))[name]
    return (line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith(";"))


def test_anonymous_callers_are_let_in_on_the_loopback_only(site: Site) -> None:
    assert "[anonymous]" in lines(site, "pjsip.conf")
    elsewhere = replace(site, sip_host="192.0.2.1", trunks=("192.0.2.2",))
    assert "[anonymous]" not in lines(elsewhere, "pjsip.conf")
    assert "load = res_pjsip_endpoint_identifier_anonymous.so" not in lines(elsewhere, "modules.conf")


FOR_AN_AGENT = "same => n,Dial(PJSIP/${ARG1}@${ARG2},45,gi)"
"""A subroutine of an engine's own Dial, to call a citizen back: no line of the dialplan leads there."""


def test_whoever_calls_from_outside_can_dial_nothing_but_the_fallback_number(site: Site) -> None:
    site = replace(site, trunks=("192.0.2.2",), fallback_number="0123456789")
    dialled = [line for line in lines(site, "extensions.conf") if "Dial(" in line]
    assert dialled == ["same => n,Dial(PJSIP/0123456789@trunk-1,60)", FOR_AN_AGENT]
    assert not [line for line in lines(site, "extensions.conf") if "callback" in line and line != "[callback]"]


def test_another_asterisk_of_ours_may_ring_agents_and_nothing_else(site: Site) -> None:
    site = replace(site, peers=(Peer("south", "127.0.0.6", 5070),), trunks=("192.0.2.2",))
    agents = [Phone("101", "correcthorse1"), Phone("102", "correcthorse2")]
    plan = list(lines(site, "extensions.conf", *agents))
    peers = plan[plan.index("[peers]") + 1 :]
    assert [line.split(",")[0] for line in peers if line.startswith("exten")] == ["exten => 101", "exten => 102"]
    rung = {phone for line in peers for phone in re.findall(r"PJSIP/[^\s)}&,]+", line)}
    assert rung == {"PJSIP/101", "PJSIP/101-web", "PJSIP/102", "PJSIP/102-web"}
    dialled = [line for line in plan if "Dial(" in line]
    assert (
        dialled
        == [FOR_AN_AGENT] + ['same => n,Dial(${DESK}${IF($["${DESK}" = "" | "${BROWSER}" = ""]?:&)}${BROWSER},,iI)'] * 2
    )
    conf = list(lines(site, "pjsip.conf", *agents))
    assert conf[conf.index("[peer-south]") :][:4] == [
        "[peer-south]",
        "type = endpoint",
        "transport = udp",
        "context = peers",
    ]
    assert {"match = 127.0.0.6", "contact = sip:127.0.0.6:5070"} <= set(conf)


@pytest.mark.parametrize(
    ("peers", "told"),
    [
        ([Peer("so uth", "127.0.0.6", 5060)], "name of a peer"),
        ([Peer("south", "example.org", 5060)], "is not an IP address"),
        ([Peer("south", "127.0.0.6", 0)], "ports are numbers"),
        ([Peer("guichet", "127.0.0.6", 5060)], "two Asterisks are called guichet"),
        ([Peer("south", "127.0.0.6", 5060), Peer("south", "127.0.0.7", 5060)], "two Asterisks are called south"),
        ([Peer("south", "127.0.0.1", 5070)], "has the address 127.0.0.1, as sip_host"),
        ([Peer("south", "127.0.0.6", 5060), Peer("west", "127.0.0.6", 5070)], "as the peer south"),
        ([Peer("south", "192.0.2.2", 5060)], "as trunk 192.0.2.2"),
    ],
)
def test_peers_that_could_be_taken_for_somebody_else_are_refused(site: Site, peers: list[Peer], told: str) -> None:
    with pytest.raises(GuichetError, match=told):
        write(replace(site, peers=tuple(peers), trunks=("192.0.2.2",)), [])


def test_addresses_of_the_sixth_version_stand_in_brackets(site: Site) -> None:
    site = replace(site, sip_host="::1", agi_hosts=(("::1", 4573),))
    assert "bind = [::1]:5060" in lines(site, "pjsip.conf")
    assert any("AGI(agi://[::1]:4573/inbound)" in line for line in lines(site, "extensions.conf"))


def test_only_what_changed_is_written_and_says_how_to_take_it_up(site: Site) -> None:
    assert write(site, []).restart
    assert write(site, []).files == ()
    changes = write(site, [Phone("101", "correcthorse1")])
    assert (changes.files, changes.reloads) == (("pjsip.conf",), ("module reload res_pjsip.so",))
    assert write(replace(site, ami_port=5039), [Phone("101", "correcthorse1")]).reloads == ("manager reload",)


def test_secrets_are_readable_by_their_owner_alone(site: Site) -> None:
    write(site, [Phone("101", "correcthorse1")])
    secret = ami_secret(site.home)
    assert len(secret) >= 32
    assert ami_secret(site.home) == secret
    holders = [path for path in site.home.rglob("*") if path.is_file() and secret in path.read_text()]
    assert {path.name for path in holders} == {"ami.secret", "manager.conf"}
    for path in site.home.rglob("*"):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path
    assert stat.S_IMODE((site.home / "etc/pjsip.conf").stat().st_mode) == 0o600


def test_a_deep_folder_has_its_socket_elsewhere(tmp_path: Path) -> None:
    assert run_folder(tmp_path) == tmp_path / "run"
    assert len(str(run_folder(Path("/" + "x" * 200)))) < 80
