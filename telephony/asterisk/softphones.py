"""The phones in agents' browsers: the password of each lives as long as somebody is signed in.

Asterisk looks it up in its own database (sorcery.conf), where it is put and taken out through AMI: nothing is reloaded,
and a restart of Asterisk forgets nobody."""

import json
import re
import secrets

from telephony.asterisk.ami import Ami, AmiRefused

DATABASE = "softphones"
"""The name of the part of Asterisk's database; what stands in `<this>/auth` is a password, by extension."""
FAMILY = f"{DATABASE}/auth"
PASSWORD_BYTES = 24
LOST = "44"
"""Q.850's cause, as Asterisk itself says it of a phone from which no sound comes any more (ringing.LOST)."""
_PHONE = re.compile(r"([0-9]{2,8})(-web)?")


def softphone(extension: str) -> str:
    """The name of the phone in the browser of the agent with this extension."""
    return f"{extension}-web"


def extension_of(endpoint: str) -> str:
    """Of an agent's phone, the one in the browser too; "" where it is none."""
    found = _PHONE.fullmatch(endpoint)
    return found[1] if found else ""


def phones_of(extension: str) -> tuple[str, str]:
    """Both phones of an agent, as Dial names them."""
    return f"PJSIP/{extension}", f"PJSIP/{softphone(extension)}"


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

    async def lost(self, extension: str) -> None:
        """The page with this phone is gone: a conversation that it has ends as one that a fault cut."""
        try:
            await self._ami.action("Hangup", Channel=f"/^PJSIP/{softphone(extension)}-[0-9a-f]+$/", Cause=LOST)
        except AmiRefused:
            return  # there was none

    async def dismiss(self, extension: str) -> None:
        """No password opens this phone any more. A conversation in course goes on."""
        try:
            await self._ami.action("DBDel", Family=FAMILY, Key=softphone(extension))
        except AmiRefused:
            return  # there was none
