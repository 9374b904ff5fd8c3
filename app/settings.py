"""Every setting, from `guichet.toml` in the current folder and `GUICHET_…` variables (which win). Secrets only by
variable or by a file that one names."""

import hashlib
import ipaddress
import os
import stat
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from app.install.places import CHECKOUT, default_native
from core.errors import GuichetError

UNPRIVILEGED_USERS = ("guichet", "nobody")
LONGEST_SOCKET_PATH = 100
"""Unix sockets' paths end at 107 bytes on Linux; some room for the file's name."""


SettingName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Settings(BaseSettings):
    """All of them flat: `sip_port = 5060` in guichet.toml is GUICHET_SIP_PORT in the environment."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix="GUICHET_", toml_file="guichet.toml", extra="forbid", frozen=True
    )

    state: Path = Field(default_factory=lambda: default_state(), description="where all data is kept")
    callflows: Path = Field(default=CHECKOUT / "callflows", description="the town: flows, queues, …")
    native: Path = Field(default_factory=default_native, description="where native programs are unpacked")

    name: str = Field(default="guichet", pattern=r"^[a-z0-9-]{1,20}$", description="this Asterisk's name among several")
    sip_host: str = Field(default="127.0.0.1", description="address on which phones reach Asterisk")
    sip_port: int = Field(default=5060, ge=1, le=65535)
    rtp_first: int = Field(default=10000, ge=1024, le=65534, description="first port for sound")
    rtp_last: int = Field(default=19999, ge=1025, le=65535, description="last port for sound")
    engines: int = Field(
        default=1, ge=1, le=8, description="engines of this Asterisk, on agi_port and the ports after it"
    )
    engine: int = Field(default=1, ge=1, le=8, description="which of them a process is: the house itself sets it")
    peers: list[str] = Field(
        default_factory=list,
        description="other Asterisks that share the queues, each NAME=ADDRESS or NAME=ADDRESS:PORT",
    )
    agi_host: str = Field(default="127.0.0.1", description="where the engine waits for Asterisk's calls")
    agi_port: int = Field(default=4573, ge=1, le=65535)
    ami_port: int = Field(default=5038, ge=1, le=65535, description="Asterisk's manager port, on 127.0.0.1")
    ws_port: int = Field(
        default=8088, ge=1, le=65535, description="where browsers' phones reach Asterisk, on 127.0.0.1"
    )
    web_host: str = Field(default="127.0.0.1")
    web_port: int = Field(default=8080, ge=1, le=65535)
    tls: Literal["auto", "on", "off"] = Field(
        default="auto", description="pages by TLS; auto: where web_host is not the loopback; off: a proxy does it"
    )
    tls_certificate: Path | None = Field(
        default=None, description="a chain as PEM; empty: one of our own making, of which browsers warn"
    )
    tls_key: Path | None = Field(default=None, description="its key as PEM")
    http_port: int = Field(
        default=0, ge=0, le=65535, description="a port that sends browsers on to the pages by TLS; 0: none"
    )
    public_url: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+)?$", description="where citizens read the answers, for messages"
    )

    oidc_issuer: str = Field(
        default="", pattern=r"^(https://[^\s?#]+|http://(localhost|127\.[0-9.]+|\[::1\])(:[0-9]+)?[^\s?#]*)?$",
        description="an OpenID Connect issuer by which people may sign in; empty: none",
    )  # fmt: skip
    oidc_client_id: str = Field(default="", description="what the issuer calls Guichet")
    oidc_client_secret_file: Path | None = Field(default=None, description="empty: a public client, with PKCE alone")
    oidc_scopes: list[str] = Field(default_factory=lambda: ["openid"], description="what is asked of the issuer")
    oidc_roles_claim: str = Field(
        default="roles", description="where a token says roles: `groups`, `realm_access.roles`"
    )
    oidc_roles: dict[str, Literal["agent", "supervisor", "admin", "auditor"]] = Field(
        default_factory=dict, description="what they mean: 'their word' = 'role'; empty: roles stay the account's"
    )

    redis_url: str = Field(default="", description="a Redis or Valkey elsewhere; empty: an embedded Valkey")
    database_url: str = Field(default="", description="a PostgreSQL, as SQLAlchemy writes it; empty: SQLite in `state`")
    asterisk: str = Field(
        default="", description="the program to use; empty: the machine's if it is new enough, else our own"
    )
    valkey: str = Field(default="", description="the program to use for the embedded store")
    espeak: str = Field(default="", description="the espeak-ng program to use")
    trunks: list[str] = Field(default_factory=list, description="addresses from which a carrier's calls may come")
    fallback_number: str = Field(default="", pattern=r"^[0-9+]*$", description="dialled when no engine is left")
    callbacks: list[str] = Field(
        default_factory=list, description="beginnings of the numbers that agents may call back, such as +33, by a trunk"
    )
    transfers: list[str] = Field(default_factory=list, description="numbers outside that flows may dial, by a trunk")
    country: str = Field(default="FR", pattern=r"^[A-Z]{2}$", description="how national numbers are read")
    pseudonym_key_file: Path | None = Field(
        default=None, description="the secret behind pseudonyms; empty: pseudonyms.key in `state`, made at first"
    )
    lookups: dict[SettingName, str] = Field(
        default_factory=dict, description="what flows look up outside: name = 'https://…/{number}' (docs/outside.md)"
    )
    webhooks: dict[SettingName, str] = Field(
        default_factory=dict, description="to whom contacts are pushed: name = 'https://…' (docs/outside.md)"
    )
    erasures_file: Path | None = Field(
        default=None,
        description="who was erased, kept out of backups of the database; empty: erasures.jsonl in `state`",
    )
    notes_key_file: Path | None = Field(
        default=None, description="keys that seal notes at rest (`people new-key`); empty: notes are kept in clear"
    )
    keep_recordings_days: int = Field(default=180, ge=0, description="files with voices; 0: for ever; so below")
    keep_digits_days: int = Field(default=90, ge=0, description="what callers keyed in")
    keep_notes_days: int = Field(default=1095, ge=0, description="what agents wrote")
    keep_persons_days: int = Field(default=1095, ge=0, description="who somebody is, after their last contact")
    keep_access_days: int = Field(default=1095, ge=0, description="who read whose history")
    keep_poison_days: int = Field(default=90, ge=0, description="what could not be recorded (`recorder poison`)")
    reads_persons_an_hour: int = Field(default=20, ge=1, description="more people read about without a call: an alert")
    reads_found_an_hour: int = Field(default=300, ge=1, description="more people shown by one's searches: an alert")
    reads_readers_a_day: int = Field(default=8, ge=1, description="more readers of one person without a call: an alert")
    demo_agents: bool = Field(default=True, description="make demo agents at the first start (loopback only)")

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError("tls_certificate and tls_key are set both or neither")
        if self.tls_certificate and self.tls == "off":
            raise ValueError("tls is off, and tls_certificate is set: take one of them out")
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("oidc_issuer is set: set oidc_client_id too")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 — given by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    # --- places derived from the settings ---------------------------------------------------------------------

    @property
    def run(self) -> Path:
        """Short-lived things: process ids, sockets. Short, since a socket's path is short."""
        inside = self.state / "run"
        if len(str(inside)) <= LONGEST_SOCKET_PATH - 30:
            return inside
        return Path("/tmp") / f"guichet-{os.getuid()}-{_digest(self.state)}"  # noqa: S108 — made 0700 and its owner checked

    @property
    def serves_tls(self) -> bool:
        """The pages go out by TLS."""
        return self.tls == "on" or bool(self.tls_certificate) or (self.tls == "auto" and not is_loopback(self.web_host))

    @property
    def public_origin(self) -> str:
        """`https://service.example`, where a proxy of that name stands before the pages; or ''."""
        parts = urlsplit(self.public_url)
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""

    @property
    def valkey_socket(self) -> Path:
        return self.run / "valkey.sock"

    @property
    def store_url(self) -> str:
        return self.redis_url or f"unix://{self.valkey_socket}"

    @property
    def sql_url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.state / 'history.db'}"

    @property
    def pseudonym_key(self) -> Path:
        return self.pseudonym_key_file or self.state / "pseudonyms.key"

    @property
    def asterisk_home(self) -> Path:
        """Asterisk's own configuration, sounds and logs. It runs without root's rights, so as root this folder must be
        one that everybody can reach."""
        inside = self.state / "asterisk"
        if os.getuid() != 0 or _reachable(self.state.parent):
            return inside
        return Path("/var/lib/guichet") / f"asterisk-{_digest(self.state)}"

    @property
    def sounds(self) -> Path:
        """Rendered prompts."""
        return self.asterisk_home / "sounds" / "rendered"


def load(**given: object) -> Settings:
    """The settings, or a GuichetError that names each wrong one."""
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise GuichetError(f"settings: {wrong}. They come from guichet.toml and GUICHET_… variables.") from None
    except ValueError as error:
        raise GuichetError(f"settings: guichet.toml cannot be read: {error}") from None
    return settings.model_copy(
        update={name: getattr(settings, name).expanduser().resolve() for name in ("state", "callflows", "native")}
    )


def is_loopback(host: str) -> bool:
    """An address, not a name, that only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def default_state() -> Path:
    """/var/lib/guichet for root, ~/.local/state/guichet (XDG) for others."""
    if os.getuid() == 0:
        return Path("/var/lib/guichet")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "guichet"


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


def _reachable(path: Path) -> bool:
    """Every folder on the way may be passed by everybody."""
    while not path.exists():
        path = path.parent
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
