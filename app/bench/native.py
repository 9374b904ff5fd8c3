"""Asterisk alone, saying by its own dialplan what our flow says: what the calls are measured against."""

import asyncio
import contextlib
import os
import pwd
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from app.child import Child, Process
from app.install.programs import AsteriskProgram, Programs
from app.places import asterisk_user
from app.settings import Settings
from asterisk_conf.site import Site
from asterisk_conf.write import write

DIALPLAN = """\
[inbound]
exten => 3939,1,Answer()
 same => n,Playback({bonjour})
 same => n(ask),Read(CHOICE,{sujet},1,,2,7)
 same => n,GotoIf($["${{CHOICE}}" = "2"]?merci)
 same => n,Goto(ask)
 same => n(merci),Playback({merci})
 same => n,Hangup()
"""


@contextlib.asynccontextmanager
async def native_asterisk(settings: Settings, programs: Programs, sounds: Mapping[str, Path]) -> AsyncIterator[int]:
    """An Asterisk on the settings' ports, with our configuration but for the dialplan; gives its process id. `sounds`:
    what the steps say, .wav files without their ending."""
    asterisk = programs.asterisk
    with tempfile.TemporaryDirectory(prefix="guichet-native-") as folder:
        Path(folder).chmod(0o755)  # Asterisk runs as another user
        home = Path(folder) / "asterisk"
        site = Site(
            home=home, modules=asterisk.modules, share=asterisk.share, moh=programs.moh, name="native",
            sip_port=settings.sip_port, ami_port=settings.ami_port,
            rtp_first=settings.rtp_first, rtp_last=settings.rtp_last,
        )  # fmt: skip
        user = asterisk_user()
        account = pwd.getpwnam(user) if user else None
        owner = (account.pw_uid, account.pw_gid) if account else None
        write(site, [], owner)
        dialplan = home / "etc/extensions.conf"
        dialplan.write_text(DIALPLAN.format(**sounds))
        if owner:
            os.chown(dialplan, *owner)
        child = Child(_process(asterisk, home, user), Path(folder) / "asterisk.log")
        await child.begin()
        try:
            yield child.pid
        finally:
            await child.stop(5.0)


def _process(program: AsteriskProgram, home: Path, user: str) -> Process:
    command = [*program.command, "-C", str(home / "etc/asterisk.conf")]

    async def ready() -> bool:
        asking = await asyncio.create_subprocess_exec(
            *command,
            "-rx",
            "core waitfullybooted",
            cwd="/",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return b"fully booted" in (await asking.communicate())[0]

    return Process("asterisk", [*command, "-f", "-n"], ready=ready, user=user)
