"""Plays a flow: given a session and an input, what to do next. No I/O, no clock; nothing it is given makes it raise.

    session = begin(flow, call="c1", version="v1", caller={"number": "+33612345678", "contacts": 0}, dialled="3939")
    turn = advance(flow, session, Started())          # do turn.acts; the last one gives the next input
    turn = advance(flow, session, Pressed("1"))       # … until the last act is Hangup

The session is changed in place. It may be stored after every turn and go on elsewhere: `again` gives the acts of the
wait in which it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.acts import Act, Done, Hangup, Input, Prompt, Say, Started
from ivr.model import HANGUP, RETURN, Flow, Step
from ivr.run import Fact, Run
from ivr.session import MOST_PATH, Session, Value

MOST_STEPS = 1_000
"""Steps without a wait, after which a flow goes in circles."""
MOST_FRAMES = 20
"""Sub-flows inside each other. The loader lets no circle of them through: this holds for what it has not seen."""

APOLOGY: Mapping[str, str] = {
    "fr": "Veuillez nous excuser, nous ne pouvons pas traiter votre appel. Merci de rappeler dans quelques minutes.",
    "en": "We are sorry, a fault keeps us from handling your call. Please call again in a few minutes.",
}
"""Said at the safe exit."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What to do, in order. The last act is the one that the call waits in (acts.WAITS), or Hangup.

    `happened`: kind and data of the events of this turn. `failed`: empty, or why the flow could not go on; the acts
    then are the safe exit.
    """

    acts: tuple[Act, ...]
    happened: tuple[Fact, ...] = ()
    failed: str = ""
    steps: tuple[str, ...] = field(default=(), compare=False)
    """The step of each act."""


def begin(
    flow: Flow, *, call: str, version: str, caller: Mapping[str, Value], dialled: str = "", language: str = ""
) -> Session:
    """A session before its first turn. `language`: the flow's first one where it is empty or not one of the flow's."""
    spoken = language if language in flow.languages else flow.languages[0]
    return Session(call, flow.name, version, spoken, caller=dict(caller), variables={"dialled": dialled})


def advance(flow: Flow, session: Session, given: Input) -> Turn:
    """Go on to the next wait or to the end. `flow` is the one that the call began with.

    An input that is not the one waited for repeats the wait; Started does so too in a call under way. A session that
    has ended stays so.
    """
    run = Run(flow, session)
    if session.ended:
        return Turn((Hangup(),), steps=(session.place,))
    if not session.step:
        return _walk(run, flow.start)
    step = _step(run, session.step)
    if step is None:
        return _safe_exit(run, f"the flow {session.inside} has no step {session.step} any more")
    target = step.enter(run) if isinstance(given, Started) else step.resume(run, given)
    return _waiting(run) if target is None else _walk(run, target)


def again(flow: Flow, session: Session) -> Turn:
    """The acts of the wait in which the session stands, for an engine that takes the call over."""
    return advance(flow, session, Started())


def _walk(run: Run, target: str) -> Turn:
    session = run.session
    for _ in range(MOST_STEPS):
        if target == HANGUP or (target == RETURN and not session.frames):
            run.do(Hangup())
            session.ended = True
            return _waiting(run)
        if len(session.frames) > MOST_FRAMES:
            return _safe_exit(run, f"{MOST_FRAMES} sub-flows inside each other: they go in circles")
        exit_ = _return(run) if target == RETURN else _enter(run, target)
        if exit_ == "":
            return _safe_exit(run, f"the flow {session.inside} has no step {target or 'to begin with'}")
        if exit_ is None:
            return _waiting(run)
        target = exit_
    return _safe_exit(run, f"{MOST_STEPS} steps without a wait: the flow goes in circles")


def _step(run: Run, name: str) -> Step | None:
    return run.flow.steps.get(name) if run.flow else None


def _enter(run: Run, name: str) -> str | None:
    """Where the step leads, None where it waits; '' where there is no such step."""
    session, step = run.session, _step(run, name)
    if step is None:
        return ""
    session.step = str(name)  # an Exit is for the checker; what is stored is plain
    session.attempts.clear()
    session.notes.clear()
    session.path.append(session.place)
    if len(session.path) > MOST_PATH:
        del session.path[0]
    return step.enter(run)


def _return(run: Run) -> str | None:
    """Back to the step that called the sub-flow, with its results; as `_enter`."""
    session, flow = run.session, run.flow
    results = {name: run.value(name) for name in flow.results} if flow else {}
    frame = session.frames.pop()
    session.step, session.variables = frame["step"], frame["variables"]
    step = _step(run, session.step)
    return step.resume(run, Done(results)) if step else ""


def _waiting(run: Run) -> Turn:
    return Turn(tuple(run.acts), tuple(run.happened), steps=tuple(run.steps))


def _safe_exit(run: Run, reason: str) -> Turn:
    """The caller hears a sentence, and nothing of what the flow wanted to say in this turn."""
    session = run.session
    session.ended = True
    language = session.language if session.language in APOLOGY else "en"
    sorry = Say((Prompt(APOLOGY[language], language),))
    failure: Fact = ("call.failed", {"step": session.place, "reason": reason})
    return Turn((sorry, Hangup()), (*run.happened[-MOST_FACTS:], failure), reason, (session.place, session.place))


MOST_FACTS = 20
"""Of a turn that failed, so many last facts are told: going in circles makes thousands."""
