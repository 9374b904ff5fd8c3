"""An apt and a dpkg-deb that fetch and unpack nothing real."""

import os
import stat
from pathlib import Path

import pytest

APT_GET = """\
#!/bin/bash
# What it does on `update` and `install` stands in $FAKE_APT/update and $FAKE_APT/install, as shell text.
echo "$*" >> "$FAKE_APT/calls"
for argument; do
    case $argument in
        indextargets) printf 'Debian\\tbookworm\\thttp://mirror.invalid/debian\\n' ;;
        update) . "$FAKE_APT/update" ;;
        install) . "$FAKE_APT/install" ;;
    esac
done
"""
APT_CONFIG = """\
#!/bin/bash
echo 'Acquire::http::Proxy "http://proxy.invalid:3128";'
echo 'Acquire::AllowInsecureRepositories "true";'
"""
DPKG = "#!/bin/bash\necho amd64\n"
DPKG_DEB = """\
#!/bin/bash
. "$FAKE_APT/unpack"
mkdir -p "$3/usr/bin" "$3/usr/share/asterisk/sounds/fr_CA_f_June" "$3/usr/lib/x86_64-linux-gnu" "$3/usr/lib64"
mkdir -p -m 700 "$3/secret"
touch "$3/secret/file" "$3/usr/lib64/ld-linux-x86-64.so.2"; chmod 600 "$3/secret/file"
echo '#!/bin/sh' > "$3/usr/bin/valkey-server"; chmod 4755 "$3/usr/bin/valkey-server"
"""
FETCH = """\
folder=$(sed -n 's/^Dir::Cache::Archives "\\(.*\\)";/\\1/p' "$APT_CONFIG")
touch "$folder/one.deb" "$folder/two.deb"
"""


class FakeApt:
    """`update`, `install` and `unpack` are shell text that the programs run; `calls` is how apt-get was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir(parents=True)
        for name, text in {"apt-get": APT_GET, "apt-config": APT_CONFIG, "dpkg": DPKG, "dpkg-deb": DPKG_DEB}.items():
            program(self.programs / name, text)
        self.update, self.install, self.unpack = "true", FETCH, "true"

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        if isinstance(value, str):
            (self.folder / name).write_text(f"{value}\n")

    @property
    def environment(self) -> dict[str, str]:
        return {"FAKE_APT": str(self.folder), "PATH": f"{self.programs}:{os.environ['PATH']}"}

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeApt:
    fake = FakeApt(tmp_path / "fake-apt")
    for name, value in fake.environment.items():
        monkeypatch.setenv(name, value)
    return fake
