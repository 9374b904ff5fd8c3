"""`guichet publish`: the files that were edited become the live version, if nothing is wrong with them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from time import monotonic

import click

from app.caret import Sources
from app.check import fault_data
from app.cli import with_state
from app.house import settings_of
from app.install.display import Display
from app.played_town import own_answer
from app.scenarios import read_scenarios
from app.settings import Settings, load
from app.town import Town, load_town
from app.versioning import reach, somebody, tidy
from core.clock import wall_clock
from core.files import Fault, Faults, shown
from core.ids import random_id
from history.roster import TOPIC
from ivr.rehearsal import rehearse
from ivr.rules import advice_on
from ivr.scenario import load_scenarios
from versions.disk import contents_of
from versions.publish import Published, Publisher, Step
from versions.record import Move

REVIEW = "review-passed"
"""The one piece of advice that keeps a town from being published."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of publishing. Without `published`, callers are served as before: for `faults`, or because the files
    are those of the live version already. `took_s`: seconds of all of it."""

    version: str
    live: str
    faults: Sequence[Fault] = ()
    published: Published | None = None
    took_s: float = 0.0


def faults_of(town: Town, today: str) -> list[Fault]:
    """Everything that keeps a town from being published: faults, scenarios that go another way, answers whose review
    date has passed."""
    if town.faults:
        return list(town.faults)
    faults = Faults()
    scenarios = load_scenarios(read_scenarios(town.folder, faults), town.flows, faults)
    played = [rehearse(each, own_answer(town)) for each in scenarios]
    faults.found += [each.divergence for each in played if each.divergence]
    faults.found += [each for each in advice_on(replace(town.flows.town, today=today)) if each.rule == REVIEW]
    return sorted(faults.found)


async def publish(settings: Settings, folder: Path, who: str, note: str, step: Step) -> Outcome:
    """Publish the town in a folder to the house that runs on these settings. GuichetError where the house cannot take
    it."""
    began = monotonic()
    async with reach(settings) as house:
        live = await house.shelf.live()
        step("Checking", 0, 0)
        town = await asyncio.to_thread(load_town, folder)
        faults = await asyncio.to_thread(faults_of, town, date.today().isoformat())  # noqa: DTZ011 — the admin's day
        if faults or town.version == live:
            return Outcome(town.version, live, faults)
        move = Move(random_id(), town.version, wall_clock(), who, note, before=live)
        contents = contents_of(town.files, town.folder, town.content)
        publisher = Publisher(house.shelf, house.store, random_id, step)
        published = await publisher.publish(town.content, contents, move)
        await house.store.nudge(TOPIC)  # the numbers that agents may dial are written for Asterisk again
        return Outcome(town.version, town.version, (), published, monotonic() - began)


@click.command("publish")
@click.option("-m", "--note", default="", metavar="TEXT", help="What changed, for those who read ./guichet versions.")
@click.option("--author", "who", default=None, metavar="NAME", help="Who publishes; you, where nothing is said.")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@with_state
@click.pass_context
def command(
    context: click.Context, note: str, who: str | None, callflows: Path | None, as_json: bool, state: Path | None
) -> None:
    """Put the town's files live: flows, queues, answers, directory, hours and sound files together.

    Nothing may be wrong with them: `check` finds no fault, every scenario passes, no answer is past its review date.
    Every engine gets the new version ready first, prompts rendered; then all switch at once. Calls under way end on the
    version that they began with. Where anything is wrong, nothing changes for callers: exit status 1."""
    settings = settings_of(load(state=state))
    folder = (callflows or settings.callflows).resolve()
    display = Display()
    outcome = asyncio.run(publish(settings, folder, somebody(who), tidy(note), display.step))
    display.clear()
    if as_json:
        click.echo(json.dumps(_data(outcome), ensure_ascii=False))
    else:
        _tell(outcome, folder)
    context.exit(1 if outcome.faults else 0)


def _tell(outcome: Outcome, folder: Path) -> None:
    if outcome.faults:
        sources = Sources()
        for fault in outcome.faults:
            click.echo(f"{fault}{sources.pointing_at(fault.place)}")
        count = len(outcome.faults)
        calls = f"calls go on with the version {outcome.live}" if outcome.live else "no version is live"
        click.echo(f"Not published: {count} {'fault' if count == 1 else 'faults'}; {calls}.", err=True)
    elif outcome.published is None:
        click.echo(
            f"The files in {shown(folder)} are those of the live version, {outcome.version}: nothing to publish."
        )
    else:
        click.echo(told(outcome.published))


def told(published: Published) -> str:
    """In a sentence or two."""
    nodes = len(published.nodes)
    how = f"{nodes} {'node' if nodes == 1 else 'nodes'} switched in {published.switch_s:.2f} s" if nodes else (
        "no engine runs; the first to start serves it"
    )  # fmt: skip
    late = f" These had not switched yet: {', '.join(published.late)}." if published.late else ""
    before = f" instead of {published.move.before}" if published.move.before else ""
    return f"Version {published.move.version} is live{before}: {how}.{late}"


def _data(outcome: Outcome) -> dict[str, object]:
    published = outcome.published
    return {
        "version": outcome.version,
        "live": outcome.live,
        "published": published is not None,
        "before": published.move.before if published else None,
        "nodes": list(published.nodes) if published else [],
        "late": list(published.late) if published else [],
        "publish_s": round(outcome.took_s, 3),
        "switch_s": round(published.switch_s, 3) if published else None,
        "faults": [fault_data(fault) for fault in outcome.faults],
    }
