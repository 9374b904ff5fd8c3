"""Rules that no caller ever comes to."""

from typing import ClassVar

from core.finding import Finding
from queues.checking import Example, Found, QueueRule, QueuesView
from queues.overflow.rules import TAKING_AWAY, Overflow


class UnreachableRule(QueueRule):
    """No rule stands below one that takes every caller away for whom it could hold (a transfer may be refused)."""

    good: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: staffed == 0, say: Nos agents sont absents.}
              - {when: staffed == 0, then: voicemail}
              - {when: waited > 5m, raise: 5}
              - {when: waited > 9m, transfer: "3939"}
              - {when: waited > 9m, then: callback}
              - {when: waited > 9m, then: voicemail}
        """
    }
    bad: ClassVar[Example] = {
        "accueil": """
            queue: accueil
            overflow:
              - {when: staffed == 0, then: voicemail}
              - {when: "staffed==0", say: Nos agents sont absents.}
              - {when: length >= 0 or surge, then: end}
              - {when: true, then: end}
              - {when: waited > 5m, raise: 5}
        """
    }

    def look(self, town: QueuesView) -> Found:
        for view in town.queues.values():
            gone: dict[str, int] = {}
            for place, rule in enumerate(view.queue.overflow):
                before = gone.get("true") or gone.get(_plain(rule.when.source))
                if before:
                    message = f"rule {before} takes every caller away for whom this could hold: nobody comes here"
                    yield view, Finding(("overflow", place, "when"), message)
                elif _takes_all(rule):
                    gone.setdefault(_plain(rule.when.source), place + 1)


def _takes_all(rule: Overflow) -> bool:
    """Without a cooldown, and nobody waits on because it is refused: a number may be withheld, engaged or not
    allowed."""
    return rule.action in TAKING_AWAY and rule.cooldown is None and rule.then != "callback" and rule.transfer is None


def _plain(source: str) -> str:
    return "".join(source.split())
