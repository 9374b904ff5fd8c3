"""The commits on agents alone, on a plain dictionary, and what all commits do to agents."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.events import Event
from core.ids import NewId
from queues.facts import OF_AGENT, Facts
from queues.model import Agent, AgentState, Device, Refusal, Status
from queues.states import AGENT_MOVES, BUSY_WITH_A_CALL, Cause
from queues.store.port import REMOVED

ACCOUNT = ("name", "extension", "skills", "wrap_up_ms")
"""What put_agent changes of a known agent."""


class AgentCommits:
    """All agents. See Commits."""

    def __init__(self, tell: Callable[[Event], None], new_id: NewId) -> None:
        self.agents: dict[str, Agent] = {}
        self._tell = tell
        self._new_id = new_id

    def put_agent(self, given: Agent, at: int, author: str = "") -> None:
        agent = self.agents.get(given.id)
        if agent is None:
            agent = replace(given, skills={}, held=[], state=AgentState.IDLE, wrap_up_until=0, entry="", offer="")
            agent.devices = dict(given.devices)
            self.agents[agent.id] = agent
        elif agent.reason == REMOVED:
            agent.reason = ""
        elif all(getattr(agent, name) == getattr(given, name) for name in ACCOUNT):
            return
        agent.name, agent.extension, agent.skills = given.name, given.extension, dict(given.skills)
        agent.wrap_up_ms = given.wrap_up_ms
        self._tell_agent(self._new_id(), "agent.profile", at, agent, skills=dict(agent.skills), author=author)

    def set_status(self, agent_id: str, status: Status, reason: str, author: str, at: int) -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None or agent.reason == REMOVED:
            return Refusal.AGENT_GONE
        available = status is Status.AVAILABLE
        back = available and agent.state is AgentState.NOT_RESPONDING
        if available:
            agent.missed = 0
            agent.idle_since = at if back or agent.status is not Status.AVAILABLE else agent.idle_since
        if agent.status is Status.OFFLINE and status is not Status.OFFLINE:
            agent.logged_in_at, agent.calls, agent.busy_ms, agent.offered_at = at, 0, 0, 0
        if (agent.status, agent.reason) != (status, reason):
            agent.status, agent.reason = status, reason
            self._tell_agent(self._new_id(), "agent.status", at, agent, author=author)
        if back:
            self._move_agent(agent, Cause.CAME_BACK, at, self._new_id())
        return None

    def set_holds(self, agent_id: str, holds: int, author: str, at: int) -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None or agent.reason == REMOVED:
            return Refusal.AGENT_GONE
        if agent.holds != holds:
            agent.holds = holds
            self._tell_agent(self._new_id(), "agent.work", at, agent, author=author)
        return None

    def set_device(self, agent_id: str, device: Device, at: int, asterisk: str = "") -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            return Refusal.AGENT_GONE
        before = agent.device, agent.asterisk
        came = device is not Device.UNREACHABLE and asterisk not in agent.devices
        agent.devices.pop(asterisk, None)
        if device is not Device.UNREACHABLE:
            agent.devices[asterisk] = device.value
        agent.device = _device(agent.devices)
        if came:
            agent.asterisk = asterisk
        elif agent.asterisk not in agent.devices:
            agent.asterisk = min(agent.devices, default="")
        if (agent.device, agent.asterisk) != before:
            self._tell_agent(self._new_id(), "agent.device", at, agent)
        return None

    def end_wrap_up(self, agent_id: str, at: int) -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            return Refusal.AGENT_GONE
        if agent.state is AgentState.IDLE and agent.idle_since == at:
            return None
        if agent.state is not AgentState.WRAP_UP or not 0 < agent.wrap_up_until <= at:
            return Refusal.AGENT_NOT_READY
        self._wrap_up_over(agent, at, self._new_id())
        return None

    def extend_wrap_up(self, agent_id: str, until: int, at: int, author: str = "") -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            return Refusal.AGENT_GONE
        if agent.state is not AgentState.WRAP_UP or not agent.wrap_up_until:
            return Refusal.AGENT_NOT_READY
        until = min(until, agent.wrap_up_latest)
        if until > agent.wrap_up_until:
            agent.wrap_up_until = until
            self._move_agent(agent, Cause.EXTENDED, at, self._new_id(), more={"author": author})
        return None

    def code(self, agent_id: str, outcome: str, at: int, author: str = "") -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            return Refusal.AGENT_GONE
        if agent.state is AgentState.IDLE and agent.idle_since == at:
            return None
        if agent.state is not AgentState.WRAP_UP:
            return Refusal.AGENT_NOT_READY
        self._wrap_up_over(agent, at, self._new_id(), Cause.CODED, {"outcome": outcome, "author": author})
        return None

    def cut_wrap_up(self, agent_id: str, author: str, at: int) -> Refusal | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            return Refusal.AGENT_GONE
        if agent.state is AgentState.IDLE and agent.idle_since == at:
            return None
        if agent.state is not AgentState.WRAP_UP:
            return Refusal.AGENT_NOT_READY
        self._wrap_up_over(agent, at, self._new_id(), Cause.CUT, {"author": author})
        return None

    # --- what every commit is made of ---------------------------------------------------------------------------

    def _wrap_up_over(
        self, agent: Agent, at: int, event: str, cause: Cause = Cause.WRAPPED_UP, more: Facts | None = None
    ) -> None:
        agent.idle_since, agent.wrap_up_until, agent.wrap_up_latest = at, 0, 0
        if at > agent.offered_at:
            agent.busy_ms += at - agent.offered_at
        self._move_agent(agent, cause, at, event, more=more)

    def _move_agent(
        self, agent: Agent, cause: Cause, at: int, event: str, told: str = "", more: Facts | None = None
    ) -> None:
        """One line of the table, and its event. `told` is the cause in the event's own words, `more` what the event
        says besides."""
        after, free, before_word, after_word, cause_word = _MOVES[agent.state, cause]
        agent.state = after
        if free:
            agent.entry = agent.offer = ""
        said = _STATE_FACTS(agent)
        said["from"], said["to"], said["cause"] = before_word, after_word, told or cause_word
        if more:
            said.update(more)
        self._tell(Event(event, "agent.state", at, "", said))

    def _tell_agent(self, event: str, kind: str, at: int, agent: Agent, **more: Any) -> None:
        self._tell(Event(event, kind, at, "", {**OF_AGENT[kind](agent), **more}))


_STATE_FACTS = OF_AGENT["agent.state"]
_MOVES: Mapping[tuple[AgentState, Cause], tuple[AgentState, bool, str, str, str]] = {
    (before, cause): (after, after not in BUSY_WITH_A_CALL, before.value, after.value, cause.value)
    for (before, cause), after in AGENT_MOVES.items()
}
"""The state after it, whether the agent has no call then, and the words of both states and of the cause."""


def _device(devices: Mapping[str, str]) -> Device:
    """Of a phone, from what each Asterisk says of it."""
    if not devices:
        return Device.UNREACHABLE
    return Device.BUSY if Device.BUSY.value in devices.values() else Device.FREE


def copied_agent(agent: Agent) -> Agent:
    return replace(agent, skills=dict(agent.skills), held=list(agent.held), devices=dict(agent.devices))
