"""Systems outside, as the settings name them. Their secrets come from variables alone, one for each:
GUICHET_LOOKUP_NAME_TOKEN (none: no token is sent) and GUICHET_WEBHOOK_NAME_SECRET."""

import os
from collections.abc import Mapping

from app.settings import Settings
from core.errors import GuichetError
from history.outside.lookups import Service
from history.outside.sender import Hook


def services(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, Service]:
    """What flows may look up, by name."""
    return {
        name: Service(url, environment.get(f"GUICHET_LOOKUP_{name.upper()}_TOKEN", ""))
        for name, url in settings.lookups.items()
    }


def hooks(settings: Settings, environment: Mapping[str, str] = os.environ) -> dict[str, Hook]:
    """To whom contacts are pushed, by name. GuichetError where a secret is missing."""
    found = {}
    for name, url in settings.webhooks.items():
        variable = f"GUICHET_WEBHOOK_{name.upper()}_SECRET"
        if not environment.get(variable):
            raise GuichetError(f"The webhook {name} has no secret: put one of 16 characters or more into {variable}.")
        found[name] = Hook(url, environment[variable])
    return found
