"""Asterisk alone, saying by its own dialplan what our flow says: what the calls are measured against."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from app.child import Child
from app.install.programs import Programs
from app.places import asterisk_user
from app.plan import asterisk_process
from app.prepare import site
from app.settings import Settings
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
async def native_asterisk(settings: Settings, programs: Programs, sounds: Mapping[str, str]) -> AsyncIterator[int]:
    """An Asterisk on the settings' ports, with our configuration but for the dialplan; gives its process id. `sounds`:
    what the steps say, .wav files without their ending."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-native-"))
    folder.chmod(0o755)  # Asterisk runs as another user
    own = settings.model_copy(update={"state": folder})
    try:
        write(site(own, programs, []), [])
        (own.asterisk_home / "etc/extensions.conf").write_text(DIALPLAN.format(**sounds))
        _give(own.asterisk_home)
        child = Child(asterisk_process(own, programs.asterisk.command), folder / "asterisk.log")
        await child.begin()
        try:
            yield child.pid
        finally:
            await child.stop(5.0)
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(own.asterisk_home, ignore_errors=True)


def _give(home: Path) -> None:
    """To Asterisk's user, where that is not ourselves."""
    if user := asterisk_user():
        for path in (home, *home.rglob("*")):
            shutil.chown(path, user)
