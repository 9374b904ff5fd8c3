"""The certificates of the pages."""

import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import settings
from app.certificates import Certificate, certificate_of, is_good, make, names_of
from app.settings import Settings
from app.up import web_url
from core.errors import GuichetError

NOW = datetime.now(UTC)


def house(folder: Path, **given: Any) -> Settings:
    return settings.load(state=folder / "state", **given)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate and its key, made for service.example."""
    made = tmp_path / "real/chain.pem", tmp_path / "real/key.pem"
    make(*made, ["service.example"], NOW)
    return made


@pytest.mark.parametrize(
    ("given", "tls"),
    [
        ({}, False),
        ({"web_host": "0.0.0.0"}, True),  # noqa: S104 — nothing listens
        ({"web_host": "192.0.2.7"}, True),
        ({"web_host": "::"}, True),
        ({"tls": "on"}, True),
        ({"web_host": "0.0.0.0", "tls": "off"}, False),  # noqa: S104
    ],
)
def test_who_listens_beyond_the_loopback_has_tls_and_so_has_who_wants_it(
    tmp_path: Path, given: dict[str, Any], tls: bool
) -> None:
    loaded = house(tmp_path, **given)
    assert loaded.serves_tls is tls
    assert web_url(loaded).startswith("https://" if tls else "http://")
    assert (certificate_of(loaded) is not None) is tls


def test_one_of_our_own_making_is_for_all_names_and_kept_and_its_key_is_secret(tmp_path: Path) -> None:
    loaded = house(tmp_path, tls="on", web_host="192.0.2.7", public_url="https://service.example/reponses")
    assert names_of(loaded) == ["192.0.2.7", "service.example", "localhost", "127.0.0.1", "::1"]
    assert certificate_of(loaded)
    chain, key = loaded.state / "tls/certificate.pem", loaded.state / "tls/key.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    before = chain.read_bytes()
    assert certificate_of(loaded)
    assert chain.read_bytes() == before
    assert is_good(chain, names_of(loaded), NOW)
    assert not is_good(chain, names_of(loaded), NOW + timedelta(days=380)), "it ends soon"
    assert not is_good(chain, ["elsewhere.example"], NOW)


def test_a_browser_that_trusts_it_finds_the_name_in_it(pair: tuple[Path, Path]) -> None:
    chain, key = pair
    server, client = Certificate(chain, key).context, ssl.create_default_context(cafile=str(chain))
    assert _shake_hands(server, client, "service.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(server, client, "elsewhere.example")


def test_a_renewed_certificate_is_taken_up_and_a_broken_one_is_not(pair: tuple[Path, Path], tmp_path: Path) -> None:
    chain, key = pair
    used = Certificate(chain, key)
    assert not used.look()
    make(chain, key, ["renewed.example"], NOW)
    os.utime(chain, ns=(1, 1))
    assert used.look()
    assert _shake_hands(used.context, ssl.create_default_context(cafile=str(chain)), "renewed.example")
    chain.write_text("broken")
    assert not used.look()


@pytest.mark.parametrize("broken", ["missing", "no pem", "another key"])
def test_what_cannot_be_used_is_said_with_what_to_set(tmp_path: Path, pair: tuple[Path, Path], broken: str) -> None:
    chain, key = pair
    if broken == "missing":
        chain.unlink()
    elif broken == "no pem":
        chain.write_text("certificate")
    else:
        make(tmp_path / "other.pem", key, ["other.example"], NOW)
    with pytest.raises(GuichetError, match="Set tls_certificate and tls_key"):
        certificate_of(house(tmp_path, tls_certificate=chain, tls_key=key))


def test_settings_that_do_not_go_together_are_refused(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    chain, key = pair
    with pytest.raises(GuichetError, match="both or neither"):
        house(tmp_path, tls_certificate=chain)
    with pytest.raises(GuichetError, match="tls is off"):
        house(tmp_path, tls_certificate=chain, tls_key=key, tls="off")


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """The two speak in memory."""
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = server.wrap_bio(ours, theirs, server_side=True)
    other = client.wrap_bio(theirs, ours, server_hostname=name)
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for side in (other, one):
            try:
                side.do_handshake()
                done.add(side)
            except ssl.SSLWantReadError:
                continue
    return True


def test_whoever_listens_on_all_addresses_is_known_by_the_machines_name(tmp_path: Path) -> None:
    assert names_of(house(tmp_path, web_host="0.0.0.0"))[0] == socket.gethostname()  # noqa: S104
