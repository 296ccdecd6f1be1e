"""Checks that the output is SQL, or contains it, of a dialect and of allowed tables and columns.

Semantics are promptfoo 0.123.1's (`src/assertions/sql.ts`, MIT), which parses with node-sql-parser;
here sqlglot parses, and what it passes over (a word that is no statement) is refused.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import JsonValue

from services.assertions.js_patterns import search
from services.assertions.observation import Observation, Unable, js_text, listed
from use_cases.kernel.targets import TargetOutput
from use_cases.kernel.text.plain_text import whole
from use_cases.playground.model import Assertion

if TYPE_CHECKING:
    from sqlglot import exp

_LONGEST = 100_000
_DIALECTS = {
    "athena": "athena",
    "bigquery": "bigquery",
    "db2": "",
    "flinksql": "",
    "hive": "hive",
    "mariadb": "mysql",
    "mysql": "mysql",
    "noql": "postgres",
    "postgresql": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "sqlite": "sqlite",
    "transactsql": "tsql",
    "trino": "trino",
}
_MODIFIER = "(?:all|distinct)"
_MYSQL_MODIFIER = (
    "(?:all|distinct(?:row)?|high_priority|straight_join"
    "|sql_(?:big_result|buffer_result|cache|calc_found_rows|no_cache|small_result))"
)
_IGNORED = re.compile(
    r"(?P<text>'(?:\\.|''|[^'\\])*+'?|\"(?:\\.|\"\"|[^\"\\])*+\"?|`(?:\\.|``|[^`\\])*+`?"
    r"|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))|--[^\r\n]*|\#[^\r\n]*|/\*.*?(?:\*/|\Z)",
    re.DOTALL,
)
_RESERVED = frozenset(
    """and as between by case create delete distinct drop else end exists from group having in insert
    into is join like limit not null on or order select set table then union update values when where
    """.split()  # noqa: SIM905  (a list would take a line for each)
)
_UNPARSED = frozenset(("CALL", "EXPLAIN", "GRANT", "SHOW"))
"""Statements of which sqlglot reads the first word alone."""

_REPLACE = re.compile(r"(?i)\A\s*replace\s+into\b")
_DANGLING = re.compile(r"(?i),\s*(?:\)|from\b|where\b|;|\Z)|\bin\s*\(\s*\)")
_FENCED = re.compile(
    r"^[ \t]{0,3}(?P<fence>(?P<sign>[`~])(?P=sign){2,}+)(?P<language>.*)\n(?P<body>(?:.*\n)*?)"
    r"(?:(?P<closed>[ \t]{0,3}(?P=fence)(?P=sign)*+[ \t]*$)|\Z)",
    re.MULTILINE,
)
_LINES = re.compile(r"\r\n?|\n")


def is_sql(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that the whole text is SQL of the dialect, with the allowed tables and columns alone."""
    dialect, tables, columns = _rules(assertion)
    fault = _fault(output.text, dialect, tables, columns)
    return Observation(fault is None, f"be SQL for {dialect}", fault or "")


def contains_sql(assertion: Assertion, output: TargetOutput) -> Observation:
    """Checks that a fenced block (without a language, or sql) is such SQL; without a block, the whole
    text.
    """
    dialect, tables, columns = _rules(assertion)
    blocks = list(_blocks(output.text)) or [output.text]
    fault: str | None = "It contains none."
    for block in blocks:
        if block.strip():
            fault = _fault(block, dialect, tables, columns)
            if fault is None:
                break
    return Observation(fault is None, f"contain SQL for {dialect}", fault or "")


def _rules(assertion: Assertion) -> tuple[str, list[str] | None, list[str] | None]:
    match assertion.value or {}:
        case dict() as value:
            dialect = js_text(value.get("databaseType") or "MySQL")
            if dialect.lower() not in _DIALECTS:
                raise Unable(f"The dialect {dialect[:40]} is unknown.")
            return (
                dialect,
                _allowed(value.get("allowedTables")),
                _allowed(value.get("allowedColumns")),
            )
        case _:
            raise Unable("Its value must be an object with databaseType, allowedTables or so.")


def _allowed(value: JsonValue) -> list[str] | None:
    if value is not None and not isinstance(value, list):
        raise Unable("Its allowedTables and allowedColumns must be lists.")
    return None if value is None else [js_text(one) for one in value]


def _fault(
    text: str, dialect: str, tables: list[str] | None, columns: list[str] | None
) -> str | None:
    if len(text) > _LONGEST:
        raise Unable(
            f"The text is longer than {_LONGEST} characters, too long to be parsed as SQL."
        )
    known = _looks_wrong(text.strip(), dialect)
    statements = None if known else _parsed(whole(text), _DIALECTS[dialect.lower()])
    if not statements:
        return f"It is no valid SQL for {dialect}."
    used = [use for one in statements for use in _tables(one)]
    if tables and (strange := _beyond(used, tables)):
        return f"It uses tables that are not allowed: {listed(strange)}."
    if columns:
        # An allowed column of a table may be written without its table.
        also = [re.sub("::.*?(?:::|$)", "::null::", name, count=1) for name in columns]
        used = [use for one in statements for use in _columns(one)]
        if strange := _beyond(used, [*columns, *also]):
            return f"It uses columns that are not allowed: {listed(strange)}."
    return None


def _looks_wrong(text: str, dialect: str) -> bool:
    mysql = dialect.lower() in ("mysql", "mariadb")
    modifier = _MYSQL_MODIFIER if mysql else _MODIFIER
    plain = _IGNORED.sub(lambda part: " ? " if part["text"] else " ", text)
    return (
        not text
        or text.count("`") % 2 == 1
        or _two_columns(modifier).search(plain) is not None
        or _DANGLING.search(plain) is not None
        or ("==" in plain and dialect.lower() != "sqlite")
        or (not mysql and re.search(r"(?i)\block\s+in\s+share\s+mode\b", plain) is not None)
        or (dialect == "MySQL" and re.search(r"(?i)\bgenerate_series\s*\(", text) is not None)
    )


@lru_cache(maxsize=2)
def _two_columns(modifier: str) -> re.Pattern[str]:
    """Builds the pattern of two columns without a comma, which SQL would read as an alias."""
    name = "[A-Za-z_][A-Za-z0-9_]*+"
    return re.compile(
        rf"\bselect\s++(?:{modifier}\s++)*(?!{modifier}\b){name}\s++{name}\s++from\b",
        re.IGNORECASE | re.ASCII,
    )


def _parsed(text: str, dialect: str) -> "list[exp.Expr] | None":
    import sqlglot
    from sqlglot import errors

    # It would log each statement that it does not parse.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        found = sqlglot.parse(_REPLACE.sub("INSERT INTO", text), dialect=dialect or None)
    except (errors.SqlglotError, RecursionError):
        return None
    statements = [one for one in found if one is not None]
    return None if any(_is_wrong(one, dialect) for one in statements) else statements


def _is_wrong(statement: "exp.Expr", dialect: str) -> bool:
    """Returns whether sqlglot passed over what no database does."""
    from sqlglot import exp

    kinds = (
        exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Use, exp.Set, exp.Show, exp.Describe,
        exp.TruncateTable, exp.Transaction, exp.Commit, exp.Rollback,
    )  # fmt: skip
    if not isinstance(statement, kinds):
        return not (isinstance(statement, exp.Command) and statement.name.upper() in _UNPARSED)
    if isinstance(statement, exp.Create) and statement.kind == "TABLE" and dialect != "sqlite":
        columns = statement.this.expressions if isinstance(statement.this, exp.Schema) else []
        if not statement.expression and not any(isinstance(one, exp.ColumnDef) for one in columns):
            return True
        if any(isinstance(one, exp.Identifier) for one in columns):
            return True
    if isinstance(statement, exp.Delete) and dialect != "tsql" and not statement.this:
        return True
    return any(_is_wrong_part(part, dialect) for part in statement.walk())


def _is_wrong_part(part: "exp.Expr", dialect: str) -> bool:
    from sqlglot import exp

    faults: dict[type[exp.Expr], bool] = {
        exp.Identifier: not part.args.get("quoted") and part.name.lower() in _RESERVED,
        exp.Select: not part.expressions,
        exp.Insert: not isinstance(part.this, exp.Schema | exp.Table),
        exp.Alias: isinstance(part.this, exp.Star),
        exp.Lock: dialect not in ("mysql", "postgres"),
        exp.ILike: dialect in ("mysql", "sqlite", "tsql"),
        exp.Array: dialect in ("mysql", "sqlite", "tsql"),
        exp.Fetch: dialect in ("mysql", "sqlite"),
        exp.Merge: dialect in ("mysql", "sqlite"),
        exp.OnConflict: bool(part.args.get("duplicate")) is not (dialect == "mysql"),
    }
    return faults.get(type(part), False)


def _tables(statement: "exp.Expr") -> Iterator[str]:
    """Lists the tables that are read and written, named as node-sql-parser names them."""
    from sqlglot import exp

    own = {common.alias_or_name for common in statement.find_all(exp.CTE)}
    written = {id(table) for table in _written(statement)}
    for table in statement.find_all(exp.Table):
        kind = statement.key.removesuffix("table") if id(table) in written else "select"
        if table.name not in own and not (kind == "create" and statement.args["kind"] == "VIEW"):
            yield f"{kind}::{table.db or 'null'}::{table.name}"


def _columns(statement: "exp.Expr") -> Iterator[str]:
    """Lists the columns that are read and written, named as node-sql-parser names them."""
    from sqlglot import exp

    aliases = {table.alias: table.name for table in statement.find_all(exp.Table) if table.alias}
    target = next((table.name for table in _written(statement)), "null")
    changed = set[int]()
    if isinstance(statement, exp.Insert):
        names = statement.this.expressions if isinstance(statement.this, exp.Schema) else ()
        yield from [f"insert::{target}::{name.name}" for name in names] or [
            f"insert::{target}::(.*)"
        ]
    elif isinstance(statement, exp.Update):
        changed = {id(change.this) for change in statement.expressions}
        yield from (f"update::null::{change.this.name}" for change in statement.expressions)
    elif isinstance(statement, exp.Delete):
        yield f"delete::{target}::(.*)"
    for definition in statement.find_all(exp.ColumnDef):
        yield f"{statement.key}::null::{definition.name}"
    for star in statement.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count | exp.Column):
            yield "select::null::(.*)"
    for column in statement.find_all(exp.Column):
        name = "(.*)" if isinstance(column.this, exp.Star) else column.name
        if id(column) not in changed:
            yield f"select::{aliases.get(column.table, column.table) or 'null'}::{name}"


def _written(statement: "exp.Expr") -> "list[exp.Table]":
    """Returns the tables that a statement writes to."""
    from sqlglot import exp

    if isinstance(statement, exp.Query):
        return []
    place = statement.this.this if isinstance(statement.this, exp.Schema) else statement.this
    others = [*(statement.args.get("tables") or ()), *statement.expressions]
    return [table for table in (place, *others) if isinstance(table, exp.Table)]


def _beyond(used: Iterable[str], allowed: list[str]) -> list[str]:
    """Returns what is used and not allowed; an allowed name is a pattern for the whole, as there."""
    patterns = [f"^(?:{one})$" for one in allowed]
    return [use for use in dict.fromkeys(used) if not any(search(p, use, "i") for p in patterns)]


def _blocks(text: str) -> Iterator[str]:
    for block in _FENCED.finditer(_LINES.sub("\n", text) + "\n"):
        if block["closed"] and block["language"].strip().lower() in ("", "sql"):
            yield block["body"].strip()
