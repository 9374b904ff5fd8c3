"""What a database says of values that it will never take."""

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from history.database import first_line, is_away, make_engine, refuses_the_data
from history.models import Offer, Poison


async def test_a_text_too_long_for_postgresql_is_not_tried_for_ever(engine: AsyncEngine):
    if engine.dialect.name == "sqlite":
        return  # it takes a text of any length
    row = {"id": "x" * 81, "call": "c", "entry": "e", "queue": "q", "agent": "a", "at": 1}
    with pytest.raises(SQLAlchemyError) as raised:
        async with engine.begin() as connection:
            await connection.execute(insert(Offer), [row])
    assert refuses_the_data(raised.value)


async def test_a_row_twice_is_refused_and_a_missing_table_is_not(engine: AsyncEngine):
    row = {"id": "1", "raw": "", "error": ""}
    with pytest.raises(SQLAlchemyError) as raised:
        async with engine.begin() as connection:
            await connection.execute(insert(Poison), [row])
            await connection.execute(insert(Poison), [row])
    assert refuses_the_data(raised.value)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE poison")
    with pytest.raises(SQLAlchemyError) as away:
        async with engine.begin() as connection:
            await connection.execute(insert(Poison), [row])
    assert not refuses_the_data(away.value)
    assert not is_away(raised.value)


async def test_a_database_that_lets_nobody_in_is_away_like_any_other(postgresql_url: str):
    nobodys = make_engine(make_url(postgresql_url).set(database="nobodys").render_as_string(hide_password=False))
    with pytest.raises(SQLAlchemyError) as raised:
        async with nobodys.connect():
            pass
    assert is_away(raised.value)
    assert first_line(raised.value) == 'database "nobodys" does not exist'
    await nobodys.dispose()
