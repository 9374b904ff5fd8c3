"""Whether what somebody names is there."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from history.models import Case, Person, Promise


async def cases_numbered(engine: AsyncEngine, number: str) -> list[str]:
    """The ids of the cases with that number (ten digits): one, or very rarely two."""
    async with engine.connect() as connection:
        return list(await connection.scalars(select(Case.id).where(Case.number == number).limit(2)))


async def has_case(engine: AsyncEngine, case: str) -> bool:
    async with engine.connect() as connection:
        return await connection.scalar(select(Case.id).where(Case.id == case)) is not None


async def has_person(engine: AsyncEngine, key: str) -> bool:
    async with engine.connect() as connection:
        return await connection.scalar(select(Person.id).where(Person.key == key)) is not None


async def has_promise(engine: AsyncEngine, promise: str) -> bool:
    async with engine.connect() as connection:
        return await connection.scalar(select(Promise.id).where(Promise.id == promise)) is not None
