"""`python3 app/install REQUIREMENTS COMMAND…`: makes the virtual environment, then becomes the command."""

import os
import signal
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parent.parent.parent)

from app.install.display import Display  # noqa: E402 — found by the line above
from app.install.venv import make  # noqa: E402
from core.errors import GuichetError  # noqa: E402

INTERRUPTED = 130
"""The exit code of a program that Ctrl-C ended."""


def main(requirements: str, *command: str) -> int:
    # So that a plain kill, too, runs the `finally` of whatever is at work.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        make(requirements, Display())
    except GuichetError as error:
        print(f"guichet: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("guichet: interrupted; the next start goes on from here.", file=sys.stderr)
        return INTERRUPTED
    if command:
        os.execv(command[0], command)  # noqa: S606 — no shell
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
