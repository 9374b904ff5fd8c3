"""Fetching and unpacking the native programs, with an apt that does not reach the network."""

import io
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.install.archive import Archive, pick_mirror
from app.install.display import Display
from app.install.native import LANGUAGE_FOLDERS, Native, install, key, suite_for
from app.install.places import CHECKOUT
from core.errors import GuichetError
from tests.unit.app.fake_apt import FETCH, FakeApt, apt

__all__ = ["apt"]


def fetch(folder: Path, said: io.StringIO | None = None) -> Native:
    return install(("valkey-server",), folder, Display(said or io.StringIO()))


def left_in(folder: Path) -> set[str]:
    """All but the log."""
    return {path.name for path in folder.iterdir()} - {"install.log"} if folder.exists() else set()


def test_programs_are_unpacked_once(apt: FakeApt, tmp_path: Path) -> None:
    first = fetch(tmp_path / "native")
    calls = len(apt.calls)
    assert fetch(tmp_path / "native") == first
    assert len(apt.calls) == calls
    assert left_in(tmp_path / "native") == {first.root.name}


def test_other_packages_get_a_folder_of_their_own() -> None:
    assert key("forky", ["a", "b"], "amd64") == key("forky", ["b", "a"], "amd64")
    assert len({key("forky", ["a"], "amd64"), key("forky", ["a"], "arm64"), key("sid", ["a"], "amd64")}) == 3


def test_what_is_unpacked_can_be_read_by_all_and_gives_nobody_roots_rights(apt: FakeApt, tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        root = fetch(tmp_path / "native").root
    finally:
        os.umask(old)
    for path in (root, *root.rglob("*")):
        mode = path.stat().st_mode
        assert mode & stat.S_IROTH, path
        assert not mode & (stat.S_ISUID | stat.S_ISGID), path
        assert path.is_file() or mode & stat.S_IXOTH, path


def test_the_sounds_have_the_names_of_their_languages(apt: FakeApt, tmp_path: Path) -> None:
    assert (fetch(tmp_path / "native").sounds / "fr").resolve().name == LANGUAGE_FOLDERS["fr"]


def test_a_program_runs_with_the_libraries_that_came_with_it(apt: FakeApt, tmp_path: Path) -> None:
    native = fetch(tmp_path / "native")
    loader, _, libraries, program = native.command("valkey-server")
    assert all(Path(path).is_relative_to(native.root) for path in (loader, libraries, program))
    with pytest.raises(GuichetError, match="remove that folder"):
        native.command("sipp")


def test_the_machines_proxy_is_used_but_never_its_leave_to_skip_signatures(apt: FakeApt, tmp_path: Path) -> None:
    apt.install = f'cp "$APT_CONFIG" "$FAKE_APT/seen"; {FETCH}'
    fetch(tmp_path / "native")
    seen = (apt.folder / "seen").read_text()
    assert "proxy.invalid" in seen
    assert 'AllowInsecureRepositories "true"' not in seen
    assert 'AllowInsecureRepositories "false"' in seen
    assert 'AllowUnauthenticated "false"' in seen


def test_progress_is_shown_while_packages_come(apt: FakeApt, tmp_path: Path) -> None:
    apt.install = f"""{FETCH}
fd=$(grep -o 'Status-Fd=[0-9]*' <<< "$*"); echo 'dlstatus:1:50.0:Retrieving file 1 of 2' >&"${{fd#*=}}" """
    screen = Terminal()
    install(("valkey-server",), tmp_path / "native", Display(screen))
    assert "Fetching programs 1/2" in screen.getvalue()
    assert "Unpacking programs 2/2" in screen.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


# --- when it does not work --------------------------------------------------------------------------------------


def test_an_index_past_its_date_is_taken_with_a_warning(apt: FakeApt, tmp_path: Path) -> None:
    apt.update = """[[ $* == *Check-Valid-Until=false* ]] ||
    { echo "E: Release file for http://mirror.invalid/forky/InRelease is expired (invalid since 3d)."; exit 100; }"""
    said = io.StringIO()
    assert fetch(tmp_path / "native", said).root.is_dir()
    assert "past its date" in said.getvalue()


@pytest.mark.parametrize(
    ("step", "words", "advice"),
    [
        ("update", "E: The repository 'http://mirror.invalid forky InRelease' is not signed.", "signature"),
        (
            "update",
            "W: GPG error: The following signatures couldn't be verified: NO_PUBKEY 6ED0E7B82643E131",
            "signature",
        ),
        ("update", "E: Failed to fetch http://x  Temporary failure resolving 'mirror.invalid'", "network"),
        (
            "update",
            "E: Could not connect to mirror.invalid:80 (127.0.0.1). - connect (111: Connection refused)",
            "network",
        ),
        ("install", "E: You don't have enough free space in /x/archives/.", "disk is full"),
        ("install", "E: Unable to locate package valkey-server", "mirror of the whole archive"),
        ("unpack", "dpkg-deb: error: cannot copy: No space left on device", "disk is full"),
        ("unpack", "dpkg-deb: error: 'x.deb' is not a Debian format archive", "mend what it says"),
        ("install", "", "mend what it says"),
    ],
)
def test_each_trouble_is_one_sentence_and_nothing_is_left(
    apt: FakeApt, tmp_path: Path, step: str, words: str, advice: str
) -> None:
    setattr(apt, step, f"cat >&2 <<'END'\n{words}\nEND\nexit 100")
    with pytest.raises(GuichetError, match=advice) as failure:
        fetch(tmp_path / "native")
    assert "\n" not in str(failure.value)
    assert left_in(tmp_path / "native") == set()


@pytest.mark.parametrize("missing", ["apt-get", "dpkg-deb"])
def test_a_machine_without_apt_is_told_what_to_install(
    apt: FakeApt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    (apt.programs / missing).unlink()
    monkeypatch.setenv("PATH", str(apt.programs))
    with pytest.raises(GuichetError, match=f"{missing} is missing.*Asterisk 20 or later"):
        fetch(tmp_path / "native")


def test_a_folder_that_cannot_be_made_is_one_sentence(apt: FakeApt, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GuichetError, match="GUICHET_NATIVE"):
        fetch(tmp_path / "file" / "native")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_start_leaves_nothing_half(apt: FakeApt, tmp_path: Path, how: signal.Signals) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    apt.install = f'{FETCH} echo $$ > "{ready}"; exec sleep 1000'
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)); from pathlib import Path;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a shell's background ignores it
        f"from app.install.native import install; install(('x',), Path({str(tmp_path / 'native')!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    apt_pid = int(ready.read_text())
    process.send_signal(how)
    process.wait(60)
    assert left_in(tmp_path / "native") == set()
    with pytest.raises(ProcessLookupError):
        os.kill(apt_pid, 0)


def test_what_a_killed_start_left_is_swept_away_by_the_next(apt: FakeApt, tmp_path: Path) -> None:
    (tmp_path / "native/new-abandoned/root").mkdir(parents=True)
    root = fetch(tmp_path / "native").root
    assert left_in(tmp_path / "native") == {root.name}


def test_two_starts_at_once_fetch_once(apt: FakeApt, tmp_path: Path) -> None:
    begun, go_on = tmp_path / "begun", tmp_path / "go-on"
    os.mkfifo(begun)
    os.mkfifo(go_on)
    apt.install = f'{FETCH} echo > "{begun}"; read < "{go_on}"'
    said = WaitedFor("waiting")
    first = threading.Thread(target=fetch, args=[tmp_path / "native"])
    first.start()
    begun.read_text()
    second = threading.Thread(target=fetch, args=[tmp_path / "native", said])
    second.start()
    assert said.heard.wait(10)
    go_on.write_text("\n")
    first.join(10)
    second.join(10)
    assert len([call for call in apt.calls if call.endswith("update")]) == 1
    assert len(left_in(tmp_path / "native")) == 1


class WaitedFor(io.StringIO):
    """Tells when a word is written to it."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word, self.heard = word, threading.Event()

    def write(self, text: str) -> int:
        if self.word in text:
            self.heard.set()
        return super().write(text)


# --- which archive ----------------------------------------------------------------------------------------------


def test_the_mirror_is_that_of_the_distribution_itself() -> None:
    rows = [
        ("Docker", "bookworm", "http://docker.invalid"),
        ("Debian", "bookworm-security", "http://security.invalid"),
        ("Debian", "bookworm", "http://mirror.invalid/debian"),
    ]
    assert pick_mirror(rows, "debian", "bookworm") == "http://mirror.invalid/debian"


def test_the_mirror_is_found_before_apt_has_fetched_any_index() -> None:
    rows = [
        ("$(ORIGIN)", "nodistro", "http://node.invalid"),
        ("$(ORIGIN)", "bookworm", "cdrom://disc/"),
        ("$(ORIGIN)", "bookworm", "http://mirror.invalid/debian"),
    ]
    assert pick_mirror(rows, "debian", "bookworm") == "http://mirror.invalid/debian"
    with pytest.raises(GuichetError, match="names no mirror"):
        pick_mirror(rows[:1], "debian", "bookworm")


def test_the_suite_is_one_that_has_asterisk_22() -> None:
    assert suite_for(Archive("debian", "bookworm", "amd64")) == "forky"
    assert suite_for(Archive("ubuntu", "noble", "amd64")) == "resolute"
    assert suite_for(Archive("ubuntu", "questing", "amd64")) == "questing"
