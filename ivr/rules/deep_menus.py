"""Menus behind menus behind menus."""

from collections import deque
from collections.abc import Iterator

from core.finding import Finding
from ivr.checking.rule import FlowRule
from ivr.checking.view import FlowView

DEEPEST = 3
"""Irish universal-design guidance for telephone menus: no more than three levels."""


class DeepMenus(FlowRule):
    """A caller passes at most three menus one after the other."""

    advice = True
    good = """
        un:
          menu: Tapez 1.
          choices: {1: deux}
          otherwise: hangup
        deux:
          menu: Tapez 1.
          choices: {1: un}
          otherwise: hangup
    """
    bad = """
        un:
          menu: Tapez 1.
          choices: {1: deux}
          otherwise: hangup
        deux:
          menu: Tapez 1.
          choices: {1: trois}
          otherwise: hangup
        trois:
          menu: Tapez 1.
          choices: {1: quatre}
          otherwise: hangup
        quatre:
          menu: Tapez 1.
          choices: {1: hangup}
          otherwise: hangup
    """

    def look(self, view: FlowView) -> Iterator[Finding]:
        menus = {str(path[1]) for path in view.menus}
        levels: dict[str, int] = {}
        left = deque([(view.start, 0)])
        while left:  # the fewest menus first
            name, level = left.popleft()
            if name in levels or name not in view.ways:
                continue
            levels[name] = level
            for way in view.ways[name]:
                if name in menus:
                    left.append((way.target, level + 1))
                else:
                    left.appendleft((way.target, level))
        for name in view.steps:
            if name in menus and levels.get(name, 0) >= DEEPEST:
                message = f"this menu is behind {levels[name]} others; at most {DEEPEST} levels are bearable"
                yield Finding(("steps", name), message, at_key=True)
