"""A Chromium without a window, for the tests of the pages: Debian's, unpacked, run by the machine's own loader (it
starts copies of itself by the path under which it runs)."""

import os
from pathlib import Path

from app.install.display import Display
from app.install.native import SETS, install
from core.errors import GuichetError

FONTS = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir prefix="xdg">guichet-fonts</cachedir></fontconfig>
"""


def chromium(folder: Path, display: Display | None = None) -> tuple[Path, dict[str, str]]:
    """The program, and the variables that it needs. It is fetched where it is missing. Raises GuichetError."""
    root = install(SETS["chromium"], folder, display, of_this_system=True).root
    program = root / "usr/lib/chromium/chromium"
    if not program.exists():
        raise GuichetError(f"{root} is damaged: remove that folder and start again.")
    fonts = root / "fonts.conf"
    if not fonts.exists():
        fresh = fonts.with_suffix(f".{os.getpid()}")
        fresh.write_text(FONTS.format(fonts=root / "usr/share/fonts"), encoding="utf-8")
        fresh.replace(fonts)
    folders = (folder for where in ("usr/lib", "lib") for folder in root.glob(f"{where}/*-linux-gnu*"))
    libraries = [str(path) for folder in folders for path in (folder, folder / "pulseaudio")]
    return program, {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_FILE": str(fonts)}
