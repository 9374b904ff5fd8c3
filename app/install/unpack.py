"""Unpacking packages without installing them."""

import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.install.apt import AptFailed
from app.install.display import Display


def unpack(debs: Sequence[Path], root: Path, display: Display) -> None:
    """Unpack packages into `root`, readable by everybody and without set-user-id rights."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, failure in enumerate(pool.map(lambda deb: _unpack_one(deb, root), debs), start=1):
            if failure:
                pool.shutdown(cancel_futures=True)
                raise AptFailed(failure)
            display.step("Unpacking programs", done, len(debs))
    _open_to_all(root)


def _unpack_one(deb: Path, root: Path) -> str:
    """What dpkg-deb said when it failed, else ''."""
    ran = subprocess.run(["dpkg-deb", "-x", str(deb), str(root)], capture_output=True, text=True, errors="replace",
                         env={**os.environ, "LC_ALL": "C"}, check=False)  # fmt: skip
    return "" if ran.returncode == 0 else ran.stderr or f"dpkg-deb failed on {deb.name}"


def _open_to_all(root: Path) -> None:
    """Folders 0755, files readable by all. The programs run as another user than the one who unpacked them; and a
    set-user-id program outside of the system's care would be a hole."""
    root.chmod(0o755)
    for folder, folders, files in os.walk(root):
        for name in folders:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o755 | 0o644)
