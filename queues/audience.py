"""Who may take which calls: agents with the same skills are one profile, calls that ask the same people are one group,
and each profile knows its groups. Profiles, plans and groups stay once they were seen: there are few."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from queues.model import DEFERRED, Agent, Entry, Membership, Skills, Step
from queues.ranked import Drawn, Ranked, Ready
from queues.requirement import Fit, copied, fit, key_of, meets, text_of
from queues.strategies import DEFAULT, STRATEGIES
from queues.strategies.strategy import Strategy
from queues.waiting import Call, Waiting

NO_MEMBERS: Mapping[str, Membership] = {}


@dataclass(slots=True, eq=False)
class Group:
    """Waiting calls that ask the same people in the same order. A call that leaves some agents out stands by itself in
    `picky`, with those agents, so that it never holds up the others."""

    steps: Sequence[Step]
    strategy: Strategy
    members: Mapping[str, tuple[int, int]] | None
    """Agent to priority and place in the list; None: anyone with the skills."""
    text: str
    ready: Ready
    deferred: bool = False
    """Work that agents may hold beside calls: only who has room for it."""
    own: int = 1
    """How many of the steps are of the requirement; overflow rules added those after them."""
    delayed: bool = False
    """There are members who are asked only when the call has waited for longer."""
    waiting: Waiting = field(init=False)
    picky: dict[str, Call] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.waiting = Waiting(self)

    @property
    def ranked(self) -> bool:
        """Its members are not all of one priority."""
        return self.members is not None and len({priority for priority, _ in self.members.values()}) > 1

    def priority_of(self, agent: str) -> int:
        """As a member; 1 where there are none."""
        return self.members[agent][0] if self.members is not None else 1

    def admit(self, agent: Agent, how: Fit) -> None:
        """Into the line, where the agent is a member and has room."""
        if self.deferred and not agent.may_hold:
            return
        if self.members is None:
            self.ready.push((1, *self.strategy.rank(agent, how, 0)))
        elif agent.id in self.members:
            priority, place = self.members[agent.id]
            self.ready.push((priority, *self.strategy.rank(agent, how, place)))


@dataclass(slots=True, eq=False)
class Need:
    """One step by itself: how many agents who are staffed meet it, and are members where there are some."""

    step: Step
    members: frozenset[str]
    """Empty: everybody counts."""
    staffed: int = 0
    groups: list[Group] = field(default_factory=list)
    """Whose last step it is."""


@dataclass(slots=True, eq=False)
class Profile:
    """Agents with the same skills."""

    skills: Skills
    lines: list[Waiting]
    """Of the groups whose calls they may take, members or not."""
    fits: list[Fit]
    """To those groups, in their order."""
    needs: list[Need]
    staffed: set[str] = field(default_factory=set)
    ready: dict[str, Agent] = field(default_factory=dict)
    """Those in the lines of the groups."""


@dataclass(slots=True, eq=False)
class Plan:
    """What several entries have in common: steps, strategy, members. `groups`: by step and number of members in."""

    steps: list[Step]
    strategy: Strategy
    members: Mapping[str, Membership]
    needs: list[Need]
    deferred: bool
    delays: list[int]
    """Of the members, in ms, each once, from the shortest."""
    also: list[Step] = field(default_factory=list)
    """Whom overflow rules added: they may be asked at any step, and come last."""
    groups: dict[tuple[int, int], Group] = field(default_factory=dict)

    def delays_over(self, waited_ms: int) -> int:
        return sum(delay <= waited_ms for delay in self.delays) if self.delays else 0

    def members_in(self, delays_over: int) -> Mapping[str, tuple[int, int]] | None:
        """After so many delays."""
        if not self.members:
            return None
        return {
            agent: (said.get("priority", 1), said.get("place", 0))
            for agent, said in self.members.items()
            if said.get("delay_ms", 0) in self.delays[:delays_over]
        }


class Audiences:
    """All of them, found by what they stand for."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._profiles: dict[Hashable, Profile] = {}
        self._with_skill: dict[str, list[Profile]] = {}
        self._needs: dict[Hashable, Need] = {}
        self._plans: dict[Hashable, Plan] = {}

    def plan(self, entry: Entry) -> Plan:
        steps = entry.requirement
        members = (
            frozenset((who, frozenset(said.items())) for who, said in entry.members.items()) if entry.members else ()
        )
        also = [step for added in entry.also.values() for step in added] if entry.also else []
        deferred = entry.kind in DEFERRED
        signature = (
            entry.strategy,
            members,
            deferred,
            tuple([(key_of(step), step.get("for_ms")) for step in steps]),
            tuple(map(key_of, also)) if also else (),
        )
        plan = self._plans.get(signature)
        if plan is None:
            delays = sorted({said.get("delay_ms", 0) for said in entry.members.values()})
            strategy = STRATEGIES.get(entry.strategy, DEFAULT)
            who = frozenset(entry.members)
            needs = [self._need(step, who) for step in steps]
            plan = self._plans[signature] = Plan(
                copied(steps), strategy, dict(entry.members), needs, deferred, delays, copied(also)
            )
        return plan

    def group(self, plan: Plan, step: int, delays_over: int) -> Group:
        """Of the calls that came to that step."""
        group = plan.groups.get((step, delays_over))
        if group is None:
            steps = [*plan.steps[: step + 1], *plan.also]
            ready: Ready = Drawn(self._random) if plan.strategy.drawn else Ranked()
            members, delayed = plan.members_in(delays_over), delays_over < len(plan.delays)
            group = Group(steps, plan.strategy, members, _text(steps), ready, plan.deferred, step + 1, delayed)
            plan.groups[step, delays_over] = group
            plan.needs[step].groups.append(group)
            for profile in self._meeting(steps):
                how = fit(profile.skills, steps)
                assert how is not None
                profile.lines.append(group.waiting)
                profile.fits.append(how)
                for agent in profile.ready.values():
                    group.admit(agent, how)
        return group

    def profile(self, skills: Skills) -> Profile:
        signature = frozenset(skills.items())
        profile = self._profiles.get(signature)
        if profile is None:
            known = (group for plan in self._plans.values() for group in plan.groups.values())
            fits = {group.waiting: how for group in known if (how := fit(skills, group.steps))}
            needs = [need for need in self._needs.values() if meets(skills, need.step)]
            profile = self._profiles[signature] = Profile(dict(skills), [*fits], [*fits.values()], needs)
            for skill in skills:
                self._with_skill.setdefault(skill, []).append(profile)
        return profile

    def staff(self, profile: Profile, agent: str) -> None:
        """The agent, who was not, is staffed, with that profile."""
        profile.staffed.add(agent)
        for need in _of(profile.needs, agent):
            need.staffed += 1

    def unstaff(self, profile: Profile, agent: str) -> list[Group]:
        """The agent is not staffed any more, or has another profile now; gives the groups whose last step nobody meets
        any more."""
        profile.staffed.remove(agent)
        alone: list[Group] = []
        for need in _of(profile.needs, agent):
            need.staffed -= 1
            if not need.staffed:
                alone += need.groups
        return alone

    def _need(self, step: Step, members: frozenset[str]) -> Need:
        signature = (key_of(step), members)
        need = self._needs.get(signature)
        if need is None:
            need = self._needs[signature] = Need(copied([step])[0], members)
            for profile in self._meeting([step]):
                profile.needs.append(need)
                need.staffed += len(profile.staffed & members if members else profile.staffed)
        return need

    def _meeting(self, steps: Sequence[Step]) -> Iterator[Profile]:
        """Profiles that meet one of the steps; of the rarest skill asked for, not of all that there are."""
        found: dict[Profile, None] = {}
        for step in steps:
            pool: Iterator[Profile] | list[Profile]
            if asked := step.get("skills"):
                pool = min((self._with_skill.get(skill, []) for skill in asked), key=len)
            elif groups := step.get("any"):
                pool = (profile for skill in groups[0] for profile in self._with_skill.get(skill, ()))
            else:
                pool = list(self._profiles.values())
            found.update((profile, None) for profile in pool if meets(profile.skills, step))
        return iter(found)


def _of(needs: list[Need], agent: str) -> list[Need]:
    """Those in which the agent counts."""
    return [need for need in needs if not need.members or agent in need.members]


def _text(steps: Sequence[Step]) -> str:
    texts = [text_of(step) for step in steps]
    return ", or ".join(dict.fromkeys(texts)) if all(texts) else ""
