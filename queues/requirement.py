"""Whom a call asks for: steps, each wider than the one before, as plain data.

A step `{"skills": {"etat-civil": 2}, "any": [{"anglais": 1, "allemand": 1}], "for_ms": 60000}` asks for all of `skills`
at their levels or above, and for at least one of each group in `any`; after `for_ms` the next step begins, without it
never. `{}` asks for nothing: anyone. Keys that say nothing are left out. Widening adds agents: in the second step,
those of the first one may still answer."""

from collections.abc import Hashable, Mapping, Sequence
from typing import NamedTuple

from queues.model import Skills, Step, satisfies

NOTHING: Mapping[str, int] = {}
NO_GROUPS: frozenset[frozenset[tuple[str, int]]] = frozenset()


class Fit(NamedTuple):
    """How well an agent fits: in which step first, and by the skills asked for there, levels above what is asked, and
    levels in all."""

    step: int
    over: int
    level: int


def meets(skills: Skills, step: Step) -> bool:
    """True when the agent with these skills is one whom the step asks for."""
    return satisfies(skills, step.get("skills", NOTHING)) and all(
        any(skills.get(skill, 0) >= level for skill, level in group.items()) for group in step.get("any", ())
    )


def fit(skills: Skills, steps: Sequence[Step]) -> Fit | None:
    """By the first step that the agent meets, or None. Of a group of alternatives, the one counts by which the agent is
    least above."""
    for place, step in enumerate(steps):
        if not meets(skills, step):
            continue
        found = [(skills[skill] - level, skills[skill]) for skill, level in step.get("skills", NOTHING).items()]
        for group in step.get("any", ()):
            found.append(min((skills[s] - level, skills[s]) for s, level in group.items() if skills.get(s, 0) >= level))
        return Fit(place, sum(over for over, _ in found), sum(level for _, level in found))
    return None


def key_of(step: Step) -> Hashable:
    """The same for steps that ask for the same, however long they last."""
    groups = frozenset([frozenset(group.items()) for group in step["any"]]) if "any" in step else NO_GROUPS
    return frozenset(step.get("skills", NOTHING).items()), groups


def text_of(step: Step) -> str:
    """`etat-civil >= 2 and (allemand >= 1 or anglais >= 1)`; empty for anyone."""
    parts = _comparisons(step.get("skills", NOTHING))
    groups = (" or ".join(_comparisons(group)) for group in step.get("any", ()))
    return " and ".join([*parts, *(f"({group})" if " or " in group else group for group in groups)])


def copied(steps: Sequence[Step]) -> list[Step]:
    """Shares nothing with the given ones."""
    return [_copied(step) for step in steps]


def _copied(step: Step) -> Step:
    fresh = step.copy()
    if "skills" in step:
        fresh["skills"] = dict(step["skills"])
    if "any" in step:
        fresh["any"] = [dict(group) for group in step["any"]]
    return fresh


def _comparisons(levels: Mapping[str, int]) -> list[str]:
    return [f"{skill} >= {level}" for skill, level in sorted(levels.items())]
