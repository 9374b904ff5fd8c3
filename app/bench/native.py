"""Asterisk alone, with files of its own in place of ours: what our calls and our queue are measured against."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.child import Child
from app.install.programs import Programs
from app.places import asterisk_user
from app.plan import asterisk_process
from app.prepare import site
from app.settings import Settings
from asterisk_conf.site import Phone
from asterisk_conf.write import write

SAYS_THE_SAME = """\
[inbound]
exten => 3939,1,Answer()
 same => n,Playback({bonjour})
 same => n(ask),Read(CHOICE,{sujet},1,,2,7)
 same => n,GotoIf($["${{CHOICE}}" = "2"]?merci)
 same => n,Goto(ask)
 same => n(merci),Playback({merci})
 same => n,Hangup()
"""


@dataclass(frozen=True)
class NativeAsterisk:
    pid: int
    _console: Sequence[str]

    def console(self, command: str) -> str:
        """What a command on its console prints."""
        return subprocess.run(
            [*self._console, command], capture_output=True, text=True, cwd="/", timeout=30, check=True
        ).stdout


@contextlib.asynccontextmanager
async def native_asterisk(
    settings: Settings,
    programs: Programs,
    files: Mapping[str, str],
    phones: Sequence[Phone] = (),
    modules: Sequence[str] = (),
) -> AsyncIterator[NativeAsterisk]:
    """An Asterisk on the settings' ports, with our configuration, but these files of `etc` in place of ours or besides,
    and these modules besides."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-native-"))
    folder.chmod(0o755)  # Asterisk runs as another user
    own = settings.model_copy(update={"state": folder})
    etc = own.asterisk_home / "etc"
    try:
        write(site(own, programs, []), phones)
        for name, text in files.items():
            (etc / name).write_text(text)
        with (etc / "modules.conf").open("a") as loaded:
            loaded.writelines(f"load = {module}.so\n" for module in modules)
        _give(own.asterisk_home)
        child = Child(asterisk_process(own, programs.asterisk.command), folder / "asterisk.log")
        await child.begin()
        try:
            console = (*programs.asterisk.command, "-C", str(etc / "asterisk.conf"), "-rx")
            yield NativeAsterisk(child.pid, console)
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
