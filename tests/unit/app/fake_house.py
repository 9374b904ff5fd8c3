"""A program that runs a house of fake processes: `fake_house.py stay|leave STATE PORT CODE`. CODE (Python) is what its
engine does, PORT the first of its ports. It says what the real command line says."""

import asyncio
import json
import sys
from pathlib import Path

from app.child import Process, Stage
from app.settings import Settings
from app.spawn import Program, Work
from app.telling import Screen, Teller
from app.up import Prepared, leave_running, stay
from core.errors import GuichetError
from tests.unit.app.fakes import at_once, program


def main(how: str, state: str, port: str, code: str) -> int:
    first = int(port)
    settings = Settings(state=Path(state), sip_port=first, agi_port=first + 1, ami_port=first + 2, web_port=first + 3)

    def prepare(_: Settings, teller: Teller) -> Prepared:
        teller.note("a fault in a file")
        processes = [
            Process("valkey", Program(["/bin/sleep", "600"]), ready=at_once, stage=Stage.STORE),
            program("engine", code, after=("valkey",), stage=Stage.CALLS, ready_within_s=5.0),
            Process("web", Work(lambda: None, lambda: asyncio.run(asyncio.sleep(600)) or 0), ready=at_once),
        ]
        return Prepared(processes, ["3939"], [{"id": "camille", "extension": "1001", "password": "x", "skills": {}}])

    screen = Screen(as_json=True, detached=how == "leave")
    try:
        if how == "stay":
            stay(settings, screen, prepare)
        else:
            print(json.dumps(leave_running(settings, screen, prepare)))
    except GuichetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
