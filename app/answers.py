"""`guichet answers`: the town's answers, and how well each helps."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli import with_state
from app.commands import with_database
from app.house import settings_of
from app.settings import load
from app.town import load_town
from core.clock import wall_clock
from core.errors import GuichetError
from history.answers import Helpfulness, helpfulness
from ivr.material.answer import AnswerFile
from ivr.material.fields import in_language

DAY_MS = 86_400_000
WIDEST = 140


def listed(answers: dict[str, AnswerFile], helped: list[Helpfulness], today: str) -> list[dict[str, Any]]:
    """Each answer of the town with what callers said of it; those that are heard and gone from the town at the end."""
    by_name = {each.answer: each for each in helped}
    names = [*sorted(answers), *(each.answer for each in helped if each.answer not in answers)]
    rows = []
    for name in names:
        answer, told = answers.get(name), by_name.get(name, Helpfulness(name, 0, 0, 0))
        rows.append(
            {
                "answer": name,
                "code": answer.code if answer else None,
                "question": in_language(answer.question, "")[0] if answer else None,
                "owner": answer.owner if answer else None,
                "review": answer.review if answer else None,
                "review_passed": bool(answer and answer.review < today),
                "heard": told.heard,
                "solved": told.solved,
                "unsolved": told.unsolved,
                "share": None if told.share is None else round(told.share, 4),
            }
        )
    return rows


@click.command("answers")
@click.option("--days", default=30, type=click.IntRange(1, 3_660), metavar="N", help="Of the calls of the last N days.")
@click.option("--callflows", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another town.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout, and nothing else.")
@with_state
def command(days: int, callflows: Path | None, as_json: bool, state: Path | None) -> None:
    """List the town's answers: code, owner, until when each is true, how often it was heard, and how many of the
    callers who said so it helped."""
    settings = settings_of(load(state=state))
    until = wall_clock() + 1
    try:
        helped = asyncio.run(with_database(settings, lambda engine: helpfulness(engine, until - days * DAY_MS, until)))
    except GuichetError as error:
        click.echo(f"{error} Nothing is known yet of who heard which answer.", err=True)
        helped = []
    answers = dict(load_town(callflows or settings.callflows).answers)
    rows = listed(answers, helped, date.today().isoformat())  # noqa: DTZ011 — the admin's day
    if as_json:
        click.echo(json.dumps({"days": days, "answers": rows}, ensure_ascii=False))
        return
    table = Table("answer", "code", "question", "owner", "review", "heard", "helped")
    for row in rows:
        review = f"[red]{row['review']}[/]" if row["review_passed"] else row["review"] or ""
        share = "" if row["share"] is None else f"{row['share']:.0%}"
        table.add_row(row["answer"], row["code"] or "", escape(row["question"] or "not in the town any more"),
                      escape(row["owner"] or ""), review, str(row["heard"] or ""), share)  # fmt: skip
    console = Console()
    console.print(table, width=min(console.width, WIDEST))
