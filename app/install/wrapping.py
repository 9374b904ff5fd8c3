"""Programs of PostgreSQL that run by their paths although their libraries were only unpacked.

They start each other by path, so they cannot be handed to the loader from outside, as other programs are: each gets a
small script under its own name, which runs the program, moved aside, with the libraries that came with it.
"""

from pathlib import Path

WRAPPED = ("initdb", "postgres")
ASIDE = "programs"
SCRIPT = """\
#!/bin/sh
# Runs the program of the same name in ../programs with the loader and the libraries that were unpacked with it. It is
# told that it is this script, since it looks for its companions and its share folder from there.
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../../../..
for loader in "$root"/usr/lib*/ld-linux*.so.*; do break; done
for libraries in "$root"/usr/lib/*-linux-gnu*; do break; done
exec "$loader" --argv0 "$here/{name}" --library-path "$libraries" "$here/../programs/{name}" "$@"
"""


def make_runnable(root: Path) -> None:
    """Put the scripts in place in a fresh root; does nothing where PostgreSQL is not in it."""
    for folder in (root / "usr/lib/postgresql").glob("*/bin"):
        aside = folder.parent / ASIDE
        aside.mkdir(mode=0o755)
        for name in WRAPPED:
            (folder / name).rename(aside / name)
            (folder / name).write_text(SCRIPT.format(name=name))
            (folder / name).chmod(0o755)
