"""The Lua files as Redis gets them: the tables of states.py and facts.py, what commits share, and the script itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha1
from pathlib import Path
from typing import TypeVar

from queues.facts import FACTS
from queues.model import DEFERRED
from queues.states import AGENT_MOVES, BUSY_WITH_A_CALL, ENTRY_MOVES, EXCLUDING, IN_CONVERSATION, Cause
from queues.store.port import REMOVED, RONA_EXCLUDED_MS, RONA_LIMIT

State = TypeVar("State", bound=StrEnum)

FOLDER = Path(__file__).parent / "lua"
LINE = (
    *("enqueue", "restore", "adopt", "leave", "offer", "ringing", "answer", "withdraw", "interrupt"),
    *("finish", "hold", "direct"),
    *("hand_over", "retell"),
    *("move", "prioritise", "send_away", "overflow", "step_aside", "come_back"),
    *("put_agent", "remove_agent", "set_status", "set_holds", "set_device"),
    *("end_wrap_up", "cut_wrap_up", "extend_wrap_up", "code"),
)
"""Commits on entries and agents; they stand on common.lua."""
OTHERS = (
    *("save_call", "drop_call", "emit", "set_switch", "take_lease", "release_lease", "snapshot"),
    *("close_queue", "open_queue"),
    *("announce", "agents_told", "nodes", "forget_node"),
)


@dataclass(frozen=True, slots=True)
class Script:
    source: str
    sha: str


def load_scripts() -> dict[str, Script]:
    """By name."""
    common = _tables() + _text("common")
    sources = {name: common + _text(name) for name in LINE} | {name: _text(name) for name in OTHERS}
    return {name: Script(source, sha1(source.encode()).hexdigest()) for name, source in sources.items()}  # noqa: S324


def _text(name: str) -> str:
    return (FOLDER / f"{name}.lua").read_text()


def _tables() -> str:
    facts = (f'["{kind}"]={{{",".join(_quoted(names))}}}' for kind, names in FACTS.items())
    return (
        f"local ENTRY_MOVES={_moves(ENTRY_MOVES)}\n"
        f"local AGENT_MOVES={_moves(AGENT_MOVES)}\n"
        f"local BUSY_WITH_A_CALL={_set(BUSY_WITH_A_CALL)}\n"
        f"local IN_CONVERSATION={_set(IN_CONVERSATION)}\n"
        f"local EXCLUDING={_set(EXCLUDING)}\n"
        f"local DEFERRED={_set(DEFERRED)}\n"
        f"local FACTS={{{','.join(facts)}}}\n"
        f'local RONA_EXCLUDED_MS,RONA_LIMIT,REMOVED={RONA_EXCLUDED_MS},{RONA_LIMIT},"{REMOVED}"\n'
    )


def _moves(table: Mapping[tuple[State, Cause], State]) -> str:
    return "{" + ",".join(f'["{state} {cause}"]="{after}"' for (state, cause), after in table.items()) + "}"


def _set(words: Iterable[StrEnum]) -> str:
    return "{" + ",".join(f'["{word}"]=true' for word in sorted(words)) + "}"


def _quoted(words: Iterable[str]) -> Iterable[str]:
    return (f'"{word}"' for word in words)
