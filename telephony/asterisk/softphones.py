"""The phones in agents' browsers: the password of each lives as long as somebody is signed in.

Asterisk looks it up in its own database (sorcery.conf), where it is put and taken out through AMI: nothing is reloaded,
and a restart of Asterisk forgets nobody."""

import json
import secrets

from telephony.asterisk.ami import Ami, AmiRefused

DATABASE = "softphones"
"""The name of the part of Asterisk's database; what stands in `<this>/auth` is a password, by extension."""
FAMILY = f"{DATABASE}/auth"
PASSWORD_BYTES = 24


def softphone(extension: str) -> str:
    """The name of the phone in the browser of the agent with this extension."""
    return f"{extension}-web"


class Softphones:
    """AmiAway where Asterisk cannot be asked now."""

    def __init__(self, ami: Ami) -> None:
        self._ami = ami

    async def admit(self, extension: str) -> tuple[str, str]:
        """Gives a user and a new password; one given before opens nothing any more."""
        user, password = softphone(extension), secrets.token_urlsafe(PASSWORD_BYTES)
        kept = json.dumps({"auth_type": "digest", "username": user, "password": password})
        await self._ami.action("DBPut", Family=FAMILY, Key=user, Val=kept)
        return user, password

    async def dismiss(self, extension: str) -> None:
        """No password opens this phone any more. A conversation in course goes on."""
        try:
            await self._ami.action("DBDel", Family=FAMILY, Key=softphone(extension))
        except AmiRefused:
            return  # there was none
