"""The errors of failed queries: the fault, and the name that was probably meant.

A model reads them and tries again, so each names the nearest table or column, or all of them where
none is near. They derive from SQLite's own messages and contain no other data.
"""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import apsw

from services.tables.catalogue import Catalogue
from services.tables.functions import ALLOWED_FUNCTIONS
from use_cases.kernel.errors import CandorError, QueryFailed, QueryRefused, QueryTooExpensive
from use_cases.kernel.model import Table

_TOO_MUCH = re.compile(
    r"too (many|large|complex|big|long)|[Rr]ecursion limit|nested too deep|stack overflow|out of memory"
)
_SYNTAX = re.compile(r'near "(.*)": syntax error', re.DOTALL)
_MISSING = re.compile(r"no such (table|column|function): (.*)", re.DOTALL)
_MOST_COLUMNS = 60


def refusal_error(reason: str, catalogue: Catalogue) -> QueryRefused:
    """Returns the error for a refusal of the authorizer."""
    return QueryRefused(reason, hint=_tables_hint(catalogue.tables))


def sqlite_error(error: apsw.Error, sql: str, catalogue: Catalogue) -> CandorError:
    """Returns the error for a statement that SQLite could not compile or run."""
    message = str(error)
    if isinstance(error, apsw.TooBigError | apsw.NoMemError) or _TOO_MUCH.search(message):
        if "SQL variables" in message:
            return QueryFailed("Parameters are not supported; write the values into the statement.")
        return QueryTooExpensive(f"The statement exceeds a limit: {message}.")
    if match := _MISSING.search(message):
        return _missing_name_error(match[1], match[2], sql, catalogue)
    if match := _SYNTAX.search(message):
        return QueryFailed(f"Syntax error near {match[1]!r}.")
    return QueryFailed(f"{message[:1].upper()}{message[1:]}.", hint=_tables_hint(catalogue.tables))


def _missing_name_error(kind: str, named: str, sql: str, catalogue: Catalogue) -> QueryFailed:
    name, _, advice = named.partition(" - ")
    wanted = name.strip('"').rpartition(".")[2].strip('"')
    if kind == "function":
        return QueryFailed(
            f"Unknown function {wanted!r}.{_suggestion(wanted, ALLOWED_FUNCTIONS)}",
            hint="Use SQLite's aggregate, text, date, mathematical and window functions.",
        )
    if kind == "table":
        names = [table.name for table in catalogue.tables]
        return QueryFailed(
            f"Unknown table {wanted!r}.{_suggestion(wanted, names)}",
            hint=_tables_hint(catalogue.tables),
        )
    mentioned = _mentioned_tables(sql, catalogue.tables)
    quotes = " Put text in single quotes." if advice else ""
    return QueryFailed(
        f"Unknown column {wanted!r}.{_column_suggestion(wanted, mentioned)}{quotes}",
        hint=_columns_hint(mentioned),
    )


def _column_suggestion(wanted: str, tables: Sequence[Table]) -> str:
    for table in tables:
        for column in table.columns:
            if column.original.lower() == wanted.lower():
                return f" Did you mean {column.name!r}?"
    return _suggestion(wanted, (column.name for table in tables for column in table.columns))


def _suggestion(wanted: str, names: Iterable[str]) -> str:
    near = get_close_matches(wanted.lower(), list(names), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _mentioned_tables(sql: str, tables: Sequence[Table]) -> Sequence[Table]:
    words = set(re.findall(r"\w+", sql.lower()))
    return [table for table in tables if table.name.lower() in words] or tables


def _tables_hint(tables: Sequence[Table]) -> str:
    if not tables:
        return "No table is loaded: ingest a CSV, TSV or XLSX file first."
    return f"The loaded tables are: {', '.join(table.name for table in tables)}."


def _columns_hint(tables: Sequence[Table]) -> str:
    return " ".join(
        f"Columns of {table.name}: "
        f"{', '.join(column.name for column in table.columns[:_MOST_COLUMNS])}."
        for table in tables[:5]
    )
