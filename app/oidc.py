"""Signing in by OpenID Connect, from the settings."""

from sqlalchemy.ext.asyncio import AsyncEngine

from app.settings import Settings
from core.clock import wall_clock
from core.errors import GuichetError
from history.staff import StaffAccounts
from history.staff_subjects import StaffSubjects
from web.desk.door import Door
from web.desk.issuer import Issuer
from web.desk.oidc import OpenIdDoor, Terms


def openid_door(settings: Settings, door: Door, staff: StaffAccounts, engine: AsyncEngine) -> OpenIdDoor | None:
    """None where the settings name no issuer. GuichetError where the secret cannot be read."""
    if not settings.oidc_issuer:
        return None
    issuer = Issuer(settings.oidc_issuer, settings.oidc_client_id, _secret(settings), wall_clock)
    terms = Terms(settings.oidc_scopes, settings.oidc_roles_claim, settings.oidc_roles, settings.public_origin)
    return OpenIdDoor(door, staff, StaffSubjects(engine, wall_clock), issuer, terms, wall_clock)


def _secret(settings: Settings) -> str:
    if settings.oidc_client_secret_file is None:
        return ""
    try:
        secret = settings.oidc_client_secret_file.read_text().strip()
    except (OSError, ValueError) as error:
        raise GuichetError(f"oidc_client_secret_file cannot be read: {error}.") from error
    if not secret:
        raise GuichetError(f"{settings.oidc_client_secret_file} is empty: put the client's secret into it.")
    return secret
