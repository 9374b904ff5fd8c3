"""A real Asterisk for tests, with a configuration written by asterisk_conf. As root it runs as nobody."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.install.native import Native
from asterisk_conf.site import Phone, Site
from asterisk_conf.write import Changes, Owner, write
from tests.ports import own

BOOT_LIMIT_S = 60


class RunningAsterisk:
    """`with RunningAsterisk(native, [Phone(…)], sip_port=22060, …) as asterisk:` Settings are those of Site."""

    def __init__(self, native: Native, phones: Sequence[Phone], **settings: Any) -> None:
        folder = Path(tempfile.mkdtemp(prefix="guichet-test-"))
        folder.chmod(0o755)  # Asterisk may be another user
        self.folder = folder
        settings = {"ws_port": own(22599), **settings}
        self.site = Site(home=folder / "a", modules=native.modules, share=native.share, moh=native.moh, **settings)
        self._command = [*native.command("asterisk"), "-C", str(self.site.home / "etc/asterisk.conf")]
        self._as_user: dict[str, Any] = {}
        self._owner: Owner | None = None
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._owner = (nobody.pw_uid, nobody.pw_gid)
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.write(phones)

    def __enter__(self) -> "RunningAsterisk":
        self.output = (self.folder / "output").open("wb")
        self.process = subprocess.Popen(
            [*self._command, "-f", "-n"], stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, cwd="/",
            **self._as_user,
        )  # fmt: skip
        limit = time.monotonic() + BOOT_LIMIT_S
        while "fully booted" not in self.ask("core waitfullybooted"):
            if self.process.poll() is not None or time.monotonic() > limit:
                said = self.said()
                self.__exit__()
                raise AssertionError(f"Asterisk does not come up: {said}")
            time.sleep(0.02)  # another program: there is nothing to wait on before it has its control socket
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.output.close()
        shutil.rmtree(self.folder)

    def write(self, phones: Sequence[Phone], **settings: Any) -> Changes:
        self.site = replace(self.site, **settings)
        return write(self.site, phones, self._owner)

    def ask(self, command: str) -> str:
        """What a command on Asterisk's console prints."""
        ran = subprocess.run([*self._command, "-rx", command], capture_output=True, text=True, cwd="/", check=False)
        return ran.stdout

    def log(self) -> str:
        path = self.site.home / "log/messages"
        return path.read_text() if path.exists() else ""

    def said(self) -> str:
        return self.log() + (self.folder / "output").read_text(errors="replace")
