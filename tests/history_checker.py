"""Reads a stream of events from its beginning and says what should never have happened."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from core.events import Event

MS_PER_PRIORITY = 60_000
FEW = 100
LEFT_AS = {"abandoned": "B", "lost": "B", "callback": "C"}
"""Reasons of entry.left as the measures count them; every other one is F."""
SHOWN = frozenset({"move", "raise", "widen", "then", "transfer"})
"""Actions of rules that a further event shows."""


def check(events: Iterable[Event], *, in_order: bool = True, settled_ms: int = 500) -> list[str]:
    """One sentence for each broken rule, none when all is well. Events may stand twice, with one id:

    - a call is offered to one agent at a time, or to several by one decision; it is connected with one agent alone, and
      an agent has one call at a time;
    - an entry has exactly one outcome (left or finished), and nothing happens to it before it entered or afterwards;
    - at any instant, for each queue, O = A + B + F + C + W: each caller offered to it was answered, gave up, left by a
      choice or an overflow, became a callback, or waits there still, and is nowhere else;
    - what an overflow rule did is told by it: a call is moved, raised or widened as the rule says, and is not offered
      while its caller is aside;
    - offers are ringing, answered and withdrawn as they were made;
    - where the store was wiped (store.begun), nothing happens to an entry before it is restored, once, and then it
      stands as it says;
    - `in_order`: first come, first served within the same requirement and members: a call is not offered while another
      one waits that ranks before it (since - 60,000 x priority; then since, then id) and has been in the queue for as
      long, so that it has widened as far. Unless that one was offered to this agent before, or is in line (again) for
      less than `settled_ms`: the offer may have been decided before; or it widens and was offered before: while it was,
      others may have skipped a step. Calls that prefer an agent go by that for a while, and are not compared.
    """
    reader = _Reader(settled_ms if in_order else None)
    seen: set[str] = set()
    for event in events:
        if event.id in seen:
            continue
        seen.add(event.id)
        reader.read(event)
    return reader.faults


def unfinished(events: Iterable[Event]) -> set[str]:
    """Entries without an outcome yet."""
    entered, ended = set(), set()
    for event in events:
        if event.kind in ("entry.entered", "entry.restored"):
            entered.add(event.data["entry"])
        elif event.kind in ("entry.left", "entry.finished"):
            ended.add(event.data["entry"])
    return entered - ended


class _Reader:
    def __init__(self, settled_ms: int | None) -> None:
        self.faults: list[str] = []
        self._settled_ms = settled_ms
        self._in_line_at: dict[str, int] = {}
        """Entry to when it came into the line, or came back."""
        self._entries: dict[str, dict[str, Any]] = {}
        self._outcomes: dict[str, str] = {}
        self._in_force: dict[str, dict[str, str]] = {}
        """Entry to offer to agent, while offered or connected."""
        self._connected: set[str] = set()
        self._holds: dict[str, int] = {}
        """Agent to how much deferred work they may hold beside calls; -1: it is done as a call is."""
        self._held: dict[str, set[str]] = {}
        """Agent to what they hold."""
        self._busy: dict[str, str] = {}
        """Agent to entry."""
        self._forgotten: set[str] = set()
        self._tried: dict[str, set[str]] = {}
        """Entry to the agents that it was offered to."""
        self._aside: set[str] = set()
        self._interrupted: set[str] = set()
        """Entries that were answered, and wait again."""
        self._rules: dict[str, str] = {}
        """Entry to the action that a rule is to show next."""
        self._read = 0
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Queue to its O, A, B, F, C and W."""

    def read(self, event: Event) -> None:
        kind, told = event.kind, event.data
        if kind in ("agent.profile", "agent.work"):
            self._holds[told["agent"]] = told.get("holds", -1)
        if kind == "store.begun":
            self._wiped()
        if not kind.startswith("entry."):
            return
        name = told["entry"]
        if kind == "entry.entered":
            self._entered(event, name)
        elif kind == "entry.restored":
            self._restored(event, name, told)
        elif name in self._outcomes:
            self._fault(event, f"entry {name} had its outcome before: {self._outcomes[name]}")
        elif name not in self._entries:
            wiped = "was forgotten and not restored" if name in self._forgotten else "never entered"
            self._fault(event, f"entry {name} {wiped}")
        else:
            getattr(self, kind.replace("entry.", "_on_"))(event, name, told)
        self._balance(event)

    def _entered(self, event: Event, name: str) -> None:
        if name in self._entries or name in self._outcomes:
            self._fault(event, f"entry {name} entered before")
        self._entries[name] = {"entered": event.at, **event.data}
        self._in_line_at[name] = event.at
        self._comes_into(event.data["queue"])

    def _wiped(self) -> None:
        self._forgotten |= set(self._entries)
        known_ones = self._entries, self._in_line_at, self._in_force, self._busy, self._connected, self._interrupted
        for known in (*known_ones, self._aside, self._held, self._rules, self.counts):
            known.clear()

    def _restored(self, event: Event, name: str, told: Any) -> None:
        """A stream that began after the wipe knows nothing of it before."""
        if name in self._entries or name in self._outcomes:
            self._fault(event, f"entry {name} is restored though it was not forgotten")
        self._forgotten.discard(name)
        self._entries[name] = dict(told)
        self._comes_into(told["queue"])
        self._in_line_at[name] = event.at
        if told["state"] == "aside":
            self._aside.add(name)
        if told["state"] == "connected":
            self._connected.add(name)
            self._goes_out_of(event, name, "A")
        rung = [told, *told.get("beside", ())] if told["offer"] else []
        for each in rung:
            if (agent := each["agent"]) in self._busy:
                self._fault(event, f"agent {agent} is restored to {name} while having {self._busy[agent]}")
            self._in_force.setdefault(name, {})[each["offer"]] = agent
            self._busy[agent] = name

    def _on_offered(self, event: Event, name: str, told: Any) -> None:
        agent = told["agent"]
        rung = {told["offer"]: agent, **{each["offer"]: each["agent"] for each in told.get("beside", ())}}
        if name in self._in_force:
            self._fault(event, f"entry {name} is offered to {agent} while {_names(self._in_force[name])} has it")
        held = self._entries[name].get("kind") == "voicemail" and self._holds.get(agent, -1) >= 0
        if held:
            self._held.setdefault(agent, set()).add(name)
            if len(self._held[agent]) > self._holds[agent]:
                self._fault(event, f"agent {agent} holds more than they may: {sorted(self._held[agent])}")
        for who in rung.values() if not held else ():
            if who in self._busy:
                self._fault(event, f"agent {who} is offered {name} while having {self._busy[who]}")
        if name in self._aside:
            self._fault(event, f"entry {name} is offered to {agent} while its caller is aside")
        for other in self._entries if self._settled_ms is not None else ():
            if self._in_line_at[other] + self._settled_ms <= event.at and self._overtaken(other, name, agent):
                self._fault(event, f"entry {name} is offered to {agent} before {other}, which came first")
        self._in_force[name] = rung
        self._busy.update(dict.fromkeys(rung.values() if not held else (), name))
        self._tried.setdefault(name, set()).update(rung.values())

    def _on_ringing(self, event: Event, name: str, told: Any) -> None:
        self._as_offered(event, name, told)

    def _on_answered(self, event: Event, name: str, told: Any) -> None:
        self._as_offered(event, name, told)
        if len(self._in_force.get(name, ())) > 1:
            self._fault(event, f"entry {name} is answered while {_names(self._in_force[name])} are rung for it")
        if name in self._connected:
            self._fault(event, f"entry {name} is answered a second time, by {told['agent']}")
        elif name not in self._interrupted:
            self._goes_out_of(event, name, "A")
        self._interrupted.discard(name)
        self._connected.add(name)

    def _on_interrupted(self, event: Event, name: str, told: Any) -> None:
        """They count as answered, whatever follows."""
        self._as_offered(event, name, told)
        if name not in self._connected:
            self._fault(event, f"{name} is interrupted though they do not talk")
        self._release(name)
        self._interrupted.add(name)
        self._entries[name]["preferred"] = told["preferred"]
        self._in_line_at[name] = event.at

    def _on_withdrawn(self, event: Event, name: str, told: Any) -> None:
        self._as_offered(event, name, told)
        deferred = self._entries[name].get("kind", "call") != "call"
        back = told.get("reason") == "returned" or name in self._held.get(told["agent"], ())
        if name in self._connected and not (deferred and back):
            self._fault(event, f"the offer of {name} to {told['agent']} is withdrawn though they talk")
        elif name in self._connected:  # a message was begun to be heard, and waits again
            self.counts[self._entries[name]["queue"]].subtract("A")
            self.counts[self._entries[name]["queue"]].update("W")
        self._connected.discard(name)
        offers = self._in_force.get(name, {})
        self._free(offers.pop(told["offer"], ""), name)
        if not offers:
            self._in_force.pop(name, None)
            self._in_line_at[name] = event.at

    def _on_moved(self, event: Event, name: str, told: Any) -> None:
        if name in self._in_force:
            self._fault(event, f"entry {name} is moved while {_names(self._in_force[name])} has it")
        by_rule = told["reason"] == "overflow"
        counted = name in self._interrupted  # as answered, whatever follows
        if not counted:
            self._goes_out_of(event, name, "F")
        self._shown(event, name, "move") if by_rule else None
        if told["from"] != self._entries[name]["queue"]:
            self._fault(event, f"entry {name} is moved out of {told['from']}, where it was not")
        self._entries[name].update(told, entered=event.at, also={})
        if not counted:
            self._comes_into(told["queue"])
        self._in_line_at[name] = event.at

    def _on_directed(self, event: Event, name: str, told: Any) -> None:
        talks = name in self._connected and told["agent"] in self._in_force.get(name, {}).values()
        if not talks and name not in self._aside:
            self._fault(event, f"entry {name} is directed elsewhere by {told['agent']}, who does not talk with them")

    def _on_handed_over(self, event: Event, name: str, told: Any) -> None:
        if name not in self._connected or self._entries[name].get("kind") != "consult":
            self._fault(event, f"entry {name} is handed the caller of {told['former']}, whose agent does not ask there")
        self._entries[name]["kind"] = "call"

    def _on_prioritised(self, event: Event, name: str, told: Any) -> None:
        if told["reason"] == "overflow":
            self._shown(event, name, "raise")
        self._entries[name]["priority"] = told["priority"]
        self._in_line_at[name] = event.at

    def _on_sent_away(self, _: Event, name: str, told: Any) -> None:
        self._entries[name]["sent_away"] = told["reason"]

    def _on_overflowed(self, event: Event, name: str, told: Any) -> None:
        if name in self._in_force:
            self._fault(event, f"a rule is followed for {name} while {_names(self._in_force[name])} has it")
        if told["queue"] != self._entries[name]["queue"] or not told["rule"].startswith(f"{told['queue']}/"):
            self._fault(event, f"rule {told['rule']} is followed for {name}, which is in another queue")
        if not told["why"]:
            self._fault(event, f"nobody knows why rule {told['rule']} is followed for {name}")
        if told["action"] in SHOWN:
            self._rules[name] = told["action"]
        self._in_line_at[name] = event.at

    def _on_widened(self, event: Event, name: str, told: Any) -> None:
        self._shown(event, name, "widen")
        self._entries[name].update(also=told["also"], members=told["members"])
        self._in_line_at[name] = event.at

    def _on_aside(self, event: Event, name: str, told: Any) -> None:
        if told["reason"] in SHOWN:
            self._shown(event, name, told["reason"])
        if name in self._aside or name in self._in_force:
            self._fault(event, f"entry {name} steps aside though it does not wait")
        self._aside.add(name)

    def _on_back(self, event: Event, name: str, _: Any) -> None:
        if name not in self._aside:
            self._fault(event, f"entry {name} comes back though it was not aside")
        self._aside.discard(name)
        self._in_line_at[name] = event.at

    def _on_announced(self, event: Event, name: str, _: Any) -> None:
        if name in self._in_force or name in self._aside:
            self._fault(event, f"entry {name} is told of its wait though it does not wait")

    def _shown(self, event: Event, name: str, action: str) -> None:
        if self._rules.pop(name, "") != action:
            self._fault(event, f"no rule said that {name} is to {action}")

    # --- O = A + B + F + C + W ----------------------------------------------------------------------------------

    def _comes_into(self, queue: str) -> None:
        self.counts[queue].update("OW")

    def _goes_out_of(self, event: Event, name: str, how: str) -> None:
        queue = self._entries[name]["queue"]
        if event.data.get("from", event.data.get("queue", queue)) != queue:
            self._fault(event, f"entry {name} is counted in another queue than {queue}")
        self.counts[queue].subtract("W")
        self.counts[queue].update(how)

    def _balance(self, event: Event) -> None:
        """Counted anew each time where few wait; else now and then, for it looks at all of them."""
        self._read += 1
        if len(self._entries) > FEW and self._read % FEW:
            return
        answered = self._connected | self._interrupted
        waiting = Counter(entry["queue"] for name, entry in self._entries.items() if name not in answered)
        for queue, count in self.counts.items():
            if count["O"] != sum(count[each] for each in "ABFCW") or count["W"] != waiting[queue]:
                self._fault(event, f"in {queue} O = A + B + F + C + W does not hold: {dict(count)}")

    def _on_left(self, event: Event, name: str, _: Any) -> None:
        if name in self._connected:
            self._fault(event, f"entry {name} leaves the line while talking")
        elif name not in self._interrupted:
            self._goes_out_of(event, name, LEFT_AS.get(event.data["reason"], "F"))
        self._end(name, event.kind)

    def _on_finished(self, event: Event, name: str, told: Any) -> None:
        if name not in self._connected or told["agent"] not in self._in_force.get(name, {}).values():
            self._fault(event, f"entry {name} is finished though it did not talk with {told['agent']}")
        self._end(name, event.kind)

    def _as_offered(self, event: Event, name: str, told: Any) -> None:
        if self._in_force.get(name, {}).get(told["offer"]) != told["agent"]:
            self._fault(event, f"offer {told['offer']} of {name} to {told['agent']} is not in force")

    def _end(self, name: str, outcome: str) -> None:
        self._outcomes[name] = outcome
        del self._entries[name], self._in_line_at[name]
        self._aside.discard(name)
        self._interrupted.discard(name)
        self._release(name)

    def _release(self, name: str) -> None:
        self._connected.discard(name)
        for agent in self._in_force.pop(name, {}).values():
            self._free(agent, name)

    def _free(self, agent: str, name: str) -> None:
        self._held.get(agent, set()).discard(name)
        if self._busy.get(agent) == name:
            del self._busy[agent]

    def _overtaken(self, other: str, name: str, agent: str) -> bool:
        """`other` waits, ranks before `name`, asks for the same and was never tried with this agent."""
        mine, theirs = self._entries[name], self._entries[other]
        return (
            other != name
            and not theirs.get("sent_away")
            and other not in self._in_force
            and theirs["requirement"] == mine["requirement"]
            and theirs.get("members") == mine.get("members")
            and theirs.get("also") == mine.get("also")
            and other not in self._aside
            and not (theirs.get("preferred") or mine.get("preferred"))
            and theirs["entered"] <= mine["entered"]
            and _rank(theirs) < _rank(mine)
            and agent not in (tried := self._tried.get(other, ()))
            and not (tried and len(theirs["requirement"]) > 1)
        )

    def _fault(self, event: Event, text: str) -> None:
        self.faults.append(f"{event.kind} {event.id}: {text}")


def _names(rung: dict[str, str]) -> str:
    return ", ".join(rung.values())


def _rank(told: Any) -> tuple[int, int, str]:
    return told["since"] - MS_PER_PRIORITY * told["priority"], told["since"], told["entry"]
