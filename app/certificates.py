"""TLS for the pages: the certificate that the settings name, or one of our own making.

A browser gives a microphone only to pages from the loopback or by TLS, so whoever listens beyond the loopback has one
in any case. One of our own making is signed by itself: browsers warn of it, once each."""

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.settings import Settings
from core.errors import GuichetError
from core.whole import write_whole

log = logging.getLogger(__name__)

LASTS = timedelta(days=397)
"""Browsers take none that last longer."""
RENEW_BEFORE = timedelta(days=30)
LOOK_EVERY_S = 60.0
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Certificate:
    """The files of a chain and its key, and the context that servers use. `follow` takes renewed files up."""

    def __init__(self, chain: Path, key: Path) -> None:
        self._chain, self._key = chain, key
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load()
        self._loaded = self._changed()

    async def follow(self) -> None:
        """Look for renewed files, until cancelled. Connections that are open stay as they are."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> bool:
        """Whether there were renewed files, and they could be used."""
        if (now := self._changed()) == self._loaded:
            return False
        self._loaded = now
        try:
            self._load()
        except GuichetError as error:
            log.error("the former certificate stays in use: %s", error)
            return False
        log.info("the certificate %s is in use", self._chain)
        return True

    def _load(self) -> None:
        try:
            end = x509.load_pem_x509_certificate(self._chain.read_bytes()).not_valid_after_utc
            self.context.load_cert_chain(self._chain, self._key)
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise GuichetError(
                f"The certificate {self._chain} with the key {self._key} cannot be used: {error}. Set tls_certificate"
                " and tls_key to a chain and its key, as PEM files that Guichet may read."
            ) from error
        if end < datetime.now(UTC):
            log.error("the certificate %s ended on %s: browsers refuse it", self._chain, end.date())

    def _changed(self) -> tuple[int, int]:
        try:
            return self._chain.stat().st_mtime_ns, self._key.stat().st_mtime_ns
        except OSError:
            return 0, 0


def certificate_of(settings: Settings) -> Certificate | None:
    """What the settings ask for; None where pages go without TLS. GuichetError where it cannot be had."""
    if not settings.serves_tls:
        return None
    if settings.tls_certificate and settings.tls_key:
        return Certificate(settings.tls_certificate, settings.tls_key)
    chain, key = settings.state / "tls/certificate.pem", settings.state / "tls/key.pem"
    names = names_of(settings)
    if not is_good(chain, names, datetime.now(UTC)):
        make(chain, key, names, datetime.now(UTC))
        log.warning("made a certificate for %s, signed by itself: browsers will warn of it", ", ".join(names))
    return Certificate(chain, key)


def names_of(settings: Settings) -> list[str]:
    """By which people may ask for the pages."""
    public = urlsplit(settings.public_url).hostname
    anywhere = settings.web_host in ("0.0.0.0", "::")  # noqa: S104 — looked for, not listened on
    own = [socket.gethostname()] if anywhere else [settings.web_host]
    return list(dict.fromkeys([*own, *([public] if public else []), *LOOPBACK]))


def is_good(chain: Path, names: Collection[str], now: datetime) -> bool:
    """It is there, lasts a while, and is for all these names."""
    try:
        found = x509.load_pem_x509_certificate(chain.read_bytes())
        named = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    return found.not_valid_after_utc - RENEW_BEFORE > now and set(map(_name, names)) <= set(named)


def make(chain: Path, key: Path, names: Collection[str], now: datetime) -> None:
    """A new key, and a certificate for these names that it signs itself. The key is for its owner's eyes alone."""
    secret = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Guichet")])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LASTS)
        .add_extension(x509.SubjectAlternativeName(list(map(_name, names))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    text = secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        chain.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(key, text.decode())
        write_whole(chain, made.public_bytes(pem).decode())
    except OSError as error:
        raise GuichetError(f"No certificate can be made in {chain.parent}: {error.strerror or error}.") from error


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
