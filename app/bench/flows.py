"""What the flow language and its engine cost, on one core.

check_1000_steps_ms     to read and check a flow of 1,000 steps
steps_per_s             steps that the engine plays in a second, waits and stored sessions included
agi_commands_per_step   AGI commands that a call takes for each step, from its answer to its end, with an agent
"""

import time
from collections.abc import Iterator

from app.bench.flow_calls import commands_per_step
from core.files import Faults
from ivr.acts import Enqueue, Gather, LeftQueue, Pressed, Started
from ivr.engine import advance, begin
from ivr.load import load_flows
from ivr.model import Flow
from ivr.session import Session, Value

TARGETS = {"check_1000_steps_ms": "<= 300", "steps_per_s": ">= 50000", "agi_commands_per_step": "<= 2"}

STEPS = 1_000
CHECKS = 5
PLAYED_S = 2.0

HEAD = """flow: essai
languages: [fr, en]
numbers: ["3939"]
start: {start}
steps:
"""
PIECE = """
  bonjour-{n}:
    say: {{fr: "Bonjour {{caller.name}}, vous êtes bien à la mairie.", en: "Hello, you have reached the town hall."}}
    then: connu-{n}
  connu-{n}:
    branch:
      - when: caller.contacts > 3 and dialled == "3939"
        then: note-{n}
    otherwise: sujet-{n}
  note-{n}:
    set: {{topic: voirie, urgent: true}}
    then: sujet-{n}
  sujet-{n}:
    menu: {{fr: "Pour la voirie, tapez 1. Pour parler à quelqu'un, tapez 0.", en: "For roads, press 1."}}
    choices: {{1: dossier-{n}, 0: agent-{n}}}
    otherwise: agent-{n}
  dossier-{n}:
    ask: {{fr: "Tapez votre numéro de dossier, puis dièse.", en: "Enter your case number, then hash."}}
    digits: {{most: 8, end: "#"}}
    save: case_number
    then: merci-{n}
    otherwise: agent-{n}
  merci-{n}:
    say: {{fr: "Merci.", en: "Thank you."}}
    then: agent-{n}
  agent-{n}:
    queue: mairie
    answered: suite-{n}
    otherwise: suite-{n}
  suite-{n}:
    say: {{fr: "Au revoir.", en: "Goodbye."}}
    then: {next}
"""
IN_PIECE = 8


async def run() -> dict[str, float]:
    """The figures. Takes about 6 s."""
    return {
        "check_1000_steps_ms": round(min(_checks()), 1),
        "steps_per_s": round(_steps_per_s()),
        "agi_commands_per_step": round(await commands_per_step(source(1)), 2),
    }


def source(pieces: int) -> bytes:
    """A flow of that many pieces with IN_PIECE steps each, as a file."""
    text = [HEAD.format(start="bonjour-0")]
    text += [PIECE.format(n=n, next=f"bonjour-{n + 1}" if n + 1 < pieces else "hangup") for n in range(pieces)]
    return "".join(text).encode()


def _flow(raw: bytes) -> Flow:
    faults = Faults()
    flows = load_flows({"essai.yaml": raw}, faults)
    assert not faults.found, faults.found
    return flows.by_name["essai"]


def _checks() -> Iterator[float]:
    """How long each check took, in ms."""
    raw = source(STEPS // IN_PIECE)
    for _ in range(CHECKS):
        began = time.perf_counter()
        _flow(raw)
        yield (time.perf_counter() - began) * 1000


def _steps_per_s() -> float:
    flow, steps, began = _flow(source(4)), 0, time.process_time()
    while time.process_time() - began < PLAYED_S:
        session = _play(flow)
        steps += len(session.path)
    return steps / (time.process_time() - began)


def _play(flow: Flow) -> Session:
    """One call to its end. The session is stored and read at each wait as a store does it, but for the JSON."""
    caller: dict[str, Value] = {"number": "+33612345678", "name": "Ada", "contacts": 5}
    session = begin(flow, call="c1", version="v1", caller=caller, dialled="3939")
    turn = advance(flow, session, Started())
    while not session.ended:
        session = Session.from_data(session.to_data())
        match turn.acts[-1]:
            case Gather(digits=digits):
                turn = advance(flow, session, Pressed("1" if digits.most == 1 else "20261234"))
            case Enqueue():
                turn = advance(flow, session, LeftQueue("answered"))
    return session
