"""Statements for many rows on a real SQLite file; PostgreSQL runs them in the contract of jobs."""

from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text, bindparam, insert, select, update

from services.store.column_types import ExactDecimal, StoredText
from services.store.engine.engines import sqlite_migrator
from services.store.rows import BatchStatement

THINGS = Table(
    "things",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("note", StoredText),
    Column("cost", ExactDecimal),
    Column("kind", StoredText),
)
ADD = BatchStatement(insert(THINGS), ("name", "note", "cost"))
PRICE = BatchStatement(
    update(THINGS)
    .where(THINGS.c.name == bindparam("of_name"))
    .values(cost=bindparam("to_cost", type_=ExactDecimal), kind="priced"),
    ("of_name",),
)


@pytest.fixture
def connection(tmp_path: Path):
    engine = sqlite_migrator(tmp_path / "things.sqlite", busy_timeout=1)
    with engine.begin() as connection:
        THINGS.create(connection)
        yield connection
    engine.dispose()


def stored(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(select(THINGS).order_by(THINGS.c.name))]


def test_values_are_converted_as_by_sqlalchemy(connection: Connection) -> None:
    rows = [("a", "nul \0", Decimal("0.10")), ("b", None, None)]
    ADD.run(connection, rows, {"kind": "half \ud800"})
    assert stored(connection) == [
        ("a", "nul \ufffd", Decimal("0.10"), "half \ufffd"),
        ("b", None, None, "half \ufffd"),
    ]


def test_constants_of_the_statement_stay(connection: Connection) -> None:
    ADD.run(connection, [("a", "", None), ("b", "", None), ("c", "", None)], {"kind": "new"})
    PRICE.run(connection, [("a",), ("c",)], {"to_cost": Decimal("1.5")})
    PRICE.run(connection, [], {"to_cost": Decimal(9)})
    assert [(name, cost, kind) for name, _, cost, kind in stored(connection)] == [
        ("a", Decimal("1.5"), "priced"),
        ("b", None, "new"),
        ("c", Decimal("1.5"), "priced"),
    ]


def test_a_number_that_is_not_finite_is_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="finite"):
        ADD.run(connection, [("a", "", Decimal("NaN"))], {"kind": ""})
