"""How far a waiting call has widened: first only the agents it prefers, then step after step.

A step lasts as long as it says, from the end of the one before; one that no staffed agent meets who may be asked (a
member, where a queue has some; one whose delay is not over yet counts) is over at once. What
was once reached stays reached. A new dispatcher counts again from the entry into the queue, with those staffed then."""

from dataclasses import dataclass

from queues.audience import Plan
from queues.model import Entry

PREFERRING = -1


@dataclass(slots=True, init=False)
class Course:
    """`step`: PREFERRING, or the last step reached; `began`: when, in ms since 1970."""

    plan: Plan
    step: int
    began: int
    looked: int
    """The step in which the entry was found the last time."""

    def __init__(self, plan: Plan, step: int, began: int) -> None:
        self.plan = plan
        self.step = step
        self.began = began
        self.looked = PREFERRING - 1

    def go_on(self, entry: Entry, now: int, *, preferred_may_come: bool, staff_known: bool = True) -> None:
        """To where the entry is now. While it is not known who is staffed no step is skipped."""
        if self.step == PREFERRING:
            lasts = entry.preferred["for_ms"]
            if preferred_may_come and self.began + lasts > now:
                self.looked = self.step
                return
            self._next(self.began + lasts if preferred_may_come else self._skipped_at(now))
        last = len(self.plan.steps) - 1
        while self.step < last:
            step_lasts = self.plan.steps[self.step].get("for_ms")
            if not staff_known or self.plan.needs[self.step].staffed:
                if step_lasts is None or self.began + step_lasts > now:
                    break
                self._next(self.began + step_lasts)
            else:
                self._next(self._skipped_at(now))
        self.looked = self.step

    def changes_at(self, entry: Entry, now: int) -> int | None:
        """When more agents may be asked, if only time passes; None: never."""
        if self.step == PREFERRING:
            return self.began + int(entry.preferred["for_ms"])
        ends: int | None = None
        if self.step < len(self.plan.steps) - 1 and "for_ms" in self.plan.steps[self.step]:
            ends = self.began + self.plan.steps[self.step]["for_ms"]
        for delay in self.plan.delays:
            if (over := entry.entered + delay) > now:
                return over if ends is None or over < ends else ends
        return ends

    def _skipped_at(self, now: int) -> int:
        """A step that lost its agents ends now; one that was only come to had none from its beginning."""
        return now if self.step == self.looked else self.began

    def _next(self, began: int) -> None:
        self.step, self.began = self.step + 1, began
