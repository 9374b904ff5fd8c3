"""`guichet call`: a flow in the terminal. What the caller hears is printed, keys are typed."""

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import yaml
from rich.markup import escape

from app.dialogue import dialogue_console, happened, heard
from app.draw import flow_named, good_town
from app.played_town import own_answer
from app.voiced import Loudspeaker
from core.errors import GuichetError
from core.filemodel import found
from core.files import shown
from ivr.acts import Gather, Hangup, Input, Pressed, Value, Wait
from ivr.model import Flow
from ivr.play import Player, prompts_of, silence_ms
from ivr.rehearsal import spelt
from ivr.scenario import MOMENT
from ivr.world import KEYS, OUTCOMES, OwnAnswer, Told, keyed, outcome, verb_of

LEAVE = "h"
"""Typed instead of keys: hang up."""
HINT = "Type keys and Enter. Enter alone is silence; h hangs up."


@click.command("call")
@click.argument("flow", required=False)
@click.option("--from", "number", default="", metavar="NUMBER", help="Who calls; withheld where it is not given.")
@click.option("--contacts", type=click.IntRange(0), default=0, help="How many earlier contacts history knows.")
@click.option("--at", metavar="TIME", help="When, such as 2026-11-23T10:00; now where it is not given.")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--voice", is_flag=True, help="Play the speech too.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Keep it as a scenario.")
def command(
    flow: str | None, number: str, contacts: int, at: str | None, callflows: Path | None, voice: bool, log: Path | None
) -> None:
    """Call a flow in the terminal: by its name, or the one of the town's first number.

    Type keys and Enter; Enter alone is silence, h hangs up. Where the call waits for somebody or something else, say
    what happens: the first word in brackets is what Enter means. Where it is opening hours that are asked for, Enter is
    what the town's file says of the time of the call.
    """
    town = good_town(callflows)
    wanted = flow_named(town, flow) if flow else town.flows.for_number("")
    loudspeaker = Loudspeaker() if voice else None
    caller: dict[str, Value] = {"number": number, "withheld": not number, "contacts": contacts}
    call = _Call(wanted, caller, _moment(at), loudspeaker, own_answer(town))
    try:
        call.run()
    finally:
        if loudspeaker:
            loudspeaker.close()
    if log:
        _write(log, call.scenario())


def _moment(at: str | None) -> datetime:
    if at is None:
        return datetime.now().replace(second=0, microsecond=0)  # noqa: DTZ005 — local time, as scenarios have it
    try:
        if MOMENT.fullmatch(at):
            return datetime.fromisoformat(at)
    except ValueError:
        pass  # a day that is none: told below
    raise GuichetError(f"--at: expected a local time such as 2026-11-23T10:00, found {found(at)}.")


def _write(file: Path, scenario: Mapping[str, Any]) -> None:
    text = yaml.safe_dump(dict(scenario), allow_unicode=True, sort_keys=False, width=110)
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise GuichetError(f"{shown(file)} cannot be written: {error.strerror}.") from None
    click.echo(f"Kept as a scenario: {shown(file)}", err=True)


class _Call:
    """One call on the terminal."""

    def __init__(
        self,
        flow: Flow,
        caller: Mapping[str, Value],
        begins: datetime,
        loudspeaker: Loudspeaker | None,
        town: OwnAnswer,
    ) -> None:
        self.town = town
        self.flow, self.caller, self.begins, self.loudspeaker = flow, caller, begins, loudspeaker
        self.console = dialogue_console()
        self.player = Player(flow, caller=caller, dialled=next(iter(flow.numbers), ""))
        self.play: list[dict[str, Any]] = []
        """The moments of the scenario so far."""
        self.shown = 0

    def run(self) -> None:
        player = self.player
        self._tell(HINT)
        player.start()
        self._show()
        while not player.over:
            wait = player.wait
            assert not isinstance(wait, Hangup)
            given = self._keys(wait) if isinstance(wait, Gather) else self._happens(wait)
            if given is None:
                player.hang_up()
            else:
                player.give(given)
            self._show()
        if player.failed:
            self.console.print(f"[red]The flow failed: {escape(player.failed)}[/]")
        self._tell("the caller hung up" if player.hung_up else "the call is over")

    def scenario(self) -> dict[str, Any]:
        """The call as a scenario's file has it."""
        known = {"contacts": self.caller["contacts"]} if self.caller["contacts"] else {}
        return {
            "scenario": f"a call to {self.flow.name}, {self.begins:%d.%m.%Y %H:%M}",
            "flow": self.flow.name,
            **({"from": self.caller["number"]} if self.caller["number"] else {}),
            "at": f"{self.begins:%Y-%m-%dT%H:%M}",
            **({"known": known} if known else {}),
            "play": self.play,
            "ends": {"at": self.player.at},
        }

    # --- what is heard --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        new, self.shown = self.player.heard[self.shown :], len(self.player.heard)
        for each in new:
            self.console.print(heard(self._clock(each.at), each.step, each.text))
            if self.loudspeaker:
                self.loudspeaker.speak(each.prompts)
            self.play.append({"hears": each.step})

    def _tell(self, what: str) -> None:
        self.console.print(happened(self._clock(self.player.now), what))

    def _clock(self, ms: int) -> str:
        return f"{self.begins + timedelta(milliseconds=ms):%H:%M:%S}"

    # --- what is typed --------------------------------------------------------------------------------------------

    def _keys(self, wait: Gather) -> Input | None:
        """Keys, silence, or None where the caller hangs up."""
        while True:
            typed = self._ask("keys")
            if typed == LEAVE:
                self._done({"hang_up": True})
                return None
            if not typed:
                self.player.passes(silence_ms(wait.digits))
                self._done({"silence": True})
                return Pressed("", complete=False)
            if KEYS.issuperset(typed):
                self._done({"press": typed})
                return keyed(wait.digits, typed)
            self._tell(f"keys are 0 to 9, * and #. {HINT}")

    def _happens(self, wait: Wait) -> Input | None:
        """What the world answers, or None where the caller hangs up."""
        verb = verb_of(wait)
        words = "/".join(OUTCOMES[verb].words)
        while True:
            typed = self._ask(f"{verb} ({words})")
            if typed == LEAVE:
                self._done({"hang_up": True})
                return None
            if not typed and (own := self.town(wait, self.begins + timedelta(milliseconds=self.player.now))):
                self._tell(f"{verb}: {spelt(own)}")  # a scenario finds it by itself, at the time of the call
                return outcome(wait, own)
            told = _told(verb, typed)
            if told is not None:
                self._done({verb: told})
                return outcome(wait, told)
            self._tell(f"expected {words}" + (", or values such as status=closed" if OUTCOMES[verb].brings else ""))

    def _ask(self, what: str) -> str:
        """What is typed; the end of the input hangs up."""
        try:
            typed = self.console.input(f"[dim]{self._clock(self.player.now)}[/]  [bold cyan]{escape(what)}[/] → ")
        except EOFError:
            typed = LEAVE
        if not sys.stdin.isatty():
            self.console.print(escape(typed))
        return typed.strip()

    def _done(self, does: dict[str, Any]) -> None:
        """One more moment; said of the words that were just heard, where the wait has some."""
        if prompts_of(self.player.wait) and self.play and self.play[-1] == {"hears": self.player.at}:
            self.play[-1] |= does
        else:
            self.play.append(does)


def _told(verb: str, typed: str) -> Told | None:
    """A word, or values such as `status=closed, days=3`; None where it is neither."""
    outcomes = OUTCOMES[verb]
    if not typed:
        return outcomes.usual
    if typed in outcomes.words:
        return typed
    if not outcomes.brings:
        return None
    values: dict[str, Value] = {}
    for piece in typed.split(","):
        name, equals, value = piece.partition("=")
        if not equals or not name.strip():
            return None
        values[name.strip()] = int(value) if value.strip().isdecimal() else value.strip()
    return values
