"""Agents who are available, but whose phone cannot be reached: the browser was closed, and nobody logged out.

Who is away for a moment, as a phone is whose network changes, is waited for; after AWAY_AFTER_MS they do not count as
staffed until the phone is back. A break is another thing: who is paused says that they come back."""

from heapq import heappop, heappush

from queues.model import Agent, Device, Status

AWAY_AFTER_MS = 120_000
NEVER = 1 << 60


class Away:
    """Tell it of every change of an agent, by `look_at`, and ask it at every decision, by `due`. Who is unreachable
    when it begins is waited for from the first decision on: only then the time is known. `next`: when there is
    something to do, in ms since 1970."""

    def __init__(self) -> None:
        self.next = NEVER
        self._since: dict[str, int] = {}
        self._fresh: dict[str, None] = {}
        self._heap: list[tuple[int, str]] = []
        self._gone: set[str] = set()

    def __contains__(self, agent: str) -> bool:
        return agent in self._gone

    def look_at(self, agent: Agent, at: int = 0) -> None:
        """They changed at that time; 0: nobody knows when."""
        name = agent.id
        if not is_unreachable(agent):
            self._since.pop(name, None)
            self._fresh.pop(name, None)
            self._gone.discard(name)
        elif name in self._since or name in self._fresh:
            return
        elif at:
            self._await(name, at)
        else:
            self._fresh[name] = None
            self.next = 0

    def due(self, now: int) -> list[str]:
        """Who is away from now on."""
        fresh, self._fresh = self._fresh, {}
        for name in fresh:
            self._await(name, now)
        found: list[str] = []
        while self._heap and self._heap[0][0] <= now:
            at, name = heappop(self._heap)
            if self._since.get(name) == at - AWAY_AFTER_MS and name not in self._gone:
                self._gone.add(name)
                found.append(name)
        self.next = self._heap[0][0] if self._heap else NEVER
        return found

    def _await(self, name: str, at: int) -> None:
        self._since[name] = at
        heappush(self._heap, (at + AWAY_AFTER_MS, name))
        self.next = min(self.next, at + AWAY_AFTER_MS)


def is_unreachable(agent: Agent) -> bool:
    """Their phone is, and they are not on a break."""
    return agent.device is Device.UNREACHABLE and agent.status is Status.AVAILABLE
