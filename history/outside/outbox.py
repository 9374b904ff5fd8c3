"""What is to be pushed, put into the recorder's own transaction: neither lost nor told of what was not committed."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from history.many import among, pieces
from history.models import Contact, Person
from history.models.deliveries import Delivery, DeliveryState

TOLD = (
    "id", "medium", "number", "withheld", "confidence", "dialled", "flow", "version", "language", "started_at", "queue",
    "entered_at", "offers", "agent", "answered_at", "waited_ms", "talk_ms", "ended_at", "outcome", "reason", "topic",
    "service", "code", "settled", "score", "scale", "case_id",
)  # fmt: skip
"""A contact's columns, as receivers get them."""

_contact, _delivery = Contact.__table__.c, Delivery.__table__.c


async def tell(connection: AsyncConnection, hooks: Sequence[str], calls: Collection[str], now: int) -> None:
    """Put those of these calls' contacts that are over into each hook's line, unless they were told so last."""
    if not hooks or not calls:
        return
    for some in pieces(calls):
        bodies = await _bodies(connection, some)
        last = await _last_told(connection, hooks, list(bodies))
        rows = [
            {"hook": hook, "call": call, "body": body, "made_at": now, "state": DeliveryState.WAITING.value,
             "attempts": 0, "next_at": now, "error": "", "ended_at": None}
            for call, body in bodies.items() for hook in hooks if last.get((hook, call)) != body
        ]  # fmt: skip
        if rows:
            await connection.execute(insert(Delivery), rows)


async def _bodies(connection: AsyncConnection, calls: Collection[str]) -> dict[str, str]:
    person = Person.__table__.c
    wanted = (
        select(*(_contact[name] for name in TOLD), person.key.label("person"))
        .outerjoin(Person.__table__, person.id == _contact.person_id)
        .where(among(_contact.id, list(calls)), _contact.ended_at.is_not(None), _contact.erased_at.is_(None))
    )
    found = (await connection.execute(wanted)).mappings()
    return {row["id"]: json.dumps({"type": "contact", "contact": dict(row)}, ensure_ascii=False) for row in found}


async def _last_told(
    connection: AsyncConnection, hooks: Sequence[str], calls: Sequence[str]
) -> dict[tuple[str, str], Any]:  # fmt: skip
    newest = (
        select(func.max(_delivery.id))
        .where(_delivery.hook.in_(hooks), among(_delivery.call, list(calls)))
        .group_by(_delivery.hook, _delivery.call)
    )
    wanted = select(_delivery.hook, _delivery.call, _delivery.body).where(_delivery.id.in_(newest))
    return {(hook, call): body for hook, call, body in await connection.execute(wanted)}
