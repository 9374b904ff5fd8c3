"""The statement of the screen-pop: each part a list of objects as JSON, all parts in one row. Every part is found by an
index and bounded, so that it takes the same time for the millionth contact."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, String, TextClause, bindparam, text

MOST_CONTACTS = 10
MOST_TODAY = 20
MOST_CASES = 20
MOST_PROMISES = 10
MOST_NOTES = 10
MOST_OTHERS = 10

_WHO = """
    phones AS (SELECT id, person_id FROM phone WHERE number = :number),
    here AS (SELECT * FROM contact WHERE id = :call),
    named AS (
        SELECT coalesce(
            (SELECT id FROM person WHERE key = :person),
            (SELECT person_id FROM here),
            (SELECT person_id FROM phones)
        ) AS id
    ),
    who AS (SELECT coalesce(p.merged_into_id, p.id) AS id FROM person AS p WHERE p.id = (SELECT id FROM named)),
    selves AS (
        SELECT id FROM who
        UNION SELECT p.id FROM person AS p WHERE p.merged_into_id = (SELECT id FROM who)
    ),
    last AS (
        SELECT c.*, 0 AS for_somebody FROM contact AS c
        WHERE c.person_id = (SELECT id FROM who) AND c.id <> :call
        ORDER BY c.started_at DESC LIMIT {contacts}
    ),
    others AS (
        SELECT c.*, 1 AS for_somebody FROM contact AS c
        WHERE c.for_person_id IN (SELECT id FROM selves) AND c.id <> :call
        ORDER BY c.started_at DESC LIMIT {contacts}
    ),
    recent AS (SELECT * FROM last UNION ALL SELECT * FROM others)
"""

PARTS: dict[str, tuple[Sequence[str], str]] = {
    "person": (
        ("person", "name", "since", "languages:json", "preferences:json"),
        "SELECT p.key AS person, p.name, p.since, p.languages, p.preferences FROM person AS p, who WHERE p.id = who.id",
    ),
    "numbers": (
        ("number",),
        "SELECT DISTINCT ph.number FROM person_phone AS pp JOIN phone AS ph ON ph.id = pp.phone_id "
        "WHERE pp.person_id IN (SELECT id FROM selves) ORDER BY ph.number LIMIT {others}",
    ),
    "others": (
        ("person", "name"),
        "SELECT DISTINCT t.key AS person, t.name FROM phones "
        "JOIN person_phone AS pp ON pp.phone_id = phones.id JOIN person AS p ON p.id = pp.person_id "
        "JOIN person AS t ON t.id = coalesce(p.merged_into_id, p.id) LIMIT {others}",
    ),
    "this": (
        (
            *("flow", "dialled", "language", "started_at", "path:json", "choices:json", "answers:json", "queue"),
            *("requirement:json", "waited_ms", "confidence", "case_id", "for_person", "relation"),
        ),
        "SELECT h.*, (SELECT key FROM person WHERE id = h.for_person_id) AS for_person FROM here AS h",
    ),
    "waiting": (
        ("queue", "since", "entered_at", "waited_ms", "offers"),
        "SELECT e.* FROM entry AS e WHERE e.call = :call ORDER BY e.entered_at DESC, e.id DESC LIMIT 1",
    ),
    "today": (
        ("id", "started_at", "queue", "outcome", "waited_ms", "agent"),
        "SELECT c.* FROM contact AS c WHERE c.id <> :call AND c.id IN ("
        "SELECT id FROM contact WHERE person_id = (SELECT id FROM who) AND started_at >= :midnight "
        "UNION SELECT id FROM contact WHERE :number <> '' AND number = :number AND started_at >= :midnight"
        ") ORDER BY c.started_at DESC, c.id LIMIT {today}",
    ),
    "contacts": (
        (
            *("id", "started_at", "queue", "agent", "topic", "outcome", "code", "settled:truth", "case_id", "number"),
            *("confidence", "for_somebody:truth"),
        ),
        "SELECT * FROM recent ORDER BY started_at DESC, id LIMIT {contacts}",
    ),
    "notes": (
        ("call", "at", "author", "text", "sealed:truth"),
        "SELECT n.* FROM note AS n WHERE n.text <> '' AND n.call IN (SELECT id FROM recent UNION SELECT :call) "
        "ORDER BY n.at DESC, n.id LIMIT {notes}",
    ),
    "cases": (
        ("id", "number", "title", "topic", "service", "status", "opened_at", "changed_at"),
        'SELECT k.* FROM "case" AS k WHERE k.person_id = (SELECT id FROM who) AND k.closed_at IS NULL '
        "ORDER BY k.opened_at DESC, k.id LIMIT {cases}",
    ),
    "promises": (
        (
            *("id", "call", "case_id", "kind", "text", "made_at", "due_from", "due_until", "tries", "outcome"),
            "ended_at",
        ),
        "SELECT r.* FROM promise AS r WHERE r.person_id = (SELECT id FROM who) "
        "ORDER BY r.made_at DESC, r.id LIMIT {promises}",
    ),
}
"""Each part of the answer: the columns shown (`:json` where JSON data, `:truth` where true or false), and whence."""


def statement(dialect: str) -> TextClause:
    """With the parameters call, number, person, midnight; gives one row with PARTS in their order."""
    limits = {
        "contacts": MOST_CONTACTS,
        "today": MOST_TODAY,
        "cases": MOST_CASES,
        "promises": MOST_PROMISES,
        "notes": MOST_NOTES,
        "others": MOST_OTHERS,
    }
    parts = ",\n".join(_part(dialect, columns, rows.format(**limits)) for columns, rows in PARTS.values())
    return text(f"WITH {_WHO.format(**limits)}\nSELECT {parts}").bindparams(
        *(bindparam(name, type_=String) for name in ("call", "number", "person")),
        bindparam("midnight", type_=BigInteger),
    )


def _part(dialect: str, columns: Sequence[str], rows: str) -> str:
    """A list of objects, in the order of the rows."""
    build, gather = ("json_object", "json_group_array") if dialect == "sqlite" else ("json_build_object", "json_agg")
    pairs = ", ".join(
        f"'{name}', {_value(dialect, name, kind)}" for name, _, kind in (c.partition(":") for c in columns)
    )
    return f"(SELECT {gather}({build}({pairs})) FROM ({rows}) AS t)"  # noqa: S608 — our own words


def _value(dialect: str, name: str, kind: str) -> str:
    if dialect == "sqlite" and kind == "json":
        return f"json(t.{name})"
    if dialect == "sqlite" and kind == "truth":
        return f"CASE WHEN t.{name} IS NOT NULL THEN json(CASE WHEN t.{name} THEN 'true' ELSE 'false' END) END"
    if kind == "truth":
        return f"CAST(CAST(t.{name} AS INTEGER) AS BOOLEAN)"
    return f"t.{name}"
