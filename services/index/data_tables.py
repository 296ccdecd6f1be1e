"""Loaded data tables: a real SQL table for each `TableData`, and its entry in `loaded_tables`.

They are created and dropped in the transaction that writes their document. A table keeps the name
from its reader; a name of another document's table, or of one of Candor's own, gets a suffix that
depends on the document alone, so that rebuilds in the same order give the same names.
Leaves to others: guarded queries over the tables.
"""

import hashlib
from collections.abc import Sequence

from services.index.connection import Connection
from services.index.records import columns_json
from use_cases.kernel.model import ColumnType, Scalar
from use_cases.kernel.text.plain_text import storable
from use_cases.knowledge.model import TableData

_SQL_TYPES = {
    ColumnType.TEXT: "TEXT",
    ColumnType.INTEGER: "INTEGER",
    ColumnType.REAL: "REAL",
    ColumnType.DATE: "TEXT",
    ColumnType.BOOLEAN: "INTEGER",
}
_RESERVED = ("candor_", "sqlite_", "loaded_tables", "pragma_", "fts5", "vec0", "json_", "temp")
_INT64 = 1 << 63


def write(connection: Connection, document_id: str, tables: Sequence[TableData]) -> None:
    """Creates and fills the tables of one document, which has none yet."""
    for table in tables:
        name = _free_name(connection, table.name, document_id)
        columns = ", ".join(
            f"{_identifier(column.name)} {_SQL_TYPES[column.type]}" for column in table.columns
        )
        connection.execute(f"CREATE TABLE {_identifier(name)} ({columns})")
        places = ", ".join("?" * len(table.columns))
        connection.execute_many(
            f"INSERT INTO {_identifier(name)} VALUES ({places})",  # noqa: S608  (quoted identifier)
            ([_cell(cell) for cell in row] for row in table.rows),
        )
        connection.execute(
            "INSERT INTO loaded_tables VALUES (?, ?, ?, ?, ?, ?)",
            (
                name,
                storable(table.title),
                storable(table.description),
                document_id,
                columns_json(table.columns),
                len(table.rows),
            ),
        )


def drop(connection: Connection, number: int) -> None:
    """Drops the tables of one document and their entries."""
    of_document = "document_id = (SELECT document_id FROM candor_documents WHERE number = ?)"
    names = connection.rows(
        f"SELECT name FROM loaded_tables WHERE {of_document}",  # noqa: S608  (constant text)
        (number,),
    )
    for (name,) in names:
        connection.execute(f"DROP TABLE {_identifier(str(name))}")
    connection.execute(f"DELETE FROM loaded_tables WHERE {of_document}", (number,))  # noqa: S608


def _free_name(connection: Connection, wanted: str, document_id: str) -> str:
    name = storable(wanted)
    if name.lower().startswith(_RESERVED):
        name = f"t_{name}"
    digest = hashlib.sha256(document_id.encode()).hexdigest()
    suffixed = (f"{name}_{digest[:length]}" for length in (6, 12, 64))
    return next(free for free in (name, *suffixed) if not _is_taken(connection, free))


def _is_taken(connection: Connection, name: str) -> bool:
    found = connection.value(
        "SELECT count(*) FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (name,)
    )
    return found != 0


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return float(
            value
        )  # SQLite's integers have 64 bits; the nearest number beats a failed file
    return value
