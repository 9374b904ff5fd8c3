"""What is asked at a desk, done in the house: one function for each ask. What cannot be done as things stand raises
NotNow or Unknown (queues/control.py)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.clock import Clock
from history.projection.checking import LONGEST_ID
from history.staff import Staff
from history.statements import Statements
from queues.control import LiveControl, NotNow
from queues.model import AgentState
from queues.store.port import Store
from web.desk import messages as m
from web.desk.matters import SAYS, Matters
from web.desk.moves import Moves
from web.desk.retelling import Retelling
from web.desk.roles import Act


@dataclass(frozen=True, slots=True)
class House:
    """What the asks act on."""

    control: LiveControl
    store: Store
    statements: Statements
    matters: Matters
    retelling: Retelling
    had: Callable[[str, str], Awaitable[bool]]
    """Whether an agent has, or had, a call."""
    clock: Clock
    moves: Moves


async def _available(house: House, staff: Staff, _: m.Available) -> None:
    await house.control.make_available(_agent(staff), staff.id)


async def _pause(house: House, staff: Staff, ask: m.Pause) -> None:
    await house.control.pause(_agent(staff), ask.reason, staff.id)


async def _offline(house: House, staff: Staff, _: m.Offline) -> None:
    await house.control.log_out(_agent(staff), staff.id)


async def _finish(house: House, staff: Staff, _: m.Finish) -> None:
    await house.control.end_wrap_up(_agent(staff), _agent(staff))


async def _more_time(house: House, staff: Staff, ask: m.MoreTime) -> None:
    await house.control.extend_wrap_up(_agent(staff), ask.ms, staff.id)


async def _hold(house: House, staff: Staff, ask: m.Hold) -> None:
    known = await house.store.agent(_agent(staff))
    if known is None or not known.entry or await house.store.hold(known.entry, ask.held, house.clock()):
        raise NotNow("There is no conversation.")


async def _note(house: House, staff: Staff, ask: m.Note) -> None:
    """One note a call and agent: what is typed later takes its place."""
    agent = await _whose(house, staff, ask.call)
    await house.statements.note(staff.id, ask.call, ask.text, note=f"{ask.call}-{agent}"[:LONGEST_ID])


async def _code(house: House, staff: Staff, ask: m.Code) -> None:
    """A wrap-up that lasts until this was said is over by it."""
    agent = await _whose(house, staff, ask.call)
    await house.statements.code(staff.id, ask.call, topic=ask.topic or None, code=ask.code or None, settled=ask.settled)
    known = await house.store.agent(agent)
    if known and known.state is AgentState.WRAP_UP and not known.wrap_up_until:
        await house.control.code(agent, ask.code, staff.id)


async def _set_agent(house: House, staff: Staff, ask: m.SetAgent) -> None:
    match ask.status:
        case "available":
            await house.control.make_available(ask.agent, staff.id)
        case "paused":
            await house.control.pause(ask.agent, ask.reason, staff.id)
        case "offline":
            await house.control.log_out(ask.agent, staff.id)


async def _end_wrap_up(house: House, staff: Staff, ask: m.EndWrapUp) -> None:
    await house.control.end_wrap_up(ask.agent, staff.id)


async def _front(house: House, staff: Staff, ask: m.Front) -> None:
    await house.control.pull_to_front(ask.call, staff.id)


async def _move(house: House, staff: Staff, ask: m.Move) -> None:
    await house.control.move(ask.call, ask.queue, staff.id, keep_place=ask.keep_place)


async def _set_queue(house: House, staff: Staff, ask: m.SetQueue) -> None:
    if ask.open:
        await house.control.open(ask.queue, staff.id)
    else:
        await house.control.close(ask.queue, staff.id, send_away=ask.send_away)


async def _matter(house: House, staff: Staff, ask: Any) -> str:
    """A case, a promise, who calls: what SAYS has."""
    await _whose(house, staff, ask.call)
    made = await SAYS[type(ask)](house.matters, staff.id, ask)
    house.retelling.said(ask.call)
    return made


async def _targets(house: House, staff: Staff, _: m.AskTargets) -> None:
    await house.moves.targets(_agent(staff))


async def _park(house: House, staff: Staff, ask: m.Park) -> None:
    await house.moves.park(_agent(staff), ask.call)


async def _take(house: House, staff: Staff, ask: m.TakeParked) -> None:
    await house.moves.take(_agent(staff), ask.call)


async def _call_back(house: House, staff: Staff, ask: m.CallBack) -> None:
    await house.moves.call_back(_agent(staff), ask.contact)


async def _consulted(house: House, staff: Staff, ask: m.Consulted) -> None:
    await house.moves.consulted(_agent(staff), ask)


async def _move_to(house: House, staff: Staff, ask: m.MoveTo) -> None:
    await house.moves.send(staff, _agent(staff), ask)


Do = Callable[[House, Staff, Any], Awaitable[str | None]]
"""Gives what was made, for people to be told, or nothing."""

DOES: Mapping[type[m.Ask], tuple[Act, Do]] = {
    m.Available: (Act.OWN_STATE, _available),
    m.Pause: (Act.OWN_STATE, _pause),
    m.Offline: (Act.OWN_STATE, _offline),
    m.Finish: (Act.OWN_STATE, _finish),
    m.MoreTime: (Act.OWN_STATE, _more_time),
    m.Hold: (Act.OWN_STATE, _hold),
    m.Note: (Act.OWN_CALL, _note),
    m.Code: (Act.OWN_CALL, _code),
    **dict.fromkeys(SAYS, (Act.OWN_CALL, _matter)),
    m.AskTargets: (Act.OWN_CALL, _targets),
    m.MoveTo: (Act.OWN_CALL, _move_to),
    m.Consulted: (Act.OWN_CALL, _consulted),
    m.Park: (Act.OWN_CALL, _park),
    m.TakeParked: (Act.OWN_CALL, _take),
    m.CallBack: (Act.READ_PERSON, _call_back),
    m.SetAgent: (Act.STEER, _set_agent),
    m.EndWrapUp: (Act.STEER, _end_wrap_up),
    m.Front: (Act.STEER, _front),
    m.Move: (Act.STEER, _move),
    m.SetQueue: (Act.STEER, _set_queue),
}
"""What somebody must be allowed to do for each ask, and what does it."""


def _agent(staff: Staff) -> str:
    if staff.agent is None:
        raise NotNow("This account is no agent's.")
    return staff.agent


async def _whose(house: House, staff: Staff, call: str) -> str:
    agent = _agent(staff)
    if not await house.had(agent, call):
        raise NotNow(f"Call {call} is not one of {agent}.")
    return agent
