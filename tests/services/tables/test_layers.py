"""Each guard is needed: without it, something gets through that it stops."""

from pathlib import Path
from typing import cast

import apsw
import pytest

from services.tables.authorizer import QueryAuthorizer
from services.tables.catalogue import read_catalogue
from services.tables.driver import Driver, Row
from services.tables.functions import ALLOWED_FUNCTIONS
from services.tables.query_limits import MAX_VALUE_BYTES, limit_sqlite
from services.tables.structured_data import open_guarded
from tests.services.tables.databases import SECRET


def test_the_connection_alone_refuses_to_write(database: Path) -> None:
    driver = open_guarded(database)

    with pytest.raises(apsw.ReadOnlyError):
        driver.execute("DELETE FROM kpi_catalog")
    driver.close()


def test_the_connection_alone_lets_secrets_be_read_and_the_permit_does_not(database: Path) -> None:
    driver = open_guarded(database)
    assert driver.execute("SELECT token FROM secrets").fetchall() == [(SECRET,)]

    driver.authorizer = QueryAuthorizer(read_catalogue(driver))
    with pytest.raises(apsw.AuthError):
        driver.execute("SELECT token FROM secrets")
    driver.close()


def test_the_permit_alone_lets_values_grow_and_the_limits_do_not(database: Path) -> None:
    driver = open_guarded(database)
    driver.authorizer = QueryAuthorizer(read_catalogue(driver))
    grow = "SELECT length(group_concat(label)) FROM (SELECT a.label FROM numbers a, numbers b LIMIT 50000)"
    (length,) = driver.execute(grow).fetchall()[0]
    assert isinstance(length, int)
    assert length > MAX_VALUE_BYTES

    with limit_sqlite(driver), pytest.raises(apsw.TooBigError):
        driver.execute(grow)
    driver.close()


def test_the_limits_are_given_back(database: Path) -> None:
    driver = open_guarded(database)
    before = driver.limit(apsw.SQLITE_LIMIT_LENGTH, -1)

    with limit_sqlite(driver):
        assert driver.limit(apsw.SQLITE_LIMIT_LENGTH, -1) == MAX_VALUE_BYTES

    assert driver.limit(apsw.SQLITE_LIMIT_LENGTH, -1) == before
    driver.close()


def test_permit_and_limits_alone_let_a_join_run_on(database: Path) -> None:
    driver = open_guarded(database)
    driver.authorizer = QueryAuthorizer(read_catalogue(driver))

    with limit_sqlite(driver):
        counted = driver.execute("SELECT count(*) FROM numbers a, numbers b").fetchall()

    assert counted == [(9_000_000,)]  # the deadline would have ended a longer one
    driver.close()


def test_a_mistyped_column_in_double_quotes_is_an_error_and_not_a_text(database: Path) -> None:
    driver = open_guarded(database)

    with pytest.raises(apsw.SQLError, match="no such column"):
        driver.execute('SELECT "nmae" FROM directory')
    driver.close()


@pytest.mark.parametrize(
    "dangerous",
    [
        "printf", "format", "zeroblob", "randomblob", "hex", "quote", "load_extension", "readfile",
        "fts3_tokenizer", "sqlite_log", "json_each", "json_group_array", "snippet", "unistr",
    ],
)  # fmt: skip
def test_no_dangerous_function_is_allowed(dangerous: str) -> None:
    assert dangerous not in ALLOWED_FUNCTIONS


def test_every_allowed_function_exists(database: Path) -> None:
    driver = open_guarded(database)
    known = {name for (name,) in driver.execute("SELECT name FROM pragma_function_list").fetchall()}

    assert sorted(ALLOWED_FUNCTIONS - known) == []
    driver.close()


CASES = [
    ("instr('héllo', 'l')", 3),
    ("instr('abc', '')", 1),
    ("instr('abc', 'x')", 0),
    ("instr(NULL, 'x')", None),
    ("instr(12.5, '.')", 3),
    ("instr(1.0, '.')", 2),
    ("instr(-20, '2')", 2),
    ("replace('aXbX', 'X', '--')", "a--b--"),
    ("replace('abc', '', 'x')", "abc"),
    ("replace('abc', 'b', '')", "ac"),
    ("replace('abc', NULL, 'x')", None),
    ("replace(12.5, '.', ',')", "12,5"),
    ("replace(100.0, '0', 'o')", "1oo.o"),
    ("replace(0.1 + 0.2, '.', ',')", "0,30000000000000004"),
    ("replace(1e20, 'e', 'E')", "1.0E+20"),
    ("replace(x'6162', 'b', 'c')", "ac"),
    ("trim('  a b  ')", "a b"),
    ("trim(char(9) || 'a')", "\ta"),
    ("trim('xyaxy', 'xy')", "a"),
    ("trim('abc', '')", "abc"),
    ("ltrim('001', '0')", "1"),
    ("rtrim('1.500', '0')", "1.5"),
    ("trim(NULL)", None),
    ("trim(5)", "5"),
]


@pytest.mark.parametrize(("expression", "expected"), CASES)
def test_our_functions_answer_as_those_of_sqlite(
    expression: str, expected: object, database: Path
) -> None:
    driver = open_guarded(database)

    assert driver.execute(f"SELECT {expression}").fetchall() == [(expected,)]
    assert sqlite(f"SELECT {expression}") == [(expected,)]
    driver.close()


def sqlite(sql: str) -> list[Row]:
    """What SQLite says without any guard."""
    return cast("Driver", apsw.Connection(":memory:")).execute(sql).fetchall()
